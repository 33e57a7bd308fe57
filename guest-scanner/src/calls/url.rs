//! A URL as it is reported: cut where it ends, with its host, and with no secret in it.

mod secret;

use fumehood_contract::calls::CallKind;
use fumehood_contract::limits::{HOST_BYTES_MAX, URL_BYTES_MAX};
use fumehood_contract::status::cut;

pub(crate) use secret::masked;

/// A URL ready for the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) url: String,
    pub(crate) host: Option<String>,
    /// Whether user and password stood in it.
    pub(crate) has_credentials: bool,
    /// Whether a key stood in its query.
    pub(crate) has_key: bool,
}

/// The schemes of addresses that are called.
const SCHEMES: &[&str] = &["http", "https", "ws", "wss", "grpc", "grpcs", "dns", "unix"];

/// Makes a target of what an expression came to; `None` if it is no address.
pub(crate) fn target(text: &str) -> Option<Target> {
    let text = text.trim();
    let end = text
        .find(|letter: char| letter.is_whitespace() || letter.is_control() || matches!(letter, '"' | '<' | '>' | '`'));
    let text = cut(text.get(..end.unwrap_or(text.len()))?, URL_BYTES_MAX);
    if text.is_empty() || matches!(text, "/" | "{}" | "#" | "null" | "nil" | "None" | "*") {
        return None;
    }
    if let Some((scheme, _)) = text.split_once("://")
        && !scheme.contains('{')
        && !SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme))
    {
        return None;
    }
    if ["file:", "data:", "blob:", "javascript:", "mailto:", "about:"].iter().any(|scheme| text.starts_with(scheme)) {
        return None;
    }
    let host = host(text);
    let safe = masked(text);
    Some(Target {
        url: cut(&safe.text, URL_BYTES_MAX).to_owned(),
        host,
        has_credentials: safe.credentials,
        has_key: safe.key,
    })
}

/// The host and port of an absolute URL, if they are literal.
pub(crate) fn host(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let is_host = !host.is_empty()
        && host.len() <= HOST_BYTES_MAX
        && host.chars().all(|letter| {
            letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_' | ':' | '[' | ']' | '{' | '}' | '*' | '%')
        });
    let is_hole = host.starts_with('{')
        && host.find('}').is_some_and(|end| host.get(end + 1..).is_some_and(|rest| !rest.contains('.')));
    (is_host && !is_hole).then(|| lowered(host))
}

/// In lower case, but for the names in it.
fn lowered(host: &str) -> String {
    let mut depth = 0usize;
    host.chars()
        .map(|letter| {
            match letter {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 { letter.to_ascii_lowercase() } else { letter }
        })
        .collect()
}

/// The sort of interface that a URL shows by itself.
pub(crate) fn kind(url: &str) -> Option<CallKind> {
    if url.starts_with("ws://") || url.starts_with("wss://") {
        return Some(CallKind::WebSocket);
    }
    if url.starts_with("grpc://") || url.starts_with("grpcs://") {
        return Some(CallKind::Grpc);
    }
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.split('/')
        .skip(1)
        .any(|segment| matches!(segment, "graphql" | "gql" | "graphql.json"))
        .then_some(CallKind::GraphQl)
}

/// Whether a text begins like an absolute URL of a scheme that is called.
pub(crate) fn begins_absolute(text: &str) -> bool {
    ["http://", "https://", "ws://", "wss://", "grpc://", "grpcs://"]
        .iter()
        .any(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

/// Whether a text is an absolute URL, with something of a host.
pub(crate) fn is_absolute(text: &str) -> bool {
    begins_absolute(text) && text.split_once("://").is_some_and(|(_, rest)| !rest.is_empty())
}

/// Whether a host or URL names a thing instead of a place to talk to: namespaces, schemas, licences.
pub(crate) fn is_identifier(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    const HOSTS: &[&str] = &[
        "www.w3.org",
        "w3.org",
        "json-schema.org",
        "schema.org",
        "xmlns.com",
        "purl.org",
        "schemas.xmlsoap.org",
        "schemas.microsoft.com",
        "schemas.android.com",
        "schemas.openxmlformats.org",
        "java.sun.com",
        "xmlns.jcp.org",
        "jakarta.ee",
        "www.springframework.org",
        "maven.apache.org",
        "www.opengis.net",
        "ns.adobe.com",
        "opensource.org",
        "www.gnu.org",
        "creativecommons.org",
        "spdx.org",
        "json.schemastore.org",
        "openapis.org",
        "spec.openapis.org",
        "www.apache.org",
        "unlicense.org",
        "mozilla.org",
        "www.mozilla.org",
        "tools.ietf.org",
        "datatracker.ietf.org",
        "www.rfc-editor.org",
        "stackoverflow.com",
        "semver.org",
        "docs.oasis-open.org",
        "schemas.amazon.com",
        "schemas.dmtf.org",
        "www.sitemaps.org",
        "a9.com",
        "search.yahoo.com",
        "www.iana.org",
        "iptc.org",
        "schemas.google.com",
        "json.org",
        "www.json.org",
        "cyclonedx.org",
        "yaml.org",
        "developer.mozilla.org",
        "caniuse.com",
        "goo.gl",
        "bit.ly",
    ];
    HOSTS.contains(&host)
        || host.starts_with("schemas.")
        || host.starts_with("docs.")
        || host.ends_with(".readthedocs.io")
        || host.ends_with(".readthedocs.org")
}
