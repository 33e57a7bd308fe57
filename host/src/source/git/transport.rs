//! git's smart HTTP protocol over our own client: a subtransport for libgit2.
//! <https://git-scm.com/docs/http-protocol#_smart_clients>
//!
//! libgit2 asks for two things: the advertisement of references (GET), and exchanges of a request for
//! a pack (POST). Each of them gets its bytes through a [`Meter`].

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use git2::transport::{Service, SmartSubtransport, SmartSubtransportStream};
use ureq::http::Response;
use ureq::{Agent, Body};
use url::Url;

use super::{FetchError, Login};
use crate::client;
use crate::limits::{
    ADVERTISEMENT_BYTES_MAX, ADVERTISEMENT_DEADLINE, FETCH_BYTES_MAX, FETCH_BYTES_PER_SECOND_MIN,
    FETCH_REQUEST_BYTES_MAX, FETCH_SPEED_WINDOW, REDIRECTS_MAX,
};
use crate::text;

/// What libgit2 cannot tell: why an exchange failed. The first failure counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Failure(Arc<Mutex<Option<FetchError>>>);

impl Failure {
    /// Keeps `error`, and gives what libgit2 wants to see instead.
    fn keep(&self, error: FetchError) -> io::Error {
        let said = io::Error::other(error.to_string());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        said
    }

    /// Keeps `error`.
    pub(super) fn set(&self, error: FetchError) {
        let _said = self.keep(error);
    }

    /// What was kept.
    pub(super) fn take(&self) -> Option<FetchError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// One repository on one server.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    agent: Agent,
    base: Arc<Mutex<Url>>,
    authorization: Option<String>,
    failure: Failure,
}

impl Transport {
    pub(super) fn new(agent: Agent, url: &Url, login: Option<&Login>, failure: Failure) -> Self {
        let basic = |login: &Login| {
            let plain = format!("{}:{}", login.user, login.token.reveal());
            format!("Basic {}", data_encoding::BASE64.encode(plain.as_bytes()))
        };
        Self { agent, base: Arc::new(Mutex::new(url.clone())), authorization: login.map(basic), failure }
    }

    /// The advertisement of references. Redirects within the origin are followed, and then hold for what
    /// comes after: servers send a repository's old name or a missing `.git` to the right place.
    fn advertise(&self) -> Result<Response<Body>, FetchError> {
        let mut base = self.base();
        for _ in 0..=REDIRECTS_MAX {
            let mut request = self.agent.get(format!("{base}/info/refs?service=git-upload-pack"));
            if let Some(authorization) = &self.authorization {
                request = request.header("authorization", authorization);
            }
            let response = request.call().map_err(|error| FetchError::Unreachable(Box::new(error)))?;
            match self.judge(&response, ADVERTISEMENT)? {
                Judged::Good => {
                    *self.base.lock().unwrap_or_else(PoisonError::into_inner) = parse(&base)?;
                    return Ok(response);
                }
                Judged::Moved(to) => base = redirected(&base, &to)?,
            }
        }
        Err(FetchError::LeadsAway("one redirect after the other".to_owned()))
    }

    fn post(&self, body: &[u8]) -> Result<Response<Body>, FetchError> {
        let mut request = self
            .agent
            .post(format!("{}/git-upload-pack", self.base()))
            .header("content-type", "application/x-git-upload-pack-request")
            .header("accept", RESULT);
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let response = request.send(body).map_err(|error| FetchError::Unreachable(Box::new(error)))?;
        match self.judge(&response, RESULT)? {
            Judged::Good => Ok(response),
            Judged::Moved(to) => Err(FetchError::LeadsAway(to)),
        }
    }

    fn base(&self) -> String {
        self.base.lock().unwrap_or_else(PoisonError::into_inner).as_str().trim_end_matches('/').to_owned()
    }

    fn judge(&self, response: &Response<Body>, wanted: &str) -> Result<Judged, FetchError> {
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let had_token = self.authorization.is_some();
        match response.status().as_u16() {
            200 => match header("content-type") {
                Some(found) if found == wanted => Ok(Judged::Good),
                found => Err(FetchError::NotGit(shown(found.unwrap_or("no content type")))),
            },
            301 | 302 | 307 | 308 => Ok(Judged::Moved(shown(header("location").unwrap_or_default()))),
            401 => Err(FetchError::Unauthenticated { had_token }),
            403 => Err(FetchError::Forbidden { had_token }),
            404 | 410 => Err(FetchError::NotFound { had_token }),
            status => Err(FetchError::Status(status)),
        }
    }
}

const ADVERTISEMENT: &str = "application/x-git-upload-pack-advertisement";
const RESULT: &str = "application/x-git-upload-pack-result";

enum Judged {
    Good,
    Moved(String),
}

fn shown(text: &str) -> String {
    text::clean(fumehood_contract::status::cut(text, 300)).into_owned()
}

fn parse(url: &str) -> Result<Url, FetchError> {
    Url::parse(url).map_err(|_| FetchError::LeadsAway(shown(url)))
}

