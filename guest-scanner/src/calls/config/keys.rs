//! Which keys of configuration hold addresses that are talked to.

/// Whether a value under this key is an address to talk to. `around` are the keys above it.
pub(super) fn says_address(key: &str, around: &[&str]) -> bool {
    let words = words_of(key);
    let has = |list: &[&str], words: &[String]| words.iter().any(|word| list.contains(&word.as_str()));
    if has(NOT, &words) || around.iter().any(|above| has(NOT_BELOW, &words_of(above))) {
        return false;
    }
    has(PLACE, &words) || around.last().is_some_and(|above| has(PLACE_ABOVE, &words_of(above)))
}

/// Words that say: here is somebody to talk to.
const PLACE: &[&str] = &[
    "url",
    "urls",
    "uri",
    "uris",
    "endpoint",
    "endpoints",
    "host",
    "hosts",
    "server",
    "servers",
    "api",
    "webhook",
    "webhooks",
    "hook",
    "broker",
    "gateway",
    "upstream",
    "backend",
    "service",
    "dsn",
    "address",
    "addr",
    "baseurl",
    "apiurl",
    "target",
    "proxy",
    "collector",
    "issuer",
    "authority",
    "jwks",
    "remote",
    "registry",
    "base",
    "websocket",
    "ws",
    "graphql",
    "rpc",
];

/// Of lists and maps of addresses, the keys above say it.
const PLACE_ABOVE: &[&str] = &[
    "urls",
    "endpoints",
    "servers",
    "hosts",
    "webhooks",
    "services",
    "upstreams",
    "targets",
    "apis",
    "url",
    "endpoint",
    "backends",
    "brokers",
];

const NOT: &[&str] = &[
    "homepage",
    "repository",
    "repo",
    "bugs",
    "license",
    "licence",
    "schema",
    "$schema",
    "id",
    "$id",
    "docs",
    "doc",
    "documentation",
    "xmlns",
    "namespace",
    "author",
    "authors",
    "maintainer",
    "icon",
    "logo",
    "image",
    "img",
    "avatar",
    "funding",
    "changelog",
    "readme",
    "terms",
    "privacy",
    "support",
    "contact",
    "about",
    "redirect",
    "callback",
    "ref",
    "$ref",
    "referer",
    "origin",
    "origins",
    "cors",
    "example",
    "source",
    "src",
    "sources",
    "picture",
    "thumbnail",
    "help",
    "website",
    "site",
    "page",
    "blog",
    "social",
    "comment",
    "description",
    "title",
    "banner",
    "favicon",
    "distributionurl",
    "vcs",
    "scm",
    "git",
];

const NOT_BELOW: &[&str] = &[
    "repository",
    "bugs",
    "license",
    "licence",
    "info",
    "contact",
    "externaldocs",
    "author",
    "authors",
    "maintainers",
    "funding",
    "example",
    "examples",
    "links",
    "social",
    "menu",
    "nav",
    "navbar",
    "footer",
    "tags",
    "contributors",
    "people",
    "definitions",
    "dependencies",
    "devdependencies",
    "packages",
    "resolved",
    "cors",
    "keywords",
    "badges",
    "mirrors",
    "repositories",
    "repos",
];

/// A key in its words, in lower case: `apiBaseUrl`, `API_BASE_URL`, `api.base-url`.
fn words_of(key: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut was_lower = false;
    for letter in key.chars().take(128) {
        if matches!(letter, '_' | '-' | '.' | ' ' | ':' | '/' | '[' | ']') {
            words.push(std::mem::take(&mut current));
        } else {
            if letter.is_uppercase() && was_lower {
                words.push(std::mem::take(&mut current));
            }
            current.extend(letter.to_lowercase());
        }
        was_lower = letter.is_lowercase() || letter.is_ascii_digit();
    }
    words.push(current);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::says_address;

    #[test]
    fn keys_say_whether_their_value_is_talked_to() {
        for key in ["API_BASE_URL", "apiUrl", "spring.datasource.url", "webhook-url", "endpoint"] {
            assert!(says_address(key, &[]), "{key}");
        }
        for key in ["homepage", "$schema", "repository_url", "docsUrl", "name", "curly"] {
            assert!(!says_address(key, &[]), "{key}");
        }
        assert!(!says_address("url", &["bugs"]));
        assert!(says_address("users", &["services"]));
    }
}
