//! What a server can do wrong, by accident or on purpose.

use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use super::endless;
use super::http::{Body, Request, Response, drip};
use super::server::Stop;

/// What a server does wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misbehaviour {
    /// Says that there were too many requests, and when to come again: in a second.
    RateLimit,
    /// As [`Misbehaviour::RateLimit`], but to come again in so many seconds.
    RateLimitFor(u64),
    /// Answers with this status.
    Status(u16),
    /// Redirects with this status to the same path below another origin.
    Redirect(u16, String),
    /// The next page of a list is said to be below this origin.
    NextPageAt(String),
    /// Repositories are said to be below this origin.
    CloneUrlsAt(String),
    /// After the last page of a list comes another one, forever.
    EndlessPages,
    /// A JSON array that never ends.
    EndlessJson,
    /// What is no JSON.
    InvalidJson,
    /// The headers come a byte at a time, and never end.
    SlowHeaders,
    /// The body comes a byte at a time, and never ends.
    SlowBody,
    /// git only: the advertisement of references never ends.
    EndlessRefs,
    /// git only: a pack of valid objects that never ends.
    EndlessPack,
    /// git only: as [`Misbehaviour::EndlessPack`], but its header says that it has 2^32 - 1 objects.
    OverdeclaredPack,
    /// git only: messages of progress that never end, and no pack.
    EndlessProgress,
    /// Closes the connection without an answer.
    Close,
}

/// Below this path everything is as at the root, without misbehaviour: where redirects can lead to.
pub(crate) const MOVED: &str = "/moved";

/// What was asked for.
#[derive(Default)]
pub(crate) struct Rules(Mutex<Vec<Rule>>);

struct Rule {
    within: String,
    what: Misbehaviour,
    left: u64,
}

impl Rules {
    pub(crate) fn add(&self, within: &str, what: Misbehaviour, times: u64) {
        self.0.lock().unwrap().push(Rule { within: within.to_owned(), what, left: times });
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    /// The first misbehaviour that holds for a target and is `wanted`; it is used up by that.
    pub(crate) fn take(&self, target: &str, wanted: impl Fn(&Misbehaviour) -> bool) -> Option<Misbehaviour> {
        let mut rules = self.0.lock().unwrap();
        let holds = |rule: &&mut Rule| rule.left > 0 && target.contains(&rule.within) && wanted(&rule.what);
        let rule = rules.iter_mut().find(holds)?;
        rule.left -= 1;
        Some(rule.what.clone())
    }

    /// Whether an endless pack is to come, which we write in the first version of the protocol only.
    pub(crate) fn wants_first_version(&self, target: &str) -> bool {
        let rules = self.0.lock().unwrap();
        rules.iter().any(|rule| rule.what.is_a_pack() && target.contains(&rule.within))
    }
}

impl Misbehaviour {
    /// Whether it takes the place of the answer to this request.
    pub(crate) fn replaces_answer(&self, target: &str) -> bool {
        match self {
            Self::NextPageAt(_) | Self::CloneUrlsAt(_) | Self::EndlessPages => false,
            Self::EndlessRefs => target.contains("/info/refs"),
            Self::EndlessPack | Self::OverdeclaredPack | Self::EndlessProgress => target.ends_with("/git-upload-pack"),
            Self::RateLimit
            | Self::RateLimitFor(_)
            | Self::Status(_)
            | Self::Redirect(..)
            | Self::EndlessJson
            | Self::InvalidJson
            | Self::SlowHeaders
            | Self::SlowBody
            | Self::Close => true,
        }
    }

    fn is_a_pack(&self) -> bool {
        matches!(self, Self::EndlessPack | Self::OverdeclaredPack | Self::EndlessProgress)
    }

    /// The answer in the place of the right one. `None` closes the connection.
    pub(crate) fn answer(self, request: &Request, github: bool, head: &str, stop: &Stop) -> Option<Response> {
        let target = &request.seen.target;
        let json = |parts| Response::new(200, "application/json", parts);
        Some(match self {
            Self::RateLimit => rate_limited(github, 1),
            Self::RateLimitFor(seconds) => rate_limited(github, seconds),
            Self::Status(status) => Response::text(status, "This server misbehaves."),
            Self::Redirect(status, to) => Response::text(status, "").header("Location", format!("{to}{target}")),
            Self::EndlessJson => json(Body::Parts(Box::new(endless::json()))),
            Self::InvalidJson => json(Body::Whole(b"{\"id\": 1, <html>".to_vec())),
            Self::SlowHeaders => json(Body::EndlessHead),
            Self::SlowBody if target.contains("/info/refs") => {
                let advertisement = endless::start_of_refs();
                let body = drip(stop, move |position| advertisement.get(position).copied().unwrap_or(b'x'));
                endless::advertisement(Body::Parts(Box::new(body)))
            }
            Self::SlowBody => {
                json(Body::Parts(Box::new(drip(stop, |position| if position == 0 { b'[' } else { b' ' }))))
            }
            Self::EndlessRefs => endless::advertisement(Body::Parts(Box::new(endless::refs()))),
            Self::EndlessPack => endless::upload_pack(request, head, endless::pack(endless::BELIEVABLE_OBJECTS)),
            Self::OverdeclaredPack => endless::upload_pack(request, head, endless::pack(u32::MAX)),
            Self::EndlessProgress => endless::upload_pack(request, head, endless::progress()),
            Self::Close | Self::NextPageAt(_) | Self::CloneUrlsAt(_) | Self::EndlessPages => return None,
        })
    }
}

/// As GitLab says it and as GitHub does.
fn rate_limited(github: bool, seconds: u64) -> Response {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    if github {
        let message = serde_json::json!({ "message": "API rate limit exceeded", "documentation_url": "" });
        return Response::json(403, &message)
            .header("X-RateLimit-Limit", 60)
            .header("X-RateLimit-Remaining", 0)
            .header("X-RateLimit-Reset", now + seconds);
    }
    Response::text(429, "Retry later\n")
        .header("RateLimit-Limit", 60)
        .header("RateLimit-Remaining", 0)
        .header("RateLimit-Reset", now + seconds)
        .header("Retry-After", seconds)
}
