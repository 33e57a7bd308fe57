//! git's own server, `git http-backend`, as the CGI program it is.

use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};

use super::http::{Body, Request, Response};

const CHUNK_BYTES: usize = 64 * 1024;

/// The services of git that a request can name, and the rest of its path.
const SERVICES: &[&str] = &["/info/refs", "/git-upload-pack", "/git-receive-pack", "/HEAD"];

/// Whether this machine has it.
pub(crate) fn is_there() -> bool {
    let output = Command::new("git").arg("--exec-path").output();
    let folder = output.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    folder.is_ok_and(|folder| folder.join("git-http-backend").is_file())
}

/// The repository and the service that a path names, if it is one of git's.
pub(crate) fn route(path: &str) -> Option<(&str, &'static str)> {
    let service = SERVICES.iter().find(|service| path.ends_with(**service))?;
    let repository = path.strip_suffix(service)?.trim_start_matches('/');
    Some((repository.strip_suffix(".git").unwrap_or(repository), service))
}

/// Lets git answer for the repository at `root/repository.git`.
pub(crate) fn answer(root: &Path, repository: &str, service: &str, request: &Request, version: &str) -> Response {
    // A file and not a pipe, so that nothing blocks whichever of the two ends reads first.
    let mut body = tempfile::tempfile().unwrap();
    body.write_all(&request.body).unwrap();
    body.rewind().unwrap();

    let seen = &request.seen;
    let header = |name: &str| seen.header(name).unwrap_or_default().to_owned();
    let query = seen.target.split_once('?').map_or("", |(_, query)| query);
    let child = git(&root.join("home"))
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_PROTOCOL", version)
        .env("REQUEST_METHOD", &seen.method)
        .env("PATH_INFO", format!("/{repository}.git{service}"))
        .env("QUERY_STRING", query)
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", request.body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("REMOTE_ADDR", "127.0.0.1")
        .stdin(body)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("git starts");
    respond(Backend::new(child))
}

/// git without any configuration but its repository's.
pub fn git(home: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0");
    command
}

/// What a CGI program prints: headers, an empty line, the body.
fn respond(mut backend: Backend) -> Response {
    let mut start = Vec::new();
    let end = loop {
        if let Some(end) = start.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        match backend.next() {
            Some(part) => start.extend(part),
            None => return Response::text(500, "git http-backend said nothing"),
        }
    };
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let Ok(httparse::Status::Complete((_, headers))) = httparse::parse_headers(&start[..end], &mut headers) else {
        return Response::text(500, "git http-backend said what is no header");
    };
    let mut response = Response { status: 200, headers: Vec::new(), body: Body::Whole(Vec::new()) };
    for header in headers {
        let value = String::from_utf8_lossy(header.value).into_owned();
        if header.name.eq_ignore_ascii_case("status") {
            response.status = value.split(' ').next().and_then(|code| code.parse().ok()).unwrap_or(500);
        } else {
            response = response.header(header.name, value);
        }
    }
    let rest = start.split_off(end);
    response.body = Body::Parts(Box::new(std::iter::once(rest).chain(backend)));
    response
}

/// The running program; what it prints, part by part. Dropped, it and its children are killed.
struct Backend {
    child: Child,
    stdout: ChildStdout,
}

impl Backend {
    fn new(mut child: Child) -> Self {
        let stdout = child.stdout.take().unwrap();
        Self { child, stdout }
    }
}

impl Iterator for Backend {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut part = vec![0; CHUNK_BYTES];
        let read = self.stdout.read(&mut part).unwrap_or(0);
        part.truncate(read);
        (read > 0).then_some(part)
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        let _gone = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _reaped = self.child.wait();
    }
}