/// The repository's new URL, if it is of the same origin and the redirect is one of a repository.
fn redirected(base: &str, location: &str) -> Result<String, FetchError> {
    let away = || FetchError::LeadsAway(location.to_owned());
    let from = parse(&format!("{base}/info/refs"))?;
    let to = from.join(location).map_err(|_| away())?;
    let is_plain = to.username().is_empty() && to.password().is_none();
    if !is_plain || client::origin(&to) != client::origin(&from) {
        return Err(away());
    }
    let without_query = to.as_str().split(['?', '#']).next().unwrap_or_default();
    match without_query.strip_suffix("/info/refs") {
        Some(base) => Ok(base.to_owned()),
        // Where browsers are sent to log in.
        None => Err(FetchError::Unauthenticated { had_token: false }),
    }
}

impl SmartSubtransport for Transport {
    fn action(&self, _: &str, action: Service) -> Result<Box<dyn SmartSubtransportStream>, git2::Error> {
        match action {
            Service::UploadPackLs => match self.advertise() {
                Ok(response) => Ok(Box::new(Advertisement::new(response, self.failure.clone()))),
                Err(error) => Err(git2::Error::from_str(&self.failure.keep(error).to_string())),
            },
            Service::UploadPack => Ok(Box::new(Exchange::new(self.clone()))),
            Service::ReceivePackLs | Service::ReceivePack => Err(git2::Error::from_str("nothing is ever pushed")),
        }
    }

    fn close(&self) -> Result<(), git2::Error> {
        Ok(())
    }
}

/// The references that a server has.
struct Advertisement {
    body: Meter,
}

impl Advertisement {
    fn new(response: Response<Body>, failure: Failure) -> Self {
        let deadline = Some(Instant::now() + ADVERTISEMENT_DEADLINE);
        Self { body: Meter::new(response, ADVERTISEMENT_BYTES_MAX, "list of references", deadline, failure) }
    }
}

impl Read for Advertisement {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.body.read(buffer)
    }
}

impl Write for Advertisement {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One request for a pack and its answer: what is written is sent with the first read.
struct Exchange {
    transport: Transport,
    request: Vec<u8>,
    answer: Option<Meter>,
}

impl Exchange {
    fn new(transport: Transport) -> Self {
        Self { transport, request: Vec::new(), answer: None }
    }
}

impl Write for Exchange {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.request.len() + bytes.len() > FETCH_REQUEST_BYTES_MAX {
            return Err(self.transport.failure.keep(FetchError::TooLarge("our own request for it".to_owned())));
        }
        self.request.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Exchange {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.answer.is_none() {
            let failure = self.transport.failure.clone();
            let response = self.transport.post(&self.request).map_err(|error| failure.keep(error))?;
            self.answer = Some(Meter::new(response, FETCH_BYTES_MAX, "pack", None, failure));
        }
        self.answer.as_mut().map_or(Ok(0), |answer| answer.read(buffer))
    }
}

/// A body whose length and speed are bounded.
struct Meter {
    body: ureq::BodyReader<'static>,
    what: &'static str,
    left: u64,
    deadline: Option<Instant>,
    window: (Instant, u64),
    failure: Failure,
}

impl Meter {
    fn new(
        response: Response<Body>,
        bytes_max: u64,
        what: &'static str,
        deadline: Option<Instant>,
        failure: Failure,
    ) -> Self {
        let body = response.into_body().into_reader();
        Self { body, what, left: bytes_max, deadline, window: (Instant::now(), 0), failure }
    }

    fn count(&mut self, bytes: usize) -> Result<(), FetchError> {
        let bytes = bytes as u64;
        self.left = self
            .left
            .checked_sub(bytes)
            .ok_or_else(|| FetchError::TooLarge(format!("its {} has more bytes than it may have", self.what)))?;
        if self.deadline.is_some_and(|deadline| Instant::now() > deadline) {
            return Err(FetchError::TooSlow);
        }
        let (begin, so_far) = self.window;
        self.window.1 = so_far + bytes;
        let elapsed = begin.elapsed();
        if elapsed >= FETCH_SPEED_WINDOW {
            let enough = FETCH_BYTES_PER_SECOND_MIN * elapsed.max(Duration::from_secs(1)).as_secs();
            if bytes > 0 && self.window.1 < enough {
                return Err(FetchError::TooSlow);
            }
            self.window = (Instant::now(), 0);
        }
        Ok(())
    }
}

impl Read for Meter {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.body.read(buffer).map_err(|error| self.failure.keep(FetchError::Broken(error)))?;
        match self.count(read) {
            Ok(()) => Ok(read),
            Err(error) => Err(self.failure.keep(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d05_redirects_stay_within_their_origin() {
        let base = "https://h.example/group/name";
        let to = |location: &str| redirected(base, location);
        let query = "?service=git-upload-pack";
        assert_eq!(
            to(&format!("https://h.example/new/name.git/info/refs{query}")).unwrap(),
            "https://h.example/new/name.git"
        );
        assert_eq!(to(&format!("/group/name.git/info/refs{query}")).unwrap(), "https://h.example/group/name.git");
        for away in [
            "https://evil.example/group/name/info/refs",
            "http://h.example/group/name/info/refs",
            "https://h.example:8443/group/name/info/refs",
            "https://user@h.example/a/info/refs",
            "//evil.example/info/refs",
        ] {
            assert!(matches!(to(away), Err(FetchError::LeadsAway(_))), "{away}");
        }
        assert!(matches!(to("/users/sign_in"), Err(FetchError::Unauthenticated { .. })));
    }
}
