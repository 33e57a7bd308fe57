//! One forge's JSON API: a page at a time, within one origin, with patience for its rate limits.

use std::io::Read as _;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use ureq::Agent;
use ureq::http::{HeaderMap, Response};
use url::Url;

use super::Forge;
use crate::client::{self, TrustError};
use crate::guard::GuardError;
use crate::limits::{API_PAGE_BYTES_MAX, API_PAGES_MAX, API_REQUEST, API_RETRIES, API_WAIT_MAX, REDIRECTS_MAX};
use crate::text;

/// Why a forge did not tell what is in a group.
#[derive(Debug, thiserror::Error)]
pub enum ForgeError {
    /// Its address may not be reached.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// Its certificates cannot be checked.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The configured API is no https URL.
    #[error("{0} is no https URL of an API")]
    BadApi(String),
    /// The exchange failed.
    #[error("{url} cannot be reached: {error}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// Why.
        error: Box<ureq::Error>,
    },
    /// 401, or a 403 without a rate limit.
    #[error("{host} does not let us see {what}: {}", if *.had_token { "the token was not accepted, or may not do that" } else { "it needs a token (--token-file)" })]
    Forbidden {
        /// Which forge.
        host: String,
        /// What was asked for.
        what: String,
        /// Whether a token was sent.
        had_token: bool,
    },
    /// 404: there is none, or it is hidden.
    #[error("{host} has no {what}{}", if *.had_token { ", or the token may not see it" } else { ", or it is private and needs a token (--token-file)" })]
    NotFound {
        /// Which forge.
        host: String,
        /// What was asked for.
        what: String,
        /// Whether a token was sent.
        had_token: bool,
    },
    /// It wants us to wait longer than we do.
    #[error("{host} limits its rate: it wants us to wait {seconds} s more; try again then, or use a token")]
    RateLimited {
        /// Which forge.
        host: String,
        /// How long.
        seconds: u64,
    },
    /// Any other status than 200.
    #[error("{url} answers with status {status}")]
    Status {
        /// What was asked for.
        url: String,
        /// The code.
        status: u16,
    },
    /// It leads to another origin.
    #[error("{host} leads to {to}, which is another origin; that is not followed")]
    LeadsAway {
        /// Which forge.
        host: String,
        /// Where it leads.
        to: String,
    },
    /// What it answers is not what its API is documented to answer.
    #[error("{url} does not answer as its API should: {why}")]
    Nonsense {
        /// What was asked for.
        url: String,
        /// What is wrong.
        why: String,
    },
    /// More than a job may have.
    #[error("{0} has more repositories than one job may have; narrow it with --include or scan its subgroups")]
    TooMany(String),
    /// The location says too little.
    #[error("{0} names neither a repository nor a group")]
    NoPath(String),
}

/// A connection to one forge's API.
pub(super) struct Api<'a> {
    forge: &'a Forge,
    agent: Agent,
    base: Url,
    waited: Duration,
    notice: &'a mut dyn FnMut(&str),
}

impl<'a> Api<'a> {
    /// `notice` is told when we wait.
    pub(super) fn open(forge: &'a Forge, base: Url, notice: &'a mut dyn FnMut(&str)) -> Result<Self, ForgeError> {
        let addresses = forge.addresses(&base)?;
        let agent = client::agent(&base, &addresses, &forge.trust()?);
        Ok(Self { forge, agent, base, waited: Duration::ZERO, notice })
    }

    /// The URL of `path` (whose segments are encoded) with `query`.
    pub(super) fn url(&self, path: &str, query: &str) -> Result<Url, ForgeError> {
        let address = format!("{}/{path}{query}", self.base.as_str().trim_end_matches('/'));
        Url::parse(&address).map_err(|_| ForgeError::BadApi(address))
    }

    /// One document; `what` is what it is about, for people.
    pub(super) fn get<T: DeserializeOwned>(&mut self, url: &Url, what: &str) -> Result<T, ForgeError> {
        let response = self.ask(url, what)?;
        document(url, response)
    }

    /// All pages of a list, from `first` on; ends with an error when `take` does.
    pub(super) fn pages<T: DeserializeOwned>(
        &mut self,
        first: Url,
        what: &str,
        mut take: impl FnMut(&mut Self, Vec<T>) -> Result<(), ForgeError>,
    ) -> Result<(), ForgeError> {
        let mut next = Some(first);
        for _ in 0..API_PAGES_MAX {
            let Some(url) = next.take() else { return Ok(()) };
            let response = self.ask(&url, what)?;
            let link = next_link(response.headers());
            next = link.map(|link| self.within(&url, &link)).transpose()?;
            take(self, document(&url, response)?)?;
        }
        Err(ForgeError::TooMany(what.to_owned()))
    }

    /// Says something to whoever waits for us.
    pub(super) fn say(&mut self, message: &str) {
        (self.notice)(message);
    }

    /// A link of an answer, if it stays where it was found: the token goes along.
    fn within(&self, from: &Url, link: &str) -> Result<Url, ForgeError> {
        let away = |to: &str| ForgeError::LeadsAway {
            host: self.forge.host.clone(),
            to: text::clean(fumehood_contract::status::cut(to, 300)).into_owned(),
        };
        let to = from.join(link).map_err(|_| away(link))?;
        let is_plain = to.username().is_empty() && to.password().is_none();
        if is_plain && client::origin(&to) == client::origin(&self.base) { Ok(to) } else { Err(away(to.as_str())) }
    }

