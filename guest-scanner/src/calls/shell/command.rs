//! What one command line of `curl` or its like calls.

use fumehood_contract::ApiCall;
use fumehood_contract::calls::{Authentication, CallKind, Confidence};

use super::Variables;
use super::split::Word;
use crate::calls::evidence::METHODS;
use crate::calls::url;
use crate::calls::value::Value;

/// What a command line says.
#[derive(Default)]
struct Reading {
    method: Option<String>,
    has_body: bool,
    is_upload: bool,
    is_get: bool,
    target: Option<Value>,
    authentication: Authentication,
}

/// The call that the command makes.
pub(super) fn call(words: &[Word], variables: &Variables, first_line: u32) -> Option<ApiCall> {
    let (program, arguments) = words.split_first()?;
    let name = program.raw.rsplit('/').next().unwrap_or_default();
    let mut reading = Reading::default();
    match name {
        "curl" => read_curl(arguments, variables, &mut reading),
        "wget" | "aria2c" => read_wget(arguments, variables, &mut reading),
        "http" | "https" | "xh" => read_httpie(arguments, variables, &mut reading),
        _ => read_plain(arguments, variables, &mut reading),
    }
    let value = reading.target?;
    let mut target = url::target(&value.text)?;
    if !target.url.contains("://") && !target.url.starts_with('{') && target.url.contains('.') {
        // The programs add the scheme themselves.
        target.host = url::host(&format!("http://{}", target.url));
    }
    let kind = match name {
        "grpcurl" => CallKind::Grpc,
        "websocat" | "wscat" => CallKind::WebSocket,
        _ => url::kind(&target.url).unwrap_or_default(),
    };
    let method = match (reading.method, reading.is_get, reading.is_upload, reading.has_body) {
        _ if matches!(kind, CallKind::Grpc | CallKind::WebSocket) => None,
        (Some(method), ..) => Some(method),
        (None, true, ..) => Some("GET".to_owned()),
        (None, _, true, _) => Some("PUT".to_owned()),
        (None, _, _, true) => Some("POST".to_owned()),
        (None, ..) => Some("GET".to_owned()),
    };
    let authentication = match (reading.authentication, target.has_credentials, target.has_key) {
        (Authentication::None, true, _) => Authentication::Basic,
        (Authentication::None, _, true) => Authentication::ApiKey,
        (found, ..) => found,
    };
    let confidence = match (&target.host, value.is_literal) {
        (Some(_), _) => Confidence::High,
        (None, true) => Confidence::Medium,
        (None, false) => Confidence::Low,
    };
    Some(ApiCall {
        method,
        url: target.url,
        host: target.host,
        library: Some(name.to_owned()),
        kind,
        authentication,
        line: program.line + first_line - 1,
        confidence,
    })
}

fn read_curl(arguments: &[Word], variables: &Variables, reading: &mut Reading) {
    /// Short options that take a value.
    const WITH_VALUE: &str = "HdXuAebcmwoxTFKErDyYzCPQtU";
    let mut at = 0;
    while let Some(word) = arguments.get(at) {
        at += 1;
        let next = || arguments.get(at).map_or("", |word| word.raw.as_str());
        if let Some(long) = word.raw.strip_prefix("--") {
            let (name, inline) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            let takes = curl_long(name);
            let value = inline.unwrap_or_else(next).to_owned();
            if takes && inline.is_none() {
                at += 1;
            }
            curl_option(name, &value, variables, reading);
        } else if let Some(short) = word.raw.strip_prefix('-').filter(|short| !short.is_empty()) {
            for (index, letter) in short.char_indices() {
                if !WITH_VALUE.contains(letter) {
                    curl_option(short_name(letter), "", variables, reading);
                    continue;
                }
                let inline = short.get(index + letter.len_utf8()..).unwrap_or_default();
                let value = if inline.is_empty() { next().to_owned() } else { inline.to_owned() };
                at += usize::from(inline.is_empty());
                curl_option(short_name(letter), &value, variables, reading);
                break;
            }
        } else {
            take_target(&word.raw, variables, reading);
        }
    }
}

/// Whether a long option of curl takes a value.
fn curl_long(name: &str) -> bool {
    let without = [
        "silent",
        "show-error",
        "fail",
        "location",
        "insecure",
        "verbose",
        "compressed",
        "head",
        "get",
        "remote-name",
        "include",
        "no-progress-meter",
        "globoff",
        "ipv4",
        "ipv6",
        "fail-with-body",
        "progress-bar",
        "create-dirs",
        "tlsv1.2",
        "tlsv1.3",
        "http1.1",
        "http2",
        "http1.0",
        "digest",
        "ntlm",
        "negotiate",
        "anyauth",
        "basic",
        "no-buffer",
        "remote-header-name",
        "retry-connrefused",
        "retry-all-errors",
        "location-trusted",
        "remote-time",
        "post301",
        "parallel",
        "netrc",
        "no-keepalive",
        "path-as-is",
        "ssl",
        "ssl-reqd",
        "tcp-nodelay",
        "raw",
    ];
    !without.contains(&name) && !name.starts_with("no-")
}

fn short_name(letter: char) -> &'static str {
    match letter {
        'X' => "request",
        'd' => "data",
        'F' => "form",
        'T' => "upload-file",
        'I' => "head",
        'G' => "get",
        'u' => "user",
        'H' => "header",
        'E' => "cert",
        _ => "",
    }
}

