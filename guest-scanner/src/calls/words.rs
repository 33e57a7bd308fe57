//! Names that mean the same in many programs: what reads the environment, what encodes, what formats.

use super::code::Code;
use super::token::Kind;

/// The tokens of type arguments between a name and its bracket: `get<List<User>>(…)`.
const TYPE_ARGUMENT_TOKENS_MAX: usize = 24;

/// The chain without what names the object that the code belongs to.
pub(crate) fn without_self<'c, 't>(chain: &'c [&'t str]) -> &'c [&'t str] {
    match chain.split_first() {
        Some((first, rest)) if !rest.is_empty() && is_self(first) => rest,
        _ => chain,
    }
}

fn is_self(name: &str) -> bool {
    matches!(name, "self" | "this" | "cls" | "static" | "super" | "Self" | "parent" | "companion")
}

/// Whether a word may stand before a value and changes nothing of it.
pub(crate) fn is_prefix(word: &str) -> bool {
    matches!(
        word,
        "new"
            | "await"
            | "return"
            | "try"
            | "mut"
            | "ref"
            | "yield"
            | "in"
            | "const"
            | "let"
            | "val"
            | "var"
            | "move"
            | "async"
            | "static"
            | "not"
    )
}

/// The opening bracket of a call whose name ends before `at`: over `!`, `?` and type arguments.
pub(crate) fn call_bracket(code: &Code<'_>, at: usize) -> Option<usize> {
    match code.kind(at)? {
        Kind::Open(b'(') => Some(at),
        Kind::Sign(b'!' | b'?') if code.is(at + 1, Kind::Open(b'(')) => Some(at + 1),
        // Rust's `::<T>(`
        Kind::Dot if code.is(at + 1, Kind::Sign(b'<')) => behind_types(code, at + 1),
        Kind::Sign(b'<') => behind_types(code, at),
        Kind::Open(b'[') if code.is(code.partner(at) + 1, Kind::Open(b'(')) && code.word(at + 1).is_some() => {
            // Scala's and Go's `get[User](…)`
            Some(code.partner(at) + 1)
        }
        _ => None,
    }
}

fn behind_types(code: &Code<'_>, at: usize) -> Option<usize> {
    let mut depth = 0usize;
    for next in at..at + TYPE_ARGUMENT_TOKENS_MAX {
        match code.kind(next)? {
            Kind::Sign(b'<') => depth += 1,
            Kind::Sign(b'>') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return code.is(next + 1, Kind::Open(b'(')).then_some(next + 1);
                }
            }
            Kind::Word
            | Kind::Dot
            | Kind::Comma
            | Kind::Colon
            | Kind::Sign(_)
            | Kind::Open(b'[' | b'{')
            | Kind::Close(b']' | b'}') => {}
            Kind::Number
            | Kind::Text(_)
            | Kind::Plus
            | Kind::Assign
            | Kind::Arrow
            | Kind::Or
            | Kind::Open(_)
            | Kind::Close(_) => {
                return None;
            }
        }
    }
    None
}

/// Whether the chain leads to a variable of the environment.
pub(crate) fn is_environment(chain: &[&str]) -> bool {
    chain.iter().any(|name| matches!(*name, "environ" | "env" | "ENV" | "_ENV" | "_SERVER"))
}

/// Whether calling the chain reads a variable of the environment.
pub(crate) fn is_environment_call(chain: &[&str]) -> bool {
    matches!(
        chain,
        [.., "getenv" | "Getenv" | "LookupEnv" | "GetEnvironmentVariable"]
            | ["env"]
            | [.., "environ", "get"]
            | [.., "ENV", "fetch"]
            | [.., "env", "var" | "get"]
    )
}

/// Whether calling the chain fills places in its first argument or its receiver.
pub(crate) fn is_format(chain: &[&str]) -> bool {
    matches!(
        chain,
        ["format" | "sprintf" | "format_args" | "String"]
            | [.., "Sprintf" | "format" | "Format" | "formatted" | "sprintf"]
    ) && chain != ["String"]
}

/// Whether the type's `format` takes the template as its first argument.
pub(crate) fn has_static_format(name: &str) -> bool {
    matches!(name, "String" | "string" | "str" | "fmt" | "util" | "Kernel" | "MessageFormat" | "std")
}

/// Whether calling the chain joins a base and a path.
pub(crate) fn is_join(chain: &[&str]) -> bool {
    match chain {
        [.., "urljoin" | "JoinPath" | "url_join" | "urlJoin" | "joinUrl" | "joinURL" | "URL"]
        | ["URI", "join"]
        | ["path", "Join"] => true,
        // Go's `base.Parse(reference)`.
        [.., base, "Parse"] => {
            let lower = base.to_ascii_lowercase();
            lower != "url" && ["url", "endpoint", "base"].iter().any(|word| lower.contains(word))
        }
        _ => false,
    }
}