    fn ask(&mut self, url: &Url, what: &str) -> Result<Response<ureq::Body>, ForgeError> {
        let mut url = url.clone();
        let (mut failures, mut redirects) = (0, 0);
        loop {
            let answer = self.request(&url);
            let response = match answer {
                Ok(response) => response,
                Err(error) if failures < API_RETRIES && is_transient(&error) => {
                    self.back_off(&mut failures)?;
                    continue;
                }
                Err(error) => return Err(ForgeError::Unreachable { url: url.to_string(), error: Box::new(error) }),
            };
            let status = response.status().as_u16();
            match status {
                200 => return Ok(response),
                301 | 302 | 307 | 308 if redirects < REDIRECTS_MAX => {
                    redirects += 1;
                    url = self.within(&url, header(response.headers(), "location").unwrap_or_default())?;
                }
                403 | 429 if rate_limit(status, response.headers()).is_some() => {
                    let wait = rate_limit(status, response.headers()).unwrap_or_default();
                    self.wait(wait, "limits its rate")?;
                }
                500..=599 if failures < API_RETRIES => self.back_off(&mut failures)?,
                _ => return Err(self.refused(status, &url, what)),
            }
        }
    }

    fn request(&self, url: &Url) -> Result<Response<ureq::Body>, ureq::Error> {
        let request = self.agent.get(url.as_str()).config().timeout_global(Some(API_REQUEST)).build();
        let mut request = request.header("accept", "application/json");
        if let Some(token) = &self.forge.token {
            request = request.header("authorization", format!("Bearer {}", token.reveal()));
        }
        request.call()
    }

    fn refused(&self, status: u16, url: &Url, what: &str) -> ForgeError {
        let (host, what) = (self.forge.host.clone(), what.to_owned());
        let had_token = self.forge.token.is_some();
        match status {
            401 | 403 => ForgeError::Forbidden { host, what, had_token },
            404 => ForgeError::NotFound { host, what, had_token },
            _ => ForgeError::Status { url: url.to_string(), status },
        }
    }

    fn back_off(&mut self, failures: &mut u32) -> Result<(), ForgeError> {
        *failures += 1;
        self.wait(Duration::from_millis(250) * 2_u32.pow(*failures), "has trouble")
    }

    fn wait(&mut self, time: Duration, why: &str) -> Result<(), ForgeError> {
        self.waited += time;
        let host = self.forge.host.clone();
        if self.waited > API_WAIT_MAX {
            return Err(ForgeError::RateLimited { host, seconds: time.as_secs() });
        }
        self.say(&format!("{host} {why}; waiting {} s", time.as_secs().max(1)));
        thread::sleep(time);
        Ok(())
    }
}

fn document<T: DeserializeOwned>(url: &Url, response: Response<ureq::Body>) -> Result<T, ForgeError> {
    let nonsense = |why: String| ForgeError::Nonsense { url: url.to_string(), why: text::clean(&why).into_owned() };
    let mut bytes = Vec::new();
    let reader = response.into_body().into_reader();
    reader.take(API_PAGE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| nonsense(error.to_string()))?;
    if bytes.len() as u64 > API_PAGE_BYTES_MAX {
        return Err(nonsense(format!("more than {API_PAGE_BYTES_MAX} bytes in one page")));
    }
    serde_json::from_slice(&bytes).map_err(|error| nonsense(error.to_string()))
}

/// A time-out is none: whoever is that slow would have us wait for it once more, and once more.
fn is_transient(error: &ureq::Error) -> bool {
    matches!(error, ureq::Error::Io(_) | ureq::Error::ConnectionFailed)
}

/// How long a forge wants us to wait: `Retry-After` in seconds, or the time in `X-RateLimit-Reset` (GitHub)
/// or `RateLimit-Reset` (GitLab) where nothing remains. A 403 without these is no rate limit.
fn rate_limit(status: u16, headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| header(headers, name).and_then(|value| value.trim().parse::<u64>().ok());
    if let Some(seconds) = number("retry-after") {
        return Some(Duration::from_secs(seconds));
    }
    let remaining = number("x-ratelimit-remaining").or_else(|| number("ratelimit-remaining"));
    let reset = number("x-ratelimit-reset").or_else(|| number("ratelimit-reset"));
    match (remaining, reset) {
        (Some(0), Some(reset)) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
            Some(Duration::from_secs(reset.saturating_sub(now) + 1))
        }
        _ => (status == 429).then_some(Duration::from_secs(5)),
    }
}

/// The target of `rel="next"` in a Link header (RFC 8288).
fn next_link(headers: &HeaderMap) -> Option<String> {
    let links = header(headers, "link")?;
    links.split(',').find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = parameters.split(';').any(|one| matches!(one.trim(), "rel=\"next\"" | "rel=next"));
        is_next.then(|| target.to_owned())
    })
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn next_pages_are_links() {
        let link = r#"<https://h.example/a?page=1>; rel="prev", <https://h.example/a?page=3>; rel="next""#;
        assert_eq!(next_link(&headers(&[("link", link)])).as_deref(), Some("https://h.example/a?page=3"));
        assert_eq!(next_link(&headers(&[("link", "<https://h.example/a>; rel=\"last\"")])), None);
        assert_eq!(next_link(&headers(&[])), None);
    }

    #[test]
    fn a_refusal_without_a_limit_is_no_rate_limit() {
        assert_eq!(rate_limit(403, &headers(&[])), None);
        assert_eq!(rate_limit(403, &headers(&[("x-ratelimit-remaining", "12"), ("x-ratelimit-reset", "1")])), None);
        assert_eq!(rate_limit(429, &headers(&[("retry-after", "7")])), Some(Duration::from_secs(7)));
        let past = headers(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1")]);
        assert_eq!(rate_limit(403, &past), Some(Duration::from_secs(1)));
    }
}
