//! Keys and values, a line at a time: enough to say under which key an address stands, whatever the
//! format, and to keep its line.

use fumehood_contract::ApiCall;
use fumehood_contract::calls::Confidence;
use fumehood_contract::limits::CALLS_PER_FILE_MAX;

use super::Config;
use super::keys::says_address;
use crate::calls::endpoints::endpoint;
use crate::calls::{shell, url};

/// Keys above a key that are remembered.
const DEPTH_MAX: usize = 32;

/// A line that is longer is data, no configuration.
const LINE_BYTES_MAX: usize = 8 * 1024;

/// The addresses in a file of keys and values.
pub(super) fn calls(config: Config, text: &str) -> Vec<ApiCall> {
    let mut reader = Reader {
        config,
        above: Vec::new(),
        open_api: is_open_api(config, text),
        script: None,
        found: Vec::new(),
        closed: 0,
    };
    for (line, number) in text.lines().zip(1u32..) {
        if line.len() <= LINE_BYTES_MAX && reader.found.len() < CALLS_PER_FILE_MAX {
            reader.line(line, number);
        }
    }
    reader.end_script();
    reader.found.truncate(CALLS_PER_FILE_MAX);
    reader.found
}

fn is_open_api(config: Config, text: &str) -> bool {
    let start = text.get(..text.floor_char_boundary(2048)).unwrap_or_default();
    matches!(config, Config::Yaml | Config::Json)
        && start.lines().any(|line| {
            let line = line.trim_start().trim_start_matches(['"', '\'']);
            line.starts_with("openapi") || line.starts_with("swagger")
        })
}

struct Reader<'t> {
    config: Config,
    /// The keys above, with their indentation.
    above: Vec<(usize, &'t str)>,
    open_api: bool,
    /// Lines of a script in YAML: the indentation of its key, its first line, its text.
    script: Option<(usize, u32, String)>,
    found: Vec<ApiCall>,
    /// Terraform, JSON: how many blocks are open.
    closed: usize,
}

impl<'t> Reader<'t> {
    fn line(&mut self, line: &'t str, number: u32) {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        if self.take_script(line, trimmed, indent) {
            return;
        }
        if trimmed.is_empty() || self.is_comment(trimmed) {
            return;
        }
        if self.config == Config::Toml && trimmed.starts_with('[') {
            self.above = vec![(0, trimmed.trim_matches(|letter| matches!(letter, '[' | ']' | ' ' | '"')))];
            return;
        }
        let item = trimmed.strip_prefix("- ").filter(|_| self.config == Config::Yaml);
        let indent = indent + if item.is_some() { 2 } else { 0 };
        let body = item.unwrap_or(trimmed).trim_start();
        match self.pair(body) {
            Some((key, value)) => self.take(key, value, indent, number),
            // An element of a list: its key is the one above the list.
            None => self.element(body, indent, number),
        }
    }

    fn is_comment(&self, line: &str) -> bool {
        match self.config {
            Config::Json => line.starts_with("//"),
            Config::Terraform => line.starts_with('#') || line.starts_with("//"),
            Config::Properties => line.starts_with(['#', '!', ';']),
            Config::Yaml | Config::Toml | Config::Env | Config::Dockerfile | Config::Proto => line.starts_with('#'),
        }
    }

    fn pair(&self, body: &'t str) -> Option<(&'t str, &'t str)> {
        let (key, value) = match self.config {
            Config::Yaml | Config::Json => {
                let (key, value) = match body.strip_prefix('"').and_then(|inner| inner.split_once('"')) {
                    Some((key, rest)) => (key, rest.trim_start().strip_prefix(':')?),
                    None => split_pair(body)
                        .or_else(|| body.strip_suffix(':').map(|key| (key, "")))
                        .or_else(|| self.environment_item(body))?,
                };
                (key, value)
            }
            Config::Properties => body.split_once(['=', ':']).filter(|(key, _)| !key.contains("//"))?,
            Config::Terraform if body.ends_with('{') && !body.contains('=') => (body.split_whitespace().next()?, ""),
            Config::Toml | Config::Env | Config::Terraform | Config::Dockerfile | Config::Proto => {
                body.split_once('=')?
            }
        };
        let key = key.trim();
        let key = key.strip_prefix("export ").unwrap_or(key).trim_matches(['"', '\'']);
        (!key.is_empty() && key.len() <= 128 && !key.contains(['{', '}', '<'])).then_some((key, value.trim()))
    }

    /// Compose's `- API_URL=https://…`
    fn environment_item(&self, body: &'t str) -> Option<(&'t str, &'t str)> {
        let (key, value) = body.trim_matches(['"', '\'']).split_once('=')?;
        key.bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
            .then_some((key, value))
    }

    fn take(&mut self, key: &'t str, value: &'t str, indent: usize, number: u32) {
        if matches!(self.config, Config::Yaml | Config::Json | Config::Terraform) {
            self.above.retain(|(depth, _)| *depth < indent);
        }
        if matches!(value, "|" | ">" | "|-" | ">-" | "|+" | ">+") && is_script(key) {
            self.script = Some((indent, number + 1, String::new()));
            return;
        }
        if is_script(key) && self.config == Config::Yaml && (value.contains("curl") || value.contains("wget")) {
            self.found.append(&mut shell::calls(value, number));
            return;
        }
        let above: Vec<&str> = self.above.iter().map(|(_, above)| *above).collect();
        self.address(key, &above, value, number);
        // JSON in one line: `{"url": "…"}` within a list has its own keys.
        if self.above.len() < DEPTH_MAX
            && (value.is_empty() || value.starts_with(['{', '[']))
            && !(self.config == Config::Toml)
        {
            self.above.push((indent, key));
        }
        self.closed += 1;
        if value.starts_with('{') || value.starts_with('[') {
            self.inline(key, value, number);
        }
    }

    fn element(&mut self, body: &str, indent: usize, number: u32) {
        self.above.retain(|(depth, _)| *depth < indent || self.config == Config::Toml);
        if self.config == Config::Yaml
            && self.above.iter().any(|(_, key)| is_script(key))
            && (body.starts_with("curl ") || body.starts_with("wget ") || body.contains(" curl "))
        {
            self.found.append(&mut shell::calls(body, number));
            return;
        }
        let above: Vec<&str> = self.above.iter().map(|(_, above)| *above).collect();
        if let Some((key, around)) = above.split_last() {
            self.address(key, around, body, number);
        }
    }

    /// `{ url = "…", name = "…" }` and `["…", "…"]` in one line.
    fn inline(&mut self, key: &str, value: &str, number: u32) {
        for part in value.trim_matches(['{', '}', '[', ']', ' ']).split(',').take(16) {
            let inner = part.split_once('=').or_else(|| part.split_once(": ")).or_else(|| part.split_once("\":"));
            match inner.filter(|(name, _)| !name.contains("//")) {
                Some((name, value)) => {
                    self.address(name.trim().trim_matches(['"', '\'', '{', ' ']), &[key], value, number)
                }
                None => self.address(key, &[], part, number),
            }
        }
    }

    /// Takes a value for an address if it is one, and its key says that it is talked to.
    fn address(&mut self, key: &str, above: &[&str], value: &str, number: u32) {
        let Some(text) = plain(value).filter(|text| url::is_absolute(text)) else { return };
        let is_server = self.open_api && key == "url" && above.contains(&"servers");
        if self.open_api && !is_server || !self.open_api && !says_address(key, above) || url::is_identifier(text) {
            return;
        }
        let text = holes(text);
        if let Some(target) = url::target(&text) {
            let confidence = if target.host.is_some() { Confidence::Medium } else { Confidence::Low };
            self.found.push(ApiCall { confidence, ..endpoint(target, number) });
        }
    }

    /// Whether the line belongs to a script, which then has it.
    fn take_script(&mut self, line: &str, trimmed: &str, indent: usize) -> bool {
        let Some((depth, _, script)) = &mut self.script else { return false };
        if trimmed.is_empty() || indent > *depth {
            script.push_str(line);
            script.push('\n');
            return true;
        }
        self.end_script();
        false
    }

    fn end_script(&mut self) {
        if let Some((_, first, script)) = self.script.take() {
            self.found.append(&mut shell::calls(&script, first));
        }
    }
}

