//! Secrets in URLs are masked before anything is written.

/// What stands where a secret stood.
const MASK: &str = "***";

/// A text without its secrets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Masked {
    pub(crate) text: String,
    /// Whether user and password were among them.
    pub(crate) credentials: bool,
    /// Whether a parameter of the query was.
    pub(crate) key: bool,
}

/// Masks user and password, the values of parameters that are called like secrets, and whatever has the
/// shape of a key.
pub(crate) fn masked(url: &str) -> Masked {
    let (url, credentials) = without_credentials(url);
    let (path, query) = match url.split_once(['?', '#']) {
        Some((path, _)) => (path, url.get(path.len()..).unwrap_or_default()),
        None => (url.as_str(), ""),
    };
    let mut text = masked_path(path);
    let mut key = false;
    let mut rest = query;
    while let Some(mark) = rest.get(..1) {
        let behind = rest.get(1..).unwrap_or_default();
        let end = behind.find(['&', ';', '#', '?']).unwrap_or(behind.len());
        let parameter = behind.get(..end).unwrap_or_default();
        text.push_str(mark);
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let is_secret = is_secret_name(name);
        key |= is_secret && !value.is_empty();
        if value.is_empty() {
            text.push_str(if has_key_shape(parameter) { MASK } else { parameter });
        } else if is_hole(value) || !(is_secret || has_key_shape(value)) {
            text.push_str(parameter);
        } else {
            text.push_str(name);
            text.push('=');
            text.push_str(MASK);
        }
        rest = behind.get(end..).unwrap_or_default();
    }
    Masked { text, credentials, key }
}

/// `scheme://user:password@host` without the first two.
fn without_credentials(url: &str) -> (String, bool) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), false) };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    // A password may hold a `/` that nobody encoded: then the `@` is behind it.
    if let Some((before, host)) = path.split_once('@')
        && !before.contains(['?', '#'])
        && is_password_cut(authority)
    {
        return (format!("{scheme}://{MASK}@{host}"), true);
    }
    match authority.rsplit_once('@') {
        Some((user, host)) if is_hole(user) || user.split(':').all(is_hole) => {
            (format!("{scheme}://{user}@{host}{path}"), true)
        }
        Some((_, host)) => (format!("{scheme}://{MASK}@{host}{path}"), true),
        None => (format!("{scheme}://{authority}{path}"), false),
    }
}

/// Whether what stands behind the colon is no port, and so the beginning of a password.
fn is_password_cut(authority: &str) -> bool {
    let behind = authority.rsplit_once(':').map_or("", |(_, behind)| behind);
    !behind.is_empty()
        && !behind.bytes().all(|byte| byte.is_ascii_digit())
        && !is_hole(behind)
        && !authority.contains(['@', '['])
}

fn masked_path(path: &str) -> String {
    let mut made = String::with_capacity(path.len());
    let segments: Vec<&str> = path.split('/').collect();
    for (index, segment) in segments.iter().enumerate() {
        if index > 0 {
            made.push('/');
        }
        let before = |back: usize| index.checked_sub(back).and_then(|at| segments.get(at)).copied().unwrap_or_default();
        // The last part of the addresses of Slack's, Discord's and Telegram's web hooks.
        let is_hook =
            before(3) == "services" && before(1).starts_with('B') || before(2) == "webhooks" && before(3) == "api";
        let is_bot = segment.starts_with("bot") && segment.contains(':');
        if (is_hook || is_bot || has_key_shape(segment)) && !is_hole(segment) && !segment.is_empty() {
            made.push_str(MASK);
        } else {
            made.push_str(segment);
        }
    }
    made
}

fn is_hole(text: &str) -> bool {
    text.starts_with('{') && text.ends_with('}')
        || text.contains('{') && text.split('{').next().is_none_or(str::is_empty)
}

fn is_secret_name(name: &str) -> bool {
    let name: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    const PARTS: &[&str] = &[
        "token",
        "secret",
        "password",
        "passwd",
        "apikey",
        "signature",
        "credential",
        "accesskey",
        "privatekey",
        "authorization",
    ];
    matches!(
        name.as_str(),
        "key"
            | "pwd"
            | "pass"
            | "sig"
            | "auth"
            | "code"
            | "appid"
            | "apisecret"
            | "sas"
            | "jwt"
            | "session"
            | "sid"
            | "subscriptionkey"
    ) || PARTS.iter().any(|part| name.contains(part))
}

/// Whether a text looks like a key: a prefix that issuers of keys use, or a long mix of letters and digits.
fn has_key_shape(text: &str) -> bool {
    const PREFIXES: &[&str] = &[
        "AKIA",
        "ASIA",
        "ghp_",
        "gho_",
        "ghs_",
        "ghu_",
        "ghr_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "xoxa-",
        "sk_live_",
        "sk_test_",
        "rk_live_",
        "pk_live_",
        "sk-",
        "AIza",
        "eyJ",
        "ya29.",
        "SG.",
        "npm_",
        "pypi-",
        "dop_v1_",
        "hf_",
        "key-",
        "shpat_",
    ];
    let body = text.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
    let is_token = |body: &str| body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.~+=".contains(&byte));
    if PREFIXES.iter().any(|prefix| body.strip_prefix(prefix).is_some_and(|rest| rest.len() >= 10 && is_token(rest))) {
        return true;
    }
    let is_uuid = body.len() == 36 && body.bytes().filter(|byte| *byte == b'-').count() == 4;
    let digits = body.bytes().filter(u8::is_ascii_digit).count();
    let letters = body.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_dense = body.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'='));
    is_dense && !is_uuid && body.len() >= 32 && digits >= 4 && letters >= 4
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn secrets_are_masked() {
        for (url, expected) in [
            ("https://user:pw@host/x", "https://***@host/x"),
            ("https://user:p/w@host/x", "https://***@host/x"),
            ("https://{user}:{password}@host/x", "https://{user}:{password}@host/x"),
            ("https://host/x?api_key=abc&page=2#top", "https://host/x?api_key=***&page=2#top"),
            ("https://host/x?api_key={key}", "https://host/x?api_key={key}"),
            ("https://hooks.slack.com/services/T000/B000/xyzxyz", "https://hooks.slack.com/services/T000/B000/***"),
            ("https://api.telegram.org/bot123:abc/send", "https://api.telegram.org/***/send"),
            ("https://host:8080/a@b", "https://host:8080/a@b"),
            ("https://host/ghp_0123456789abcdef", "https://host/***"),
            ("https://host/0123456789abcdef0123456789abcdef/x", "https://host/***/x"),
            ("/plain/{id}/path-of-several-words-that-is-long", "/plain/{id}/path-of-several-words-that-is-long"),
        ] {
            assert_eq!(masked(url).text, expected);
        }
    }
}
