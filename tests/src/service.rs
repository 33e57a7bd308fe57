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
    files: TempDir,
    has_small_disk: bool,
    args: Vec<String>,
    child: Option<Child>,
    port: u16,
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

/// A Server-Sent Event.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// `snapshot`, `repository`, `job`, `end`.
    pub name: String,
    /// For `Last-Event-ID`.
    pub id: String,
    /// The document.
    pub data: Value,
}

impl Event {
    /// The next event of a stream. What of the chunked encoding is left between the lines has no field's name.
    fn read(lines: &mut impl Iterator<Item = impl AsRef<str>>) -> Option<Self> {
        let mut event = Self::default();
        for line in lines {
            match line.as_ref().split_once(": ") {
                Some(("event", name)) => name.clone_into(&mut event.name),
                Some(("id", id)) => id.clone_into(&mut event.id),
                Some(("data", data)) => event.data = serde_json::from_str(data).unwrap(),
                Some(_) | None => {}
            }
            if line.as_ref().is_empty() && !event.name.is_empty() {
                return Some(event);
            }
        }
        None
    }
}

impl Service {
    /// With a data folder of its own.
    #[expect(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let files = tempfile::tempdir().unwrap();
        Self { data, files, has_small_disk: false, args: Vec::new(), child: None, port: 0, address: String::new() }
    }

    /// On this port, also when it is started again; otherwise on one that is free.
    pub fn listen(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// One more argument.
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// With this configuration file, in the place of one that was there before.
    pub fn config(self, text: &str) -> Self {
        let file = self.files.path().join("config.toml");
        let is_known = file.exists();
        std::fs::write(&file, text).unwrap();
        if is_known { self } else { self.arg("--config").arg(file.display().to_string()) }
    }

    /// With another text in its configuration file, from the next start on.
    pub fn reconfigured(self, text: &str) -> Self {
        std::fs::write(self.files.path().join("config.toml"), text).unwrap();
        self
    }

    /// A file beside the configuration.
    pub fn file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.files.path().join(name), text).unwrap();
        self
    }

    /// Runs the hostile guest in the place of the scanner. Which attack is chosen by the repository.
    pub fn hostile(self) -> Self {
        self.arg(concat!("--scanner=", env!("FUMEHOOD_HOSTILE_GUEST")))
    }

    /// Makes a token for a tenant; `scopes` as on the command line.
    pub fn token(&self, tenant: &str, scopes: &str) -> String {
        self.run_token(&["create", tenant, "--scope", scopes]).trim().to_owned()
    }

    /// Runs `fumehood token` on its data, and gives what it prints.
    pub fn run_token(&self, args: &[&str]) -> String {
        let done = Command::new(binary()).arg("token").args(args).arg("--data-dir").arg(self.data.path()).output();
        let done = done.unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }

    /// Starts it, and returns when it listens.
    pub fn start(mut self) -> Self {
        let mut child = self
            .command()
            .args(["serve", "--status-interval", "100ms", "--listen", &format!("127.0.0.1:{}", self.port)])
            .arg("--data-dir")
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

    /// Its data on a disk of 8 MiB, which only it sees. `None`, and a word on standard error, where one may not make
    /// such a disk.
    pub fn on_a_small_disk(mut self) -> Option<Self> {
        let mount = "mount -t tmpfs -o size=8m tmpfs /mnt";
        let tried = Command::new("unshare").args(["-Urm", "sh", "-c", mount]).output();
        if !tried.is_ok_and(|tried| tried.status.success()) {
            eprintln!("skipped: this machine lets nobody make a small disk");
            return None;
        }
        self.has_small_disk = true;
        Some(self)
    }

    fn command(&self) -> Command {
        if !self.has_small_disk {
            return Command::new(binary());
        }
        let mut command = Command::new("unshare");
        let script = "mount -t tmpfs -o size=8m tmpfs \"$0\" && exec \"$@\"";
        command.args(["-Urm", "sh", "-c", script]).arg(self.data.path()).arg(binary());
        command
    }

    /// A path of its own disk, as we see it.
    fn seen(&self, path: &Path) -> PathBuf {
        Path::new(&format!("/proc/{}/root", self.pid())).join(path.strip_prefix("/").unwrap())
    }

    /// Fills its small disk with this file.
    pub fn fill(&self, path: &Path) {
        let mut file = std::fs::File::create(self.seen(path)).unwrap();
        for size in [64 * 1024, 4096, 1] {
            while file.write_all(&vec![7; size]).is_ok() {}
        }
    }

    /// Removes a file from its small disk.
    pub fn empty(&self, path: &Path) {
        std::fs::remove_file(self.seen(path)).unwrap();
    }

    /// A file on its small disk; empty if there is none.
    pub fn read(&self, path: &Path) -> String {
        std::fs::read_to_string(self.seen(path)).unwrap_or_default()
    }

    /// Kills it as a power cut would, and starts another on the same data.
    pub fn again(mut self) -> Self {
        self.kill();
        self.start()
    }

    /// Asks it to end as a supervisor does, and waits until it has. It can be started again.
    pub fn ask_to_end(mut self) -> Self {
        if let Some(mut child) = self.child.take() {
            let pid = rustix::process::Pid::from_child(&child);
            rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
            assert!(child.wait().unwrap().success());
        }
        self
    }

    /// The processes that it started, whichever of its threads did.
    pub fn workers(&self) -> Vec<u32> {
        let Ok(tasks) = std::fs::read_dir(format!("/proc/{}/task", self.pid())) else { return Vec::new() };
        let children = |task: &Path| std::fs::read_to_string(task.join("children")).unwrap_or_default();
        let lists: String = tasks.flatten().map(|task| children(&task.path())).collect();
        lists.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
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
        self.ask_with(method, target, token, &[], body)
    }

    /// Asks with more headers. Told to wait because it asks too often, it does, as clients should.
    pub fn ask_with(
        &self,
        method: &str,
        target: &str,
        token: Option<&str>,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response {
        loop {
            let answer = self.ask_once(method, target, token, headers, body);
            if answer.status != 429 || answer.json()["code"] != "rate" {
                return answer;
            }
        }
    }

    /// Asks once, whatever the answer.
    pub fn ask_once(
        &self,
        method: &str,
        target: &str,
        token: Option<&str>,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response {
        let more: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        self.raw(&format!(
            "{method} {target} HTTP/1.1\r\nhost: {}\r\n{authorization}{more}connection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        ))
    }

    /// Follows a job by Server-Sent Events until it ends; `last` is the id of the last event that was seen.
    pub fn follow(&self, token: Option<&str>, id: &str, last: Option<&str>) -> Vec<Event> {
        let last: Vec<_> = last.map(|id| ("last-event-id", id)).into_iter().collect();
        let answer = self.ask_with("GET", &format!("/scan/{id}/events"), token, &last, "");
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("content-type"), Some("text/event-stream"));
        let mut lines = answer.body.lines();
        std::iter::from_fn(|| Event::read(&mut lines)).collect()
    }

    /// The first event that a job's followers are told. Told to wait because it asks too often, it does.
    pub fn event(&self, token: Option<&str>, id: &str) -> Event {
        let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        loop {
            let mut stream = TcpStream::connect(&self.address).unwrap();
            write!(stream, "GET /scan/{id}/events HTTP/1.1\r\nhost: localhost\r\n{authorization}\r\n").unwrap();
            let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
            let status = lines.next().unwrap_or_default();
            if !status.contains(" 429 ") {
                assert!(status.contains(" 200 "), "{status}");
                return Event::read(&mut lines).expect("an event");
            }
        }
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
