//! Addresses that a file keeps in constants, for calls that are made elsewhere.

use fumehood_contract::ApiCall;
use fumehood_contract::calls::{Authentication, Confidence};
use fumehood_contract::limits::CALLS_PER_FILE_MAX;

use super::fold::Folder;
use super::language::Language;
use super::names::{Assigned, Role};
use super::url;
use crate::path;

/// Words of names for addresses.
const PLACES: &[&str] = &["url", "uri", "endpoint", "host", "base", "server", "api", "webhook", "gateway", "root"];

/// Words of names for what is talked to.
const CALLED: &[&str] = &[
    "api", "endpoint", "base", "server", "host", "webhook", "gateway", "token", "oauth", "auth", "root", "upload",
    "rpc", "graphql", "socket", "ws", "ingest", "registry",
];

/// Adds the addresses in constants that no call of the file was seen to use.
pub(crate) fn add(folder: &mut Folder<'_, '_>, found: &mut Vec<ApiCall>) {
    let mut constants: Vec<(&str, Assigned)> = folder
        .names
        .all()
        .filter(|(name, assigned)| {
            assigned.role != Role::Parameter && begins_absolute(folder, *assigned) && says_endpoint(name)
        })
        .collect();
    constants.sort_by_key(|(_, assigned)| assigned.at);
    let calls = found.len();
    for (_, assigned) in constants {
        if found.len() >= CALLS_PER_FILE_MAX {
            break;
        }
        let Some(start) = assigned.value else { continue };
        let end = folder.code.expression_end(start, 60);
        let value = folder.value(start, end);
        let Some(target) = url::target(&value.text).filter(|target| target.host.is_some()) else { continue };
        let is_used = found.iter().take(calls).any(|call| call.url.starts_with(target.url.trim_end_matches('/')));
        let line = folder.code.line(assigned.at);
        let is_known = found.iter().any(|call| call.url == target.url && call.line == line);
        if is_used || is_known || url::is_identifier(&target.url) {
            continue;
        }
        found.push(endpoint(target, line));
    }
    found.sort_by_key(|call| call.line);
}

/// A record of an address that nothing is known to call.
pub(crate) fn endpoint(target: url::Target, line: u32) -> ApiCall {
    let authentication = match (target.has_credentials, target.has_key) {
        (true, _) => Authentication::Basic,
        (_, true) => Authentication::ApiKey,
        _ => Authentication::None,
    };
    ApiCall {
        method: None,
        kind: url::kind(&target.url).unwrap_or_default(),
        url: target.url,
        host: target.host,
        library: None,
        authentication,
        line,
        confidence: Confidence::Medium,
    }
}

fn begins_absolute(folder: &Folder<'_, '_>, assigned: Assigned) -> bool {
    assigned.value.is_some_and(|value| {
        (value..value + 8)
            .take_while(|at| folder.code.line(*at) <= folder.code.line(value) + 1)
            .any(|at| folder.code.is_text(at) && url::begins_absolute(folder.code.source(at)))
    })
}

/// Whether a constant of this name holds an address to talk to, and not one to show or to compare.
pub(crate) fn says_endpoint(name: &str) -> bool {
    const NOT: &[&str] = &[
        "doc",
        "help",
        "homepage",
        "home_page",
        "license",
        "licence",
        "schema",
        "namespace",
        "xmlns",
        "repo",
        "issue",
        "support",
        "refer",
        "redirect",
        "callback",
        "image",
        "icon",
        "logo",
        "avatar",
        "terms",
        "privacy",
        "example",
        "test",
        "website",
        "readme",
        "bug",
        "changelog",
        "learn",
        "info_url",
        "about",
        "download_page",
        "wiki",
        "faq",
        "canonical",
        "profile_url",
        "placeholder",
        "mock",
        "dtd",
        "ns_",
        "author",
        "project_url",
        "more",
        "src",
        "cors",
        "origin",
        "allowed",
        "blog",
        "donate",
        "sponsor",
        "funding",
        "twitter",
        "forum",
        "page_url",
        "web_url",
        "site_url",
        "dashboard",
        "console_url",
        "signup",
        "pricing",
        "upgrade",
    ];
    // Who wrote something is none, and who is authorized is one.
    let lower = name.to_ascii_lowercase().replace("authori", "auth");
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    says(PLACES) && says(CALLED) && !says(NOT)
}

/// Whether in `before`, the source just before an address, there may be a name that says an endpoint, as it stands where
/// something is assigned to it. What [`Names`](super::names::Names) finds there is among what this finds. Of `names_left`
/// it takes one, and one for each name; when none is left, there may be.
pub(crate) fn may_say(language: Language, before: &[u8], names_left: &mut u32) -> bool {
    let mut rest = before;
    *names_left = names_left.saturating_sub(1);
    while let Some(start) = rest.iter().position(is_of_name) {
        let (word, behind) = split_at_end(rest.get(start..).unwrap_or_default());
        if *names_left == 0 {
            return true;
        }
        if is_assigned(language, behind) {
            *names_left -= 1;
            let word = String::from_utf8_lossy(word);
            // Within a text a dot is a part of the name, elsewhere it is not.
            if says_endpoint(&word) || path::extension(&word).is_some_and(says_endpoint) {
                return true;
            }
        }
        rest = behind;
    }
    false
}

fn is_of_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$') || *byte >= 0x80
}

fn split_at_end(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().position(|byte| !is_of_name(byte)).unwrap_or(text.len()))
}

/// Whether what stands behind a name may assign something to it, with a type between.
fn is_assigned(language: Language, behind: &[u8]) -> bool {
    let behind = behind.strip_prefix(b"\"").or_else(|| behind.strip_prefix(b"'")).unwrap_or(behind);
    match behind.trim_ascii_start() {
        [b'=', b'=', ..] => false,
        [b'=' | b':' | b'|' | b'?' | b'!', ..] => true,
        // `const name string = …`, `name, err := …`
        _ => language == Language::Go,
    }
}

#[cfg(test)]
mod tests {
    use super::{Language, may_say};

    #[test]
    fn a_name_says_an_endpoint_where_it_is_assigned() {
        for (language, before) in [
            (Language::Python, "api_url = "),
            (Language::Python, "self.api_url: str = ("),
            (Language::JavaScript, "'docs.base_url': "),
            (Language::Ruby, "API_URL ||= "),
            (Language::Go, "const apiURL string = "),
        ] {
            assert!(may_say(language, before.as_bytes(), &mut 9), "{before}");
        }
        for before in ["self.api_params()\nuri = ", "if base_url == ", "api_docs_url = ", "url = ", "# of the API: "] {
            assert_eq!(may_say(Language::Python, before.as_bytes(), &mut 9), before.contains("API"), "{before}");
        }
    }

    #[test]
    fn where_too_many_names_stand_it_is_not_said_that_none_does() {
        let (mut left, before) = (3, b"a = b = c = ");
        assert!(!may_say(Language::Python, &before[..8], &mut left));
        assert_eq!(left, 0);
        assert!(may_say(Language::Python, before, &mut left));
    }
}
