//! Where a call goes, as far as it says so itself.

use super::{Finder, Site};
use crate::calls::code::Argument;
use crate::calls::language::Language;
use crate::calls::library::At;
use crate::calls::token::Kind;
use crate::calls::value::Value;
use crate::calls::words;

/// What a URL is called among named arguments and in objects.
const URL_NAMES: &[&str] = &[
    "url",
    "uri",
    "URL",
    "Url",
    "Uri",
    "requestUri",
    "urlString",
    "address",
    "target",
    "contentsOf",
    "href",
    "baseUrl",
    "hostname",
    "full_url",
    "endpoint",
    "baseURL",
    "endpointURL",
];

impl<'t> Finder<'_, 't> {
    pub(super) fn arguments(&self, site: &Site<'t>) -> Vec<Argument<'t>> {
        if site.open == site.chain.name_at || self.code.is(site.open, Kind::Comma) {
            let end = self.code.expression_end(site.open + 1, 200);
            // Commas do not end arguments that have no brackets around them.
            let mut last = end;
            while self.code.is(last, Kind::Comma) && self.code.line(last) <= self.code.line(site.open) + 8 {
                last = self.code.expression_end(last + 1, 200);
            }
            return self.code.split(site.open + 1, last);
        }
        self.code.arguments(site.open)
    }

    pub(super) fn url(&mut self, site: &Site<'t>, arguments: &[Argument<'t>]) -> Option<Value> {
        let call = site.matched.call;
        match call.url {
            At::Receiver => {
                let dot = site.chain.name_at.checked_sub(1)?;
                let start = self.receiver_start(site.chain.start);
                return Some(self.folder.value(start, dot));
            }
            At::Base => {
                let path = arguments.first().filter(|first| first.name == Some("path"));
                return Some(path.map_or_else(Value::default, |path| self.folder.value(path.start, path.end)));
            }
            At::Argument(_) => {}
        }
        let At::Argument(position) = call.url else { return None };
        let is_labelled = matches!(self.code.language, Language::Swift);
        let named = arguments.iter().find(|argument| argument.name.is_some_and(|name| URL_NAMES.contains(&name)));
        let mut positional = arguments.iter().filter(|argument| argument.name.is_none() || is_labelled);
        let argument = named.filter(|_| !is_labelled || position > 8).or_else(|| positional.nth(position))?;
        if self.code.is(argument.start, Kind::Open(b'{'))
            || self.code.is(argument.start, Kind::Open(b'[')) && self.code.language == Language::Php
        {
            return self.url_in_object(argument.start, is_plain(site));
        }
        // Options that were written before.
        if argument.end == argument.start + 1
            && let Some(name) = self.code.word(argument.start)
            && let Some(object) = self.folder.names.variable(name, argument.start).and_then(|assigned| assigned.value)
            && self.code.is(object, Kind::Open(b'{'))
        {
            return self.url_in_object(object, is_plain(site));
        }
        if self.is_made_elsewhere(argument) {
            return None;
        }
        let value = self.folder.value(argument.start, argument.end);
        // An object that is made in place: `request(Object.assign(…))`.
        if value.text == "{}" || value.is_empty() {
            Some(Value::hole("url")).filter(|_| named.is_some())
        } else {
            Some(value)
        }
    }

    fn receiver_start(&self, start: usize) -> usize {
        if self.code.word(start.wrapping_sub(1)) == Some("new") { start - 1 } else { start }
    }

    /// Whether an argument is a request that was found where it was made.
    fn is_made_elsewhere(&self, argument: &Argument<'t>) -> bool {
        const MAKERS: &[&str] = &[
            "URLRequest",
            "Request",
            "NSMutableURLRequest",
            "HTTPRequest",
            "HttpRequestMessage",
            "makeRequest",
            "buildRequest",
        ];
        let at = (argument.start..argument.end)
            .find(|at| !self.code.word(*at).is_some_and(words::is_prefix))
            .unwrap_or(argument.start);
        let Some(name) = self.code.word(at) else { return false };
        if MAKERS.contains(&name)
            || matches!(self.code.source(at + 2), "Request" | "HTTPRequest") && self.code.is(at + 1, Kind::Dot)
        {
            return true;
        }
        if argument.end > at + 1 && !self.code.is(at + 1, Kind::Dot)
            || !matches!(self.code.language, Language::Swift | Language::Python | Language::JavaScript)
        {
            return false;
        }
        let value = self.folder.names.variable(name, at).and_then(|assigned| assigned.value);
        let made = value.is_some_and(|value| {
            (value..value + 6).any(|at| self.code.word(at).is_some_and(|word| MAKERS.contains(&word)))
        });
        made || matches!(name, "request" | "req" | "urlRequest") && self.code.language != Language::JavaScript
    }

    fn url_in_object(&mut self, open: usize, is_plain: bool) -> Option<Value> {
        let arguments = self.code.arguments(open);
        let find = |names: &[&str]| {
            arguments.iter().find(|argument| argument.name.is_some_and(|name| names.contains(&name))).copied()
        };
        if let Some(found) = find(&["url", "uri", "URL", "link", "endpoint"]) {
            return Some(self.folder.value(found.start, found.end));
        }
        // `{ url }`
        let short = arguments
            .iter()
            .find(|argument| argument.name.is_none() && matches!(self.code.source(argument.start), "url" | "uri"));
        if let Some(short) = short {
            return Some(self.folder.value(short.start, short.end));
        }
        let host = find(&["hostname", "host"])?;
        let mut made = self.folder.value(host.start, host.end);
        if let Some(port) = find(&["port"]) {
            made.append(&Value::literal(":"));
            let port = self.folder.value(port.start, port.end);
            made.append(&port);
        }
        if let Some(path) = find(&["path", "pathname"]) {
            let path = self.folder.value(path.start, path.end);
            made.join(&path);
        }
        let mut whole = Value::literal(if is_plain { "http://" } else { "https://" });
        whole.is_literal = made.is_literal;
        whole.append(&made);
        Some(whole)
    }
}

/// Node's `http`, where the object with the address says no scheme.
fn is_plain(site: &Site<'_>) -> bool {
    site.chain.full.starts_with("http.")
}
