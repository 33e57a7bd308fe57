//! What stands around a call: its method, and how the caller says who it is.

use fumehood_contract::calls::Authentication;

use super::code::Code;
use super::fold::Folder;
use super::token::Kind;
use super::words;

/// The tokens behind a call in which what was made is changed: a header set, a method chosen.
const AHEAD_TOKENS_MAX: usize = 160;

/// The tokens of a call's arguments that are looked at.
const ARGUMENT_TOKENS_MAX: usize = 400;

/// The calls that are chained to a call.
const CHAIN_MAX: usize = 16;

/// Stretches of tokens that say more of a call.
#[derive(Debug)]
pub(crate) struct Evidence {
    /// The call's arguments, those of its chain, and the objects that they name.
    near: Vec<(usize, usize)>,
    /// What comes behind it, up to the next call or function.
    ahead: (usize, usize),
    /// Names of calls in the chain, with their brackets.
    pub(crate) chained: Vec<(usize, usize)>,
}

impl Evidence {
    /// Of the call whose arguments open at `open`; nothing from `next` on belongs to it.
    pub(crate) fn of(folder: &Folder<'_, '_>, start: usize, open: usize, next: usize) -> Self {
        let code = folder.code;
        let close = code.partner(open).max(open);
        let mut near = vec![(start, close.min(open + ARGUMENT_TOKENS_MAX))];
        for argument in code.arguments(open) {
            // Options that were written before: `fetch(url, options)`, `headers=headers`.
            let is_name = argument.end == argument.start + 1 || argument.end == argument.start + 3;
            if let Some(name) = code.word(argument.end - 1).filter(|_| is_name) {
                let assigned = folder.names.variable(name, open).or_else(|| folder.names.field(name, open));
                if let Some(value) = assigned.and_then(|assigned| assigned.value) {
                    near.push((
                        value,
                        code.expression_end(value, ARGUMENT_TOKENS_MAX).min(value + ARGUMENT_TOKENS_MAX),
                    ));
                }
            }
        }
        let mut chained = Vec::new();
        let mut at = close + 1;
        while let Some((name, open)) = chained_call(code, at).filter(|_| chained.len() < CHAIN_MAX) {
            chained.push((name, open));
            let close = code.partner(open).max(open);
            near.push((name, close.min(open + ARGUMENT_TOKENS_MAX)));
            at = close + 1;
        }
        let ahead = (at, ahead_end(code, at, next));
        Self { near, ahead, chained }
    }

    /// The method that an option says: `method: 'POST'`, `-X`, `setRequestMethod("PUT")`. `Some(None)` if
    /// there is such an option and its value is not known.
    pub(crate) fn method(&self, folder: &mut Folder<'_, '_>) -> Option<Option<String>> {
        let near: Vec<_> = self.near.iter().copied().chain([self.ahead]).collect();
        near.into_iter().find_map(|(start, end)| (start..end).find_map(|at| option_method(folder, at)))
    }

    /// How the caller says who it is.
    pub(crate) fn authentication(&self, code: &Code<'_>) -> Authentication {
        let stretches = self.near.iter().chain([&self.ahead]);
        let mut best = Authentication::None;
        for at in stretches.flat_map(|(start, end)| *start..*end) {
            let found = match code.kind(at) {
                Some(Kind::Word) => by_word(code, at),
                Some(Kind::Text(_)) => by_text(code.source(at)),
                _ => None,
            };
            match found {
                Some(Hint::Sure(sure)) => return sure,
                Some(Hint::Maybe(maybe)) if best.is_none() => best = maybe,
                _ => {}
            }
        }
        best
    }
}

/// `.name(…)` at `at`.
fn chained_call(code: &Code<'_>, at: usize) -> Option<(usize, usize)> {
    let mut at = at;
    while matches!(code.kind(at), Some(Kind::Sign(b'!' | b'?')))
        || code.is(at, Kind::Close(b')')) && code.is(at + 1, Kind::Dot)
    {
        at += 1;
    }
    for _ in 0..3 {
        if !code.is(at, Kind::Dot) {
            return None;
        }
        code.word(at + 1)?;
        if let Some(open) = words::call_bracket(code, at + 2) {
            return Some((at + 1, open));
        }
        at += 2;
    }
    None
}

fn ahead_end(code: &Code<'_>, start: usize, next: usize) -> usize {
    let last = next.min(start + AHEAD_TOKENS_MAX).min(code.len());
    let mut at = start;
    let mut depth = 0usize;
    while at < last {
        match code.kind(at) {
            Some(Kind::Open(_)) => depth += 1,
            // The block that holds the call ends.
            Some(Kind::Close(b'}')) if depth == 0 => return at,
            Some(Kind::Close(_)) => depth = depth.saturating_sub(1),
            Some(Kind::Word) if matches!(code.source(at), "def" | "func" | "function" | "fn" | "fun" | "class") => {
                return at;
            }
            _ => {}
        }
        at += 1;
    }
    at.max(start)
}

