//! HTTP/1.1 as a server speaks it: requests read, answers written, nothing routed.

use std::io::{self, BufRead, Read as _, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::server::Stop;

const HEAD_BYTES_MAX: usize = 64 * 1024;
const BODY_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Between two bytes of a server that is slow on purpose.
const SLOW: Duration = Duration::from_millis(50);

/// A request that was made of a server.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `GET`, `POST`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// In the order they came, with the names as they were written.
    pub headers: Vec<(String, String)>,
    sent: Arc<AtomicU64>,
}

/// A request with its body.
pub(crate) struct Request {
    pub(crate) seen: Seen,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The path without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A parameter of the query, as it was written.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    /// Whether the text stands anywhere in it, also inside a Basic authorization.
    pub fn mentions(&self, text: &str) -> bool {
        let plain = self.headers.iter().any(|(_, value)| value.contains(text));
        plain || self.target.contains(text) || self.credentials().iter().any(|token| token.contains(text))
    }

    /// The tokens it shows: the ways of git, GitLab and GitHub.
    pub fn credentials(&self) -> Vec<String> {
        let mut found: Vec<String> = self.header("private-token").map(str::to_owned).into_iter().collect();
        let authorization = self.header("authorization").and_then(|value| value.split_once(' '));
        if let Some((scheme, value)) = authorization {
            found.extend(match scheme.to_ascii_lowercase().as_str() {
                "basic" => basic_password(value),
                _ => Some(value.trim().to_owned()),
            });
        }
        found
    }

    /// The same request, for another target.
    pub(crate) fn with_target(&self, target: &str) -> Self {
        Self { target: target.to_owned(), ..self.clone() }
    }

    /// How many bytes of answers' bodies it was sent so far.
    pub fn sent_bytes(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

fn basic_password(value: &str) -> Option<String> {
    let decoded = data_encoding::BASE64.decode(value.trim().as_bytes()).ok()?;
    Some(String::from_utf8_lossy(&decoded).split_once(':')?.1.to_owned())
}

/// Reads a request; `None` where the client has ended the connection.
pub(crate) fn read_request(stream: &mut (impl BufRead + Write)) -> io::Result<Option<Request>> {
    let Some(seen) = read_head(stream)? else { return Ok(None) };
    if seen.header("expect").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        stream.flush()?;
    }
    let chunked = seen.header("transfer-encoding").is_some_and(|value| value.contains("chunked"));
    let length = seen.header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    let body = if chunked { read_chunks(stream)? } else { read_exactly(stream, length)? };
    Ok(Some(Request { seen, body }))
}

fn read_head(stream: &mut impl BufRead) -> io::Result<Option<Seen>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let read = stream.take(HEAD_BYTES_MAX as u64).read_until(b'\n', &mut head)?;
        if read == 0 && head.is_empty() {
            return Ok(None);
        }
        if read == 0 || head.len() > HEAD_BYTES_MAX {
            return Err(bad("the head of the request"));
        }
    }
    let mut headers = [httparse::EMPTY_HEADER; 100];
    let mut parsed = httparse::Request::new(&mut headers);
    parsed.parse(&head).map_err(|_| bad("the head of the request"))?;
    let headers = parsed.headers.iter();
    let headers = headers.map(|header| (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned()));
    Ok(Some(Seen {
        method: parsed.method.unwrap_or_default().to_owned(),
        target: parsed.path.unwrap_or_default().to_owned(),
        headers: headers.collect(),
        sent: Arc::default(),
    }))
}

fn read_chunks(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        stream.take(1024).read_line(&mut line)?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let length = u64::from_str_radix(digits, 16).map_err(|_| bad("a chunk"))?;
        body.extend(read_exactly(stream, length)?);
        if body.len() as u64 > BODY_BYTES_MAX {
            return Err(bad("the body's size"));
        }
        read_exactly(stream, 2)?; // the line's end; trailers are not sent by the clients we know
        if length == 0 {
            return Ok(body);
        }
    }
}

fn read_exactly(stream: &mut impl BufRead, length: u64) -> io::Result<Vec<u8>> {
    if length > BODY_BYTES_MAX {
        return Err(bad("the body's size"));
    }
    let mut body = Vec::new();
    stream.take(length).read_to_end(&mut body)?;
    if body.len() as u64 == length { Ok(body) } else { Err(bad("the body's end")) }
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("cannot understand {what}"))
}

/// An answer.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
}

pub(crate) enum Body {
    /// All of it is known.
    Whole(Vec<u8>),
    /// It is sent as it comes, in chunks, and may never end.
    Parts(Box<dyn Iterator<Item = Vec<u8>>>),
    /// Not even the headers end.
    EndlessHead,
}

impl Response {
    pub(crate) fn new(status: u16, content_type: &str, body: Body) -> Self {
        Self { status, headers: Vec::new(), body }.header("Content-Type", content_type)
    }

    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::new(status, "application/json", Body::Whole(value.to_string().into_bytes()))
    }

    pub(crate) fn text(status: u16, text: &str) -> Self {
        Self::new(status, "text/plain", Body::Whole(text.as_bytes().to_vec()))
    }

    pub(crate) fn header(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    /// Writes it; the client may go whenever it likes.
    pub(crate) fn write(self, stream: &mut impl Write, seen: &Seen, stop: &Stop) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        head.extend(self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")));
        match self.body {
            Body::Whole(body) => {
                stream.write_all(format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes())?;
                stream.write_all(&body)?;
                seen.sent.fetch_add(body.len() as u64, Ordering::Relaxed);
            }
            Body::Parts(parts) => {
                stream.write_all(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes())?;
                write_chunks(stream, parts, seen)?;
            }
            Body::EndlessHead => {
                stream.write_all(format!("{head}X-Padding: ").as_bytes())?;
                drip(stop, |_| b'x').try_for_each(|byte| stream.write_all(&byte).and_then(|()| stream.flush()))?;
            }
        }
        stream.flush()
    }
}

fn write_chunks(stream: &mut impl Write, parts: impl Iterator<Item = Vec<u8>>, seen: &Seen) -> io::Result<()> {
    stream.flush()?;
    for part in parts.filter(|part| !part.is_empty()) {
        write!(stream, "{:x}\r\n", part.len())?;
        stream.write_all(&part)?;
        stream.write_all(b"\r\n")?;
        stream.flush()?;
        seen.sent.fetch_add(part.len() as u64, Ordering::Relaxed);
    }
    stream.write_all(b"0\r\n\r\n")
}

/// A byte at a time, forever: as long as the server runs.
pub(crate) fn drip(stop: &Stop, byte: impl Fn(usize) -> u8 + 'static) -> impl Iterator<Item = Vec<u8>> + 'static {
    let stop = stop.clone();
    (0..).map_while(move |position| (!stop.within(SLOW)).then(|| vec![byte(position)]))
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Unknown",
    }
}
