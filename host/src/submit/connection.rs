//! A connection to a service.

use std::path::Path;

use anyhow::{Context as _, bail};
use ipnet::IpNet;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use ureq::Agent;
use ureq::http::Response;
use ureq::{Body, BodyReader};
use url::Url;

use crate::client::{self, Trust};
use crate::guard;
use crate::secret::Secret;
use crate::text::clean;

/// See [`Connection::open`].
pub(super) struct Connection {
    agent: Agent,
    base: Url,
    token: Option<Secret>,
}

#[derive(Deserialize)]
struct Problem {
    title: String,
    detail: String,
}

/// A document of 100,000 repositories has about 20 MiB.
const JSON_BYTES_MAX: u64 = 256 * 1024 * 1024;

impl Connection {
    /// To the service at `server`. Without TLS only on this machine: the token would be read by anybody.
    pub(super) fn open(server: &str, token: Option<Secret>, ca_file: Option<&Path>) -> anyhow::Result<Self> {
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
        Ok(Self { agent, base, token })
    }

    /// The answer's JSON to a body of JSON.
    pub(super) fn post<T: DeserializeOwned>(&self, path: &str, body: &[u8]) -> anyhow::Result<T> {
        let mut request = self.agent.post(self.url(path)?.as_str()).header("content-type", "application/json");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {}", token.reveal()));
        }
        let answer = request.send(body).with_context(|| self.unreachable())?;
        json(taken(answer)?)
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
        let mut request = self.agent.get(self.url(path)?.as_str());
        if let Some(id) = last_event {
            request = request.header("last-event-id", id);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {}", token.reveal()));
        }
        taken(request.call().with_context(|| self.unreachable())?)
    }

    fn url(&self, path: &str) -> anyhow::Result<Url> {
        let base = self.base.as_str().trim_end_matches('/');
        Ok(Url::parse(&format!("{base}{path}"))?)
    }

    fn unreachable(&self) -> String {
        format!("the service at {} cannot be asked", self.base)
    }
}

/// The answer, if it is none of a problem.
fn taken(answer: Response<Body>) -> anyhow::Result<Response<Body>> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    match json::<Problem>(answer) {
        Ok(problem) => bail!("the service says: {} ({}): {}", clean(&problem.title), status, clean(&problem.detail)),
        Err(_) => bail!("the service answers {status}"),
    }
}

fn json<T: DeserializeOwned>(mut answer: Response<Body>) -> anyhow::Result<T> {
    let reader = answer.body_mut().with_config().limit(JSON_BYTES_MAX).reader();
    serde_json::from_reader(std::io::BufReader::new(reader)).context("the service's answer is not what it should be")
}