fn curl_option(name: &str, value: &str, variables: &Variables, reading: &mut Reading) {
    match name {
        "request" => reading.method = method(value, variables),
        "data" | "data-raw" | "data-binary" | "data-urlencode" | "data-ascii" | "json" | "form" | "form-string" => {
            reading.has_body = true
        }
        "upload-file" => reading.is_upload = true,
        "head" => reading.method = Some("HEAD".to_owned()),
        "get" => reading.is_get = true,
        "url" => take_target(value, variables, reading),
        "user" | "basic" | "digest" => reading.authentication = Authentication::Basic,
        "oauth2-bearer" => reading.authentication = Authentication::Bearer,
        "cert" => reading.authentication = Authentication::Mtls,
        "header" => header(value, reading),
        _ => {}
    }
}

fn read_wget(arguments: &[Word], variables: &Variables, reading: &mut Reading) {
    let mut at = 0;
    while let Some(word) = arguments.get(at) {
        at += 1;
        if let Some(long) = word.raw.strip_prefix("--") {
            let (name, value) = long.split_once('=').unwrap_or((long, ""));
            match name {
                "post-data" | "post-file" | "body-data" | "body-file" => reading.has_body = true,
                "method" => reading.method = method(value, variables),
                "header" => {
                    let separate = value.is_empty();
                    let value = if separate { arguments.get(at).map_or("", |word| word.raw.as_str()) } else { value };
                    header(value, reading);
                    at += usize::from(separate);
                }
                "user" | "http-user" | "password" | "http-password" => reading.authentication = Authentication::Basic,
                "certificate" => reading.authentication = Authentication::Mtls,
                "output-document" | "directory-prefix" | "user-agent" | "tries" | "timeout" | "out" | "dir"
                    if value.is_empty() =>
                {
                    at += 1
                }
                _ => {}
            }
        } else if let Some(short) = word.raw.strip_prefix('-').filter(|short| !short.is_empty()) {
            // The value of an option that is the last letter of its group is the next word.
            at += usize::from(
                short.ends_with([
                    'O', 'o', 'P', 'U', 't', 'T', 'a', 'e', 'Q', 'w', 'A', 'R', 'D', 'l', 'd', 's', 'x', 'j',
                ]) && short != "nd"
                    && short != "ns"
                    && !short.ends_with("nv"),
            );
        } else {
            take_target(&word.raw, variables, reading);
        }
    }
}

fn read_httpie(arguments: &[Word], variables: &Variables, reading: &mut Reading) {
    let mut at = 0;
    while let Some(word) = arguments.get(at) {
        at += 1;
        let raw = word.raw.as_str();
        if matches!(raw, "-a" | "--auth" | "-A" | "--auth-type" | "-o" | "--output" | "-s" | "--style") {
            if matches!(raw, "-a" | "--auth") && reading.authentication.is_none() {
                reading.authentication = Authentication::Basic;
            }
            at += 1;
        } else if raw.starts_with('-') {
            continue;
        } else if METHODS.contains(&raw) && reading.target.is_none() {
            reading.method = Some(raw.to_owned());
        } else if reading.target.is_none() {
            take_target(raw, variables, reading);
        } else if let Some((name, _)) = raw.split_once(':').filter(|(name, _)| !name.contains('=')) {
            header(&format!("{name}: {}", raw.get(name.len() + 1..).unwrap_or_default()), reading);
        } else if raw.contains('=') && !raw.contains("==") {
            reading.has_body = true;
        }
    }
}

fn read_plain(arguments: &[Word], variables: &Variables, reading: &mut Reading) {
    let mut at = 0;
    while let Some(word) = arguments.get(at) {
        at += 1;
        if matches!(
            word.raw.as_str(),
            "-H" | "-d"
                | "-c"
                | "-import-path"
                | "-proto"
                | "-rpc-header"
                | "-cacert"
                | "-cert"
                | "-key"
                | "--header"
                | "-x"
        ) {
            header(arguments.get(at).map_or("", |word| word.raw.as_str()), reading);
            at += 1;
        } else if !word.raw.starts_with('-') {
            take_target(&word.raw, variables, reading);
        }
    }
}

/// The first word that can be an address.
fn take_target(raw: &str, variables: &Variables, reading: &mut Reading) {
    if reading.target.is_some() {
        return;
    }
    let value = variables.expand(raw);
    let is_absolute = value.text.contains("://");
    let is_host = value.text.split('/').next().is_some_and(|host| {
        host.contains('.') && !host.starts_with('.') || host.starts_with("localhost") || host.contains(':')
    });
    // All of `"$@"` or of an array of options is no address.
    let is_hole = value.text.starts_with('{')
        && !matches!(value.text.as_str(), "{@}" | "{*}" | "{}")
        && !names_options(&value.text);
    if is_absolute || is_host || is_hole {
        reading.target = Some(value);
    }
}

/// Whether a variable of this name holds options and no address.
fn names_options(hole: &str) -> bool {
    let lower = hole.to_ascii_lowercase();
    !lower.contains('/')
        && ["opt", "arg", "flag", "header", "auth", "param", "proxy", "insecure", "verbose", "quiet"]
            .iter()
            .any(|word| lower.contains(word))
}

fn method(value: &str, variables: &Variables) -> Option<String> {
    let method = variables.expand(value).text.to_ascii_uppercase();
    METHODS.contains(&method.as_str()).then_some(method)
}

fn header(value: &str, reading: &mut Reading) {
    let lower = value.to_ascii_lowercase();
    let (name, rest) = lower.split_once(':').unwrap_or((&lower, ""));
    let rest = rest.trim_start();
    let found = match name.trim() {
        "authorization" if rest.starts_with("basic") => Authentication::Basic,
        "authorization" => Authentication::Bearer,
        name if name.contains("api-key")
            || name.contains("apikey")
            || name.ends_with("-token")
            || name.ends_with("-key") =>
        {
            Authentication::ApiKey
        }
        _ => return,
    };
    if reading.authentication.is_none() {
        reading.authentication = found;
    }
}
