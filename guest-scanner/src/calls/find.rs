//! The calls in a source file, from its tokens.

use std::collections::HashMap;

use fumehood_contract::ApiCall;
use fumehood_contract::calls::{Authentication, CallKind, Confidence};
use fumehood_contract::limits::CALLS_PER_FILE_MAX;

use super::bindings::Bindings;
use super::chain::Chain;
use super::clients::{Clients, Match};
use super::code::{Argument, Code};
use super::endpoints;
use super::evidence::{Evidence, method_name};
use super::fold::Folder;
use super::hints::Libraries;
use super::language::Language;
use super::library::{At, Method};
use super::names::Names;
use super::token::Kind;
use super::url;
use super::value::Value;
use super::words;

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

/// The calls of a file, and the addresses that it keeps for calls elsewhere.
pub(crate) fn calls(language: Language, text: &str, libraries: Libraries) -> Vec<ApiCall> {
    let code = Code::new(language, text);
    let bindings = Bindings::of(&code);
    let clients = Clients::of(&code, libraries, &bindings);
    let names = Names::of(&code);
    let mut finder = Finder {
        folder: Folder::new(&code, &names),
        code: &code,
        bindings: &bindings,
        clients: &clients,
        bases: HashMap::new(),
        found: Vec::new(),
    };
    if !clients.is_empty() {
        finder.all();
    }
    let mut found = finder.found;
    endpoints::add(&mut Folder::new(&code, &names), &mut found);
    found
}

struct Finder<'c, 't> {
    folder: Folder<'c, 't>,
    code: &'c Code<'t>,
    bindings: &'c Bindings<'t>,
    clients: &'c Clients<'t>,
    /// What the base addresses of libraries came to.
    bases: HashMap<&'static str, Value>,
    found: Vec<ApiCall>,
}

/// A call that was recognised, before what is around it was looked at.
struct Site<'t> {
    chain: Chain<'t>,
    open: usize,
    matched: Match,
}

