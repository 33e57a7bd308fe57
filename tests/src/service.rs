//! The service as a client meets it: the real binary, spoken to over a real socket.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::{binary, cache};

/// A service on loopback, about to start or running. Its data outlive it: [`Service::again`].
pub struct Service {
    data: TempDir,
    args: Vec<String>,
    child: Option<Child>,
    address: String,
}

/// An answer.
#[derive(Debug)]
pub struct Response {
    /// HTTP's code.
    pub status: u16,
    /// Status line and headers, as they came.
    pub head: String,
    /// The body as text.
    pub body: String,
}

impl Service {
    /// With a data folder of its own.
    #[expect(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        Self { data, args: Vec::new(), child: None, address: String::new() }
    }

    /// One more argument.
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Runs the hostile guest in the place of the scanner. Which attack is chosen by the repository.
    pub fn hostile(self) -> Self {
        self.arg(concat!("--scanner=", env!("FUMEHOOD_HOSTILE_GUEST")))
    }

    /// Makes a token for a tenant; `scopes` as on the command line.
    pub fn token(&self, tenant: &str, scopes: &str) -> String {
        let made = Command::new(binary())
            .args(["token", "create", tenant, "--scope", scopes, "--data-dir"])
            .arg(self.data.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        String::from_utf8(made.stdout).unwrap().trim().to_owned()
    }

    /// Starts it, and returns when it listens.
    pub fn start(mut self) -> Self {
        let mut child = Command::new(binary())
            .args(["serve", "--listen", "127.0.0.1:0", "--status-interval", "100ms", "--data-dir"])
            .arg(self.data.path())
            .arg("--cache-dir")
            .arg(cache())
            .args(&self.args)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let address = line.trim().rsplit("http://").next().unwrap().to_owned();
        assert!(address.starts_with("127.0.0.1:"), "{line}");
        // Read on, so that the service never waits for us.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        (self.child, self.address) = (Some(child), address);
        self
    }

    /// Kills it as a power cut would, and starts another on the same data.
    pub fn again(mut self) -> Self {
        self.kill();
        self.start()
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Where it keeps things.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// The folder of a job.
    pub fn job_folder(&self, tenant: &str, id: &str) -> PathBuf {
        self.data.path().join("tenants").join(tenant).join("jobs").join(id)
    }

    /// Asks.
    pub fn ask(&self, method: &str, target: &str, token: Option<&str>, body: &str) -> Response {
        let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        self.raw(&format!(
            "{method} {target} HTTP/1.1\r\nhost: {}\r\n{authorization}connection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        ))
    }

    /// Sends these bytes and reads until the service closes.
    pub fn raw(&self, request: &str) -> Response {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(90))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        Response { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// Starts a job and gives its id.
    pub fn scan(&self, token: Option<&str>, request: &Value) -> String {
        let accepted = self.ask("POST", "/scan", token, &request.to_string());
        assert_eq!(accepted.status, 202, "{accepted:?}");
        accepted.json()["job_id"].as_str().unwrap().to_owned()
    }

    /// The job's document once it is over: waits as clients do, by asking the service to wait.
    pub fn ended(&self, token: Option<&str>, id: &str) -> Value {
        for _ in 0..600 {
            let shown = self.ask("GET", &format!("/scan/{id}?wait=5"), token, "");
            assert_eq!(shown.status, 200, "{shown:?}");
            let document = shown.json();
            if !matches!(document["status"].as_str(), Some("initializing" | "in_progress")) {
                return document;
            }
        }
        panic!("job {id} does not end")
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            let _gone = child.kill();
            child.wait().unwrap();
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Response {
    /// The body, which is JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.into_iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}