/// Whether a member of this name is a part of a URL, or all of it.
pub(crate) fn is_part_of_url(name: &str) -> bool {
    matches!(
        name,
        "request_uri"
            | "path"
            | "Path"
            | "href"
            | "absoluteString"
            | "AbsoluteUri"
            | "OriginalString"
            | "uri"
            | "Uri"
            | "url"
    )
}

/// Whether calling the chain gives its first argument, as text, a URL or encoded.
pub(crate) fn is_transparent(chain: &[&str]) -> bool {
    let Some(name) = chain.last() else { return false };
    matches!(
        *name,
        "encodeURIComponent"
            | "encodeURI"
            | "String"
            | "str"
            | "quote"
            | "quote_plus"
            | "urlencode"
            | "rawurlencode"
            | "escape"
            | "PathEscape"
            | "QueryEscape"
            | "encode"
            | "EscapeDataString"
            | "EscapeUriString"
            | "UrlEncode"
            | "Uri"
            | "URI"
            | "URL"
            | "NSURL"
            | "URLComponents"
            | "NSURLComponents"
            | "HttpUrl"
            | "URLRequest"
            | "NSMutableURLRequest"
            | "Request"
            | "toUri"
            | "parse_url"
            | "toHttpUrl"
            | "uri"
            | "Some"
            | "Ok"
            | "addingPercentEncoding"
            | "rtrim"
            | "trim"
            | "TrimSuffix"
            | "TrimRight"
            | "TrimSpace"
            | "TrimPrefix"
            | "ToString"
            | "to_s"
            | "fspath"
            | "cstr"
            | "esc_url"
            | "set_url_scheme"
            | "requote_uri"
            | "trailingslashit"
            | "untrailingslashit"
            | "normalize_url"
            | "esc_url_raw"
            | "HttpGet"
            | "HttpPost"
            | "HttpPut"
            | "HttpDelete"
    ) || matches!(
        chain,
        [
            ..,
            "URI" | "Uri" | "url" | "Url" | "URL" | "HttpUrl" | "uri",
            "parse" | "create" | "Parse" | "get" | "unsafeFromString" | "of"
        ]
    )
}

/// Whether the method gives its receiver, or something that is written the same.
pub(crate) fn keeps_receiver(name: &str) -> bool {
    matches!(
        name,
        "toString"
            | "to_string"
            | "to_s"
            | "as_str"
            | "to_owned"
            | "clone"
            | "into"
            | "unwrap"
            | "as_ref"
            | "trim"
            | "strip"
            | "rstrip"
            | "lstrip"
            | "ToString"
            | "String"
            | "toURI"
            | "toURL"
            | "toUri"
            | "chomp"
            | "concat"
            | "replace"
            | "replaceAll"
            | "replacingOccurrences"
            | "removesuffix"
            | "TrimEnd"
            | "TrimStart"
            | "trim_end_matches"
            | "trim_start_matches"
            | "strip_suffix"
            | "human_repr"
            | "geturl"
            | "toExternalForm"
            | "deref"
            | "borrow"
            | "toLowerCase"
            | "lower"
            | "encode"
            | "decode"
            | "unwrap_or"
            | "getOrElse"
            | "orElse"
            | "unwrap_or_default"
            | "addingPercentEncoding"
            | "dup"
            | "freeze"
    )
}

/// Whether the method appends a path to a URL.
pub(crate) fn is_path_method(name: &str) -> bool {
    matches!(
        name,
        "join"
            | "appendingPathComponent"
            | "appending"
            | "addPathSegment"
            | "addPathSegments"
            | "addEncodedPathSegments"
            | "resolve"
            | "pathSegments"
            | "AppendPathSegment"
            | "AppendPathSegments"
    )
}

/// Whether the method looks its argument up.
pub(crate) fn is_getter(name: &str) -> bool {
    matches!(
        name,
        "get"
            | "getString"
            | "getProperty"
            | "fetch"
            | "GetValue"
            | "config"
            | "env"
            | "GetString"
            | "get_option"
            | "var"
            | "getStringValue"
            | "GetSection"
            | "getEnv"
    )
}

/// Whether a text could be an address or a part of one.
pub(crate) fn looks_like_target(text: &str) -> bool {
    text.contains("://") || text.starts_with(['/', '{']) || text.contains('.') && !text.contains(' ')
}
