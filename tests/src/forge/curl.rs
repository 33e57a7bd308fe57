//! What curl gets from a forge: for tests of the forge itself.

use std::process::Command;

use serde_json::Value;

use super::Forge;

/// An answer that curl got. Its status is 0 where there was none.
pub struct Answer {
    /// Of the last answer, if there were redirects.
    pub status: u16,
    /// Whatever came after the last headers.
    pub body: String,
    head: String,
}

impl Forge {
    /// Asks with curl for a URL or, at this forge, a path. `None`, and a word on standard error, where
    /// there is no curl.
    pub fn curl(&self, url: &str, args: &[&str]) -> Option<Answer> {
        let url = if url.starts_with('/') { format!("{}{url}", self.origin()) } else { url.to_owned() };
        let output = Command::new("curl")
            .args(["--disable", "--silent", "--include", "--noproxy", "*", "--cacert"])
            .arg(self.ca_file())
            .args(args)
            .arg(url)
            .output();
        let Ok(output) = output else {
            eprintln!("skipped: this machine has no curl");
            return None;
        };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (heads, body) = text.rsplit_once("\r\n\r\n").unwrap_or_default();
        let head = heads.rsplit_once("HTTP/1.1 ").map_or("", |(_, last)| last).to_owned();
        let status = head.split(' ').next().and_then(|code| code.parse().ok()).unwrap_or(0);
        Some(Answer { status, head, body: body.to_owned() })
    }
}

impl Answer {
    /// Its body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.head, self.body))
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The target of the link to the next page.
    pub fn next(&self) -> Option<String> {
        let link = self.header("link")?.split(", ").find(|link| link.ends_with("rel=\"next\""))?;
        Some(link.trim_start_matches('<').split('>').next()?.to_owned())
    }

    /// The text in a field of each entry of the list that it is.
    pub fn texts(&self, field: &str) -> Vec<String> {
        let entries = self.json().as_array().cloned().unwrap_or_default();
        entries.iter().map(|entry| entry[field].as_str().unwrap().to_owned()).collect()
    }
}