impl<'t> Finder<'_, 't> {
    fn all(&mut self) {
        let sites: Vec<Site<'t>> = (0..self.code.len()).filter_map(|at| self.site(at)).collect();
        for (index, site) in sites.iter().enumerate() {
            if self.found.len() >= CALLS_PER_FILE_MAX {
                return;
            }
            let next = sites.get(index + 1).map_or(usize::MAX, |next| next.chain.start);
            if let Some(call) = self.call(site, next) {
                self.found.push(call);
            }
        }
    }

    fn site(&self, at: usize) -> Option<Site<'t>> {
        let name = self.code.word(at)?;
        if !self.clients.may_be(self.code, name, self.bindings) || self.is_definition(at) {
            return None;
        }
        let open = words::call_bracket(self.code, at + 1).or_else(|| self.bare_call(at)).or_else(|| self.passed(at))?;
        if self.is_signature(at, open) {
            return None;
        }
        // PHP's `curl_setopt($handle, CURLOPT_URL, $url)`, and none of its other options.
        if name == "curl_setopt" && self.code.word(self.code.arguments(open).get(1)?.start) != Some("CURLOPT_URL") {
            return None;
        }
        let chain = Chain::of(self.code, self.bindings, at, open);
        let matched = self.clients.of_call(&self.folder, self.bindings, &chain)?;
        Some(Site { chain, open, matched })
    }

    /// Ruby's calls without brackets: their arguments begin behind the name.
    fn bare_call(&self, at: usize) -> Option<usize> {
        let is_ruby = self.code.language == Language::Ruby && self.code.is(at.wrapping_sub(1), Kind::Dot);
        let begins = matches!(self.code.kind(at + 1), Some(Kind::Text(_) | Kind::Word))
            && self.code.line(at + 1) == self.code.line(at);
        let is_end = matches!(self.code.word(at + 1), Some("if" | "unless" | "do" | "and" | "or" | "end" | "rescue"));
        (is_ruby && begins && !is_end).then_some(at)
    }

    /// Python's `run(None, requests.get, url)` and `partial(client.get, url)`: what is called later, before its
    /// arguments. The comma stands for the bracket.
    fn passed(&self, at: usize) -> Option<usize> {
        let is_member = self.code.language == Language::Python && self.code.is(at.wrapping_sub(1), Kind::Dot);
        (is_member && self.code.is(at + 1, Kind::Comma)).then_some(at + 1)
    }

    fn is_definition(&self, at: usize) -> bool {
        let before = self.code.word(at.wrapping_sub(1));
        // Go's methods have their receiver between.
        matches!(before, Some("def" | "function" | "func" | "fn" | "fun" | "class" | "interface" | "struct" | "enum"))
            || self.code.language == Language::Go
                && self.code.is(at.wrapping_sub(1), Kind::Close(b')'))
                && self.code.word(self.code.partner(at.wrapping_sub(1)).wrapping_sub(1)) == Some("func")
    }

    /// `get(url) {` and `get(url): Promise<T> {` in a class.
    fn is_signature(&self, at: usize, open: usize) -> bool {
        let is_c_like = matches!(self.code.language, Language::JavaScript | Language::Java | Language::CSharp);
        let behind = self.code.partner(open) + 1;
        is_c_like
            && !self.code.is(at.wrapping_sub(1), Kind::Dot)
            && self.code.word(at.wrapping_sub(1)) != Some("new")
            && self.code.word(at.wrapping_sub(1)) != Some("await")
            && (self.code.is(behind, Kind::Open(b'{'))
                || self.code.is(behind, Kind::Colon) && self.code.word(behind + 1) == Some("Promise"))
    }

    fn call(&mut self, site: &Site<'t>, next: usize) -> Option<ApiCall> {
        let Match { library, call, is_guess, constructor } = site.matched;
        let arguments = self.arguments(site);
        let mut value = self.url(site, &arguments)?;
        let evidence = Evidence::of(&self.folder, site.chain.start, site.open, next);
        let method = self.method(site, &arguments, &evidence);
        let is_relative = !value.text.contains("://") && !value.text.starts_with('{');
        if is_relative
            && library.kind != CallKind::Grpc
            && let Some(mut base) = self.base(site, constructor)
        {
            base.join(&value);
            value = base;
        } else if says_path(&value.text)
            && let Some(mut base) = constructor.and_then(|open| self.base_argument(open, library.bases))
            && url::is_absolute(&base.text)
        {
            base.append(&value);
            value = base;
        }
        if !self.is_plausible(site, &value) || is_guess && !looks_like_url(&value) {
            return None;
        }
        let target = url::target(&value.text)?;
        if url::is_identifier(&target.url) && is_guess {
            return None;
        }
        let mut authentication = evidence.authentication(self.code);
        if target.has_credentials {
            authentication = Authentication::Basic;
        } else if target.has_key && authentication.is_none() {
            authentication = Authentication::ApiKey;
        }
        let kind = match url::kind(&target.url) {
            Some(kind) if library.kind == CallKind::Rest => kind,
            _ => library.kind,
        };
        let confidence = match (&target.host, value.is_literal, is_guess) {
            (Some(_), _, false) => Confidence::High,
            (Some(_), _, true) | (None, true, false) => Confidence::Medium,
            (None, _, _) => Confidence::Low,
        };
        let method =
            method.or_else(|| (call.method != Method::None && kind == CallKind::GraphQl).then(|| "POST".to_owned()));
        Some(ApiCall {
            method,
            host: target.host.or_else(|| {
                (library.kind == CallKind::Grpc).then(|| url::host(&format!("grpc://{}", target.url))).flatten()
            }),
            url: target.url,
            library: Some(library.name.to_owned()),
            kind,
            authentication,
            line: self.code.line(site.chain.name_at),
            confidence,
        })
    }

    fn arguments(&self, site: &Site<'t>) -> Vec<Argument<'t>> {
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

    fn url(&mut self, site: &Site<'t>, arguments: &[Argument<'t>]) -> Option<Value> {
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

    fn method(&mut self, site: &Site<'t>, arguments: &[Argument<'t>], evidence: &Evidence) -> Option<String> {
        let folder = &mut self.folder;
        match site.matched.call.method {
            Method::None => None,
            Method::Is(method) => Some(method.to_owned()),
            Method::Argument(position) => {
                let named = arguments.iter().find(|argument| argument.name == Some("method"));
                let argument =
                    named.or_else(|| arguments.iter().filter(|argument| argument.name.is_none()).nth(position))?;
                method_name(folder, argument.start, argument.end)
            }
            Method::Option(default) => match evidence.method(folder) {
                Some(found) => found,
                None if is_sending_body(folder.code, site, arguments) => Some("POST".to_owned()),
                None => Some(default.to_owned()),
            },
            Method::Chain(default) => {
                let behind = evidence.chained.iter().find_map(|(name, open)| verb(folder, *name, *open));
                let before = || {
                    let called = site.chain.segments.iter().rev().skip(1).filter(|segment| segment.open.is_some());
                    called.filter_map(|segment| plain_verb(segment.name)).next()
                };
                match behind {
                    Some(found) => found,
                    None => {
                        Some(before().or_else(|| method_before(folder, site)).unwrap_or_else(|| default.to_owned()))
                    }
                }
            }
        }
    }

    /// The base address of the object that is called.
    fn base(&mut self, site: &Site<'t>, constructor: Option<usize>) -> Option<Value> {
        let bases = site.matched.library.bases;
        if let Some(open) = constructor
            && let Some(found) = self.base_argument(open, bases)
        {
            return Some(found);
        }
        let named = self.base_by_name(bases);
        (!named.is_empty()).then_some(named)
    }

    fn base_argument(&mut self, open: usize, bases: &[&str]) -> Option<Value> {
        let arguments = self.code.arguments(open);
        for argument in &arguments {
            if argument.name.is_some_and(|name| bases.contains(&name)) {
                return Some(self.folder.value(argument.start, argument.end));
            }
            if matches!(self.code.kind(argument.start), Some(Kind::Open(b'{' | b'['))) {
                let inner = self.code.arguments(argument.start);
                if let Some(found) = inner.iter().find(|inner| inner.name.is_some_and(|name| bases.contains(&name))) {
                    return Some(self.folder.value(found.start, found.end));
                }
            }
        }
        let first = arguments.first().filter(|first| first.name.is_none() && bases.contains(&"0"))?;
        let mut value = self.folder.value(first.start, first.end);
        if !value.text.contains("://") && value.is_literal {
            let scheme = if self.code.source(open.wrapping_sub(1)).contains("HTTPS") { "https://" } else { "http://" };
            let mut whole = Value::literal(scheme);
            whole.append(&value);
            value = whole;
        }
        Some(value)
    }

    /// A base address that is set somewhere in the file: assigned, or given to a call of that name.
    fn base_by_name(&mut self, bases: &'static [&'static str]) -> Value {
        let Some(key) = bases.first() else { return Value::default() };
        if let Some(known) = self.bases.get(key) {
            return known.clone();
        }
        let mut found = Value::default();
        for at in 0..self.code.len() {
            let Some(word) = self.code.word(at).filter(|word| bases.contains(word)) else { continue };
            let value = match self.code.kind(at + 1) {
                Some(Kind::Open(b'(')) => at + 2,
                Some(Kind::Assign | Kind::Colon) => at + 2,
                Some(Kind::Text(_)) => at + 1,
                _ => continue,
            };
            // `url: …` alone says nothing of a base.
            if word == "url" {
                continue;
            }
            let end = self.code.expression_end(value, 60);
            let made = self.folder.value(value, end);
            if url::is_absolute(&made.text) {
                found = made;
                break;
            }
        }
        self.bases.insert(key, found.clone());
        found
    }

    /// Whether a value can be what this library calls. Functions that open files too need more than a name.
    fn is_plausible(&self, site: &Site<'t>, value: &Value) -> bool {
        let library = site.matched.library.name;
        let callee = site.matched.call.callee;
        let may_be_file = matches!(library, "php-streams" | "Foundation" | "scala.io")
            || callee == "get_headers"
            || library == "Flurl";
        if may_be_file {
            return url::is_absolute(&value.text)
                || value.text.contains("://")
                || !value.is_literal && library != "Flurl" && says_url(&value.text);
        }
        if library == "HttpURLConnection" {
            return true;
        }
        if matches!(library, "Refit" | "retrofit") {
            return matches!(
                self.code.kind(site.chain.start.wrapping_sub(1)),
                Some(Kind::Sign(b'@') | Kind::Open(b'['))
            );
        }
        if matches!(callee, "connect" | "Request")
            && site.chain.segments.len() == 1
            && !site.matched.library.name.starts_with("guzzle")
        {
            return url::is_absolute(&value.text);
        }
        true
    }
}

