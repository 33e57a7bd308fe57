//! A connection to a service.

use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};
use ipnet::IpNet;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use ureq::http::Response;
use ureq::{Agent, Body, BodyReader, RequestBuilder};
use url::Url;
use uuid::Uuid;

use crate::client::{self, Trust};
use crate::guard;
use crate::secret::Secret;
use crate::text::clean;

/// See [`Connection::open`].
pub(super) struct Connection {
    agent: Agent,
    base: Url,
    token: Option<Secret>,
    quiet: bool,
}

#[derive(Deserialize)]
struct Problem {
    title: String,
    detail: String,
    code: String,
}

/// Before a request is sent again that was not answered, or was put off.
const WAITS: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(6)];

/// A document of 100,000 repositories has about 20 MiB.
const JSON_BYTES_MAX: u64 = 256 * 1024 * 1024;

impl Connection {
    /// To the service at `server`. Without TLS only on this machine: the token would be read by anybody.
    pub(super) fn open(
        server: &str,
        token: Option<Secret>,
        ca_file: Option<&Path>,
        quiet: bool,
    ) -> anyhow::Result<Self> {
        let base = Url::parse(server).with_context(|| format!("--server {server} is no URL"))?;
        if !matches!(base.scheme(), "https" | "http") || base.cannot_be_a_base() {
            bail!("--server must be an https URL, or an http URL of this machine");
        }
        let anywhere: Vec<IpNet> = ["0.0.0.0/0", "::/0"].iter().filter_map(|network| network.parse().ok()).collect();
        let addresses = guard::resolve(&base, &anywhere)?;
        if base.scheme() == "http" && !addresses.iter().all(|address| address.ip().is_loopback()) {
            bail!("--server {server}: without TLS only a service on this machine is spoken to");
        }
        let trust = Trust::load(ca_file)?;
        let agent = client::local_agent(&base, &addresses, &trust);
        Ok(Self { agent, base, token, quiet })
    }

    /// The answer's JSON to a body of JSON. However often it is sent, it is one request: it has a key.
    pub(super) fn post<T: DeserializeOwned>(&self, path: &str, body: &[u8]) -> anyhow::Result<T> {
        let (url, key) = (self.url(path)?, Uuid::new_v4().to_string());
        json(self.patiently(|| {
            let request = self.agent.post(url.as_str()).header("content-type", "application/json");
            self.with_token(request.header("idempotency-key", &key)).send(body)
        })?)
    }

    /// The document at a path.
    pub(super) fn get_json<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        json(self.answer(path, None)?)
    }

    /// The report at a path, as it comes, and whether the tenant's policy restricts something in it.
    pub(super) fn report(&self, path: &str) -> anyhow::Result<(BodyReader<'static>, bool)> {
        let answer = self.answer(path, None)?;
        let is_restricted = answer.headers().get("fumehood-verdict").is_some_and(|verdict| verdict == "restricted");
        Ok((answer.into_body().into_reader(), is_restricted))
    }

    /// The events at a path, after the one with id `last`.
    pub(super) fn events(&self, path: &str, last: Option<&str>) -> anyhow::Result<BodyReader<'static>> {
        Ok(self.answer(path, last)?.into_body().into_reader())
    }

    fn answer(&self, path: &str, last_event: Option<&str>) -> anyhow::Result<Response<Body>> {
        let url = self.url(path)?;
        self.patiently(|| {
            let request = self.with_token(self.agent.get(url.as_str()));
            match last_event {
                Some(id) => request.header("last-event-id", id).call(),
                None => request.call(),
            }
        })
    }

    fn with_token<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {}", token.reveal())),
            None => request,
        }
    }

    /// Asks again where the service is not there, as while it is started anew, or says that it cannot at the moment.
    fn patiently(&self, ask: impl Fn() -> Result<Response<Body>, ureq::Error>) -> anyhow::Result<Response<Body>> {
        for wait in WAITS {
            match ask() {
                Ok(answer) if answer.status().is_success() => return Ok(answer),
                Ok(answer) => match refusal(answer) {
                    (why, true) => self.say(&why),
                    (why, false) => bail!(why),
                },
                Err(error) => self.say(&format!("{} ({error})", self.unreachable())),
            }
            thread::sleep(wait);
        }
        let answer = ask().with_context(|| self.unreachable())?;
        if answer.status().is_success() { Ok(answer) } else { bail!(refusal(answer).0) }
    }

    #[expect(clippy::print_stderr, reason = "the command's own words")]
    fn say(&self, why: &str) {
        if !self.quiet {
            eprintln!("fumehood: {}; trying again", clean(why));
        }
    }

    fn url(&self, path: &str) -> anyhow::Result<Url> {
        let base = self.base.as_str().trim_end_matches('/');
        Ok(Url::parse(&format!("{base}{path}"))?)
    }

    fn unreachable(&self) -> String {
        format!("the service at {} cannot be asked", self.base)
    }
}

/// What the service says instead of what it was asked for, and whether that may pass by itself in a moment.
fn refusal(answer: Response<Body>) -> (String, bool) {
    let status = answer.status();
    match json::<Problem>(answer) {
        Ok(Problem { title, detail, code }) => {
            let passes = matches!(code.as_str(), "rate" | "unavailable");
            (format!("the service says: {} ({status}): {}", clean(&title), clean(&detail)), passes)
        }
        Err(_) => (format!("the service answers {status}"), status.as_u16() == 503),
    }
}

fn json<T: DeserializeOwned>(mut answer: Response<Body>) -> anyhow::Result<T> {
    let reader = answer.body_mut().with_config().limit(JSON_BYTES_MAX).reader();
    serde_json::from_reader(std::io::BufReader::new(reader)).context("the service's answer is not what it should be")
}
