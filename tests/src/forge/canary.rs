//! A server that nobody should speak to.

use std::sync::{Arc, Mutex};

use super::http::{Request, Response, Seen};
use super::server::{Server, Service, listen};

/// A plain HTTP server that remembers whoever connects. It answers everything with an empty list, so that
/// a client that comes here by mistake goes on and shows what else it would do.
pub struct Canary {
    server: Server,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Canary {
    /// Starts on a port of its own.
    #[expect(clippy::new_without_default, reason = "it starts a server")]
    pub fn new() -> Self {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let theirs = Arc::clone(&seen);
        let service: Service = Arc::new(move |request: &Request, _| {
            theirs.lock().unwrap().push(request.seen.clone());
            Some(Response::json(200, &serde_json::json!([])))
        });
        Self { server: Server::start(listen(), None, service), seen }
    }

    /// `http://localhost:PORT`.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.server.port())
    }

    /// `localhost:PORT`.
    pub fn host(&self) -> String {
        format!("localhost:{}", self.server.port())
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The connections so far, whether or not anything was asked on them.
    pub fn connections(&self) -> u64 {
        self.server.connections()
    }

    /// Asserts that nobody has even connected.
    pub fn stays_silent(&self) {
        let connections = self.connections();
        assert_eq!(connections, 0, "somebody connected to what nobody should speak to: {:#?}", self.requests());
    }
}