fn says_url(hole: &str) -> bool {
    let lower = hole.to_ascii_lowercase();
    ["url", "uri", "endpoint", "webhook", "href"].iter().any(|word| lower.contains(word))
        && !lower.contains("file")
        && !lower.contains("path")
}

/// Whether a value looks like what HTTP calls are made with, where nothing but a name says that it is one.
fn looks_like_url(value: &Value) -> bool {
    if value.is_literal {
        return value.text.contains('/') && !value.text.contains(' ');
    }
    let lower = value.text.to_ascii_lowercase();
    ["url", "uri", "endpoint", "path", "href", "link", "api", "route", "address", "webhook", "target"]
        .iter()
        .any(|word| lower.contains(word))
}

/// Whether a value that is not known is called a path of something.
fn says_path(hole: &str) -> bool {
    let is_single = hole.starts_with('{') && hole.find('}') == Some(hole.len().saturating_sub(1));
    let lower = hole.to_ascii_lowercase();
    is_single && ["path", "route", "resource"].iter().any(|word| lower.contains(word))
}

/// Node's `http`, where the object with the address says no scheme.
fn is_plain(site: &Site<'_>) -> bool {
    site.chain.full.starts_with("http.")
}

fn is_sending_body(code: &Code<'_>, site: &Site<'_>, arguments: &[Argument<'_>]) -> bool {
    let is_python = code.language == Language::Python && site.matched.library.name == "urllib";
    is_python
        && arguments.iter().enumerate().any(|(index, argument)| {
            let is_data = argument.name == Some("data") || argument.name.is_none() && index == 1;
            is_data && code.word(argument.start) != Some("None")
        })
}

fn plain_verb(name: &str) -> Option<String> {
    let upper = name.to_ascii_uppercase();
    matches!(upper.as_str(), "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS").then_some(upper)
}

/// The method that a chained call says. `Some(None)` if it says one that is not known.
fn verb(folder: &mut Folder<'_, '_>, name: usize, open: usize) -> Option<Option<String>> {
    let word = folder.code.source(name);
    if let Some(verb) = plain_verb(word) {
        return Some(Some(verb));
    }
    let is_setter = matches!(word, "method" | "setMethod" | "httpMethod" | "withMethod");
    let first = folder.code.arguments(open).first().copied().filter(|_| is_setter)?;
    Some(method_name(folder, first.start, first.end))
}

/// `.method(…)` that stands before in the same chain.
fn method_before(folder: &mut Folder<'_, '_>, site: &Site<'_>) -> Option<String> {
    let open = site
        .chain
        .segments
        .iter()
        .rev()
        .skip(1)
        .find(|segment| matches!(segment.name, "method" | "setMethod"))
        .and_then(|segment| segment.open)?;
    let first = folder.code.arguments(open).first().copied()?;
    method_name(folder, first.start, first.end)
}