/// What stands before and behind the first colon that a blank follows.
fn split_pair(body: &str) -> Option<(&str, &str)> {
    let is_followed = |at: &usize| body.as_bytes().get(at + 1) == Some(&b' ');
    let at = memchr::memchr_iter(b':', body.as_bytes()).find(is_followed)?;
    Some((body.get(..at)?, body.get(at + 2..)?))
}

/// Whether a key of YAML holds shell commands.
fn is_script(key: &str) -> bool {
    matches!(
        key,
        "run"
            | "script"
            | "before_script"
            | "after_script"
            | "command"
            | "cmd"
            | "bash"
            | "args"
            | "sh"
            | "install"
            | "build"
    )
}

/// A value without its quotes, comma and comment.
fn plain(value: &str) -> Option<&str> {
    let value = value.trim().trim_end_matches(',');
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote) {
            return inner.split(quote).next();
        }
    }
    let first = value.split([' ', '\t', ',']).next().filter(|first| !first.is_empty())?;
    let first = first.trim_end_matches(']');
    Some(if first.contains('{') { first } else { first.trim_end_matches('}') })
}

/// `${NAME}`, `${NAME:-x}`, `$(NAME)`, `{{ name }}`, `%NAME%` as `{NAME}`.
fn holes(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        made.push_str(before);
        let close = match from.get(1..2) {
            Some("{") => '}',
            Some("(") => ')',
            _ => {
                made.push('$');
                rest = from.get(1..).unwrap_or_default();
                continue;
            }
        };
        let inner = from.get(2..).unwrap_or_default();
        let end = inner.find(close).unwrap_or(inner.len());
        let name = inner.get(..end).unwrap_or_default();
        let name: String =
            name.chars().take_while(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-')).collect();
        made.push('{');
        made.push_str(&name);
        made.push('}');
        rest = inner.get(end + 1..).unwrap_or_default();
    }
    made.push_str(rest);
    made.replace("{{ ", "{").replace(" }}", "}").replace("{{", "{").replace("}}", "}")
}
