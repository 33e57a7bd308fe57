//! A receiver of webhooks, as a client of the service would run one: https, and it checks what it gets.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use data_encoding::BASE64;
use ring::hmac;
use serde_json::Value;

use super::Forge;
use super::http::{Request, Response, Seen};
use super::server::{Server, Service, listen};

/// See the module. Dropped, it ends.
pub struct Receiver {
    server: Server,
    got: Arc<(Mutex<Vec<Delivery>>, Condvar)>,
}

/// What it got.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Method, target and headers.
    pub seen: Seen,
    /// As it came.
    pub body: String,
}

impl Forge {
    /// A receiver whose certificate this forge's authority has signed. It answers with these codes in turn, and with
    /// 200 when there are no more.
    pub fn receiver(&self, answers: &[u16]) -> Receiver {
        let got: Arc<(Mutex<Vec<Delivery>>, Condvar)> = Arc::default();
        let theirs = Arc::clone(&got);
        let answers = Mutex::new(answers.iter().copied().collect::<VecDeque<_>>());
        let service: Service = Arc::new(move |request: &Request, _| {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            theirs.0.lock().unwrap().push(Delivery { seen: request.seen.clone(), body });
            theirs.1.notify_all();
            let status = answers.lock().unwrap().pop_front().unwrap_or(200);
            Some(Response::text(status, "").header("Location", "https://127.0.0.1:1/elsewhere"))
        });
        let server = Server::start(listen(), Some(Arc::clone(&self.authority.server)), service);
        Receiver { server, got }
    }
}

impl Receiver {
    /// Where it takes them.
    pub fn url(&self) -> String {
        format!("https://localhost:{}/hook?x=1", self.server.port())
    }

    /// What it got, as soon as there are so many; panics after a minute.
    pub fn deliveries(&self, count: usize) -> Vec<Delivery> {
        let (got, changed) = &*self.got;
        let waited = changed.wait_timeout_while(got.lock().unwrap(), Duration::from_secs(60), |got| got.len() < count);
        let (got, timeout) = waited.unwrap();
        assert!(!timeout.timed_out(), "{} deliveries instead of {count}: {got:?}", got.len());
        got.clone()
    }
}

impl Delivery {
    /// Whether it is signed with this secret, as standard-webhooks says.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = BASE64.decode(secret.strip_prefix("whsec_").unwrap().as_bytes()).unwrap();
        let header = |name: &str| self.seen.header(name).unwrap_or_default();
        let signed = format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), self.body);
        let signature = BASE64.decode(header("webhook-signature").strip_prefix("v1,").unwrap().as_bytes()).unwrap();
        hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed.as_bytes(), &signature).is_ok()
    }

    /// The message.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}