/// The method that an option at `at` says.
fn option_method(folder: &mut Folder<'_, '_>, at: usize) -> Option<Option<String>> {
    let code = folder.code;
    let name = match code.kind(at)? {
        Kind::Word | Kind::Text(_) => code.source(at),
        _ => return None,
    };
    let is_setter = matches!(name, "setRequestMethod" | "method" | "SetMethod" | "withMethod" | "customMethod");
    let is_option = matches!(name, "method" | "Method" | "httpMethod" | "HTTPMethod" | "HttpMethod" | "requestMethod");
    let value = match code.kind(at + 1)? {
        Kind::Colon | Kind::Assign | Kind::Arrow if is_option || name == "type" && code.is_text(at + 2) => at + 2,
        Kind::Open(b'(') if is_setter => at + 2,
        Kind::Comma if matches!(name, "CURLOPT_CUSTOMREQUEST") => at + 2,
        Kind::Comma | Kind::Arrow if matches!(name, "CURLOPT_POST" | "CURLOPT_POSTFIELDS") => {
            return Some(Some("POST".to_owned()));
        }
        Kind::Arrow if name == "CURLOPT_CUSTOMREQUEST" => at + 2,
        _ => return None,
    };
    let end = code.expression_end(value, 24);
    Some(method_name(folder, value, end))
}

/// The method that an expression comes to: `"post"`, `HttpMethod.Post`, `http.MethodPost`, `:post`.
pub(crate) fn method_name(folder: &mut Folder<'_, '_>, start: usize, end: usize) -> Option<String> {
    let text = folder.value(start, end);
    let known = |name: &str| {
        let name = name.trim_start_matches("Method").trim_start_matches("METHOD_").to_ascii_uppercase();
        METHODS.contains(&name.as_str()).then_some(name)
    };
    if let Some(found) = known(&text.text) {
        return Some(found);
    }
    let word = (start..end)
        .rev()
        .find_map(|at| folder.code.word(at).or_else(|| folder.code.is_text(at).then(|| folder.code.source(at))));
    word.and_then(known)
}

/// What a method may be called.
pub(crate) const METHODS: &[&str] =
    &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "QUERY"];

enum Hint {
    Sure(Authentication),
    Maybe(Authentication),
}

fn by_word(code: &Code<'_>, at: usize) -> Option<Hint> {
    let is_named = matches!(code.kind(at + 1), Some(Kind::Assign | Kind::Colon | Kind::Arrow));
    Some(match code.source(at) {
        "bearer_auth"
        | "bearerAuth"
        | "withToken"
        | "setBearerAuth"
        | "SetAuthToken"
        | "oauth2_bearer"
        | "WithOAuthBearerToken" => Hint::Sure(Authentication::Bearer),
        "basic_auth"
        | "basicAuth"
        | "SetBasicAuth"
        | "setBasicAuth"
        | "HTTPBasicAuth"
        | "BasicAuth"
        | "withBasicAuth"
        | "HttpBasicAuthentication"
        | "CURLOPT_USERPWD"
        | "http_basicauth"
        | "auth_basic"
        | "basic_authentication"
        | "WithBasicAuth"
        | "NetworkCredential"
        | "userpwd" => Hint::Sure(Authentication::Basic),
        "OAuth1" | "OAuth2" | "OAuth1Session" | "OAuth2Session" | "OAuth1Auth" => Hint::Sure(Authentication::OAuth),
        "cert" | "client_cert" | "CURLOPT_SSLCERT" | "clientCertificate" | "ClientCertificates"
            if is_named || code.source(at).len() > 4 =>
        {
            Hint::Sure(Authentication::Mtls)
        }
        "auth" if is_named && matches!(code.kind(at + 2), Some(Kind::Open(b'(' | b'{' | b'['))) => {
            Hint::Sure(Authentication::Basic)
        }
        "Authorization" | "authorization" | "AUTHORIZATION" => Hint::Maybe(Authentication::Bearer),
        "api_key" | "apiKey" | "apikey" if is_named => Hint::Maybe(Authentication::ApiKey),
        _ => return None,
    })
}

fn by_text(text: &str) -> Option<Hint> {
    // Only words that stand in headers are looked for, and those are short.
    let text = text.get(..text.floor_char_boundary(96))?.trim();
    let lower = text.to_ascii_lowercase();
    if lower.contains("bearer ")
        || lower == "bearer"
        || lower.starts_with("authorization: token ")
        || lower.starts_with("token ")
    {
        Some(Hint::Sure(Authentication::Bearer))
    } else if lower.starts_with("basic ") || lower == "basic" || lower.contains("authorization: basic") {
        Some(Hint::Sure(Authentication::Basic))
    } else if lower.starts_with("oauth ") {
        Some(Hint::Sure(Authentication::OAuth))
    } else if lower == "authorization" || lower.starts_with("authorization:") {
        Some(Hint::Maybe(Authentication::Bearer))
    } else if is_key_header(&lower) {
        Some(Hint::Sure(Authentication::ApiKey))
    } else {
        None
    }
}

fn is_key_header(lower: &str) -> bool {
    let name = lower.split(':').next().unwrap_or_default();
    name.len() <= 40
        && !name.contains(' ')
        && ([
            "x-api-key",
            "api-key",
            "apikey",
            "api_key",
            "x-auth-token",
            "x-auth-key",
            "private-token",
            "x-access-token",
            "x-token",
            "x-api-token",
        ]
        .contains(&name)
            || name.starts_with("x-")
                && (name.ends_with("-api-key")
                    || name.ends_with("-apikey")
                    || name.ends_with("-token")
                    || name.ends_with("-key")))
}
