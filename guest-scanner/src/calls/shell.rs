//! Calls in shell scripts: `curl`, `wget` and their like.

mod command;
mod split;

use std::collections::HashMap;

use fumehood_contract::ApiCall;
use fumehood_contract::limits::CALLS_PER_FILE_MAX;

use super::endpoints::{endpoint, says_endpoint};
use super::url;
use super::value::Value;
use split::{Commands, Word};

/// The programs that make calls.
const PROGRAMS: &[&str] = &["curl", "wget", "http", "https", "xh", "aria2c", "grpcurl", "websocat", "wscat"];

/// A file without one of these makes no calls and keeps no address.
pub(crate) const HINTS: &[&str] = &["curl", "wget", "http", "xh ", "aria2c", "grpcurl", "websocat", "wscat"];

/// The calls of a script. `first_line` is where its text begins in its file.
pub(crate) fn calls(text: &str, first_line: u32) -> Vec<ApiCall> {
    let mut variables = Variables::default();
    let mut found: Vec<ApiCall> = Vec::new();
    let mut constants: Vec<ApiCall> = Vec::new();
    for words in Commands::new(text) {
        if found.len() >= CALLS_PER_FILE_MAX {
            break;
        }
        let words = after_keywords(&words);
        let assigned = words.iter().take_while(|word| variables.assign(word, &mut constants, first_line)).count();
        let words = words.get(assigned..).unwrap_or_default();
        let Some(at) = words.iter().take(8).position(|word| is_program(&word.raw)) else { continue };
        // A program that is named as an argument, of `apt-get install` say, is not run.
        let is_run = words.iter().take(at).all(|before| is_runner(&before.raw));
        if is_run && let Some(call) = command::call(words.get(at..).unwrap_or_default(), &variables, first_line) {
            found.push(call);
        }
    }
    for constant in constants {
        let is_used = found.iter().any(|call| call.url.starts_with(constant.url.trim_end_matches('/')));
        if !is_used && found.len() < CALLS_PER_FILE_MAX {
            found.push(constant);
        }
    }
    found.sort_by_key(|call| call.line);
    found
}

/// What the variables of a script are known to hold.
#[derive(Debug, Default)]
pub(crate) struct Variables(HashMap<String, Value>);

impl Variables {
    /// If the word is an assignment (or what may stand before one), takes it.
    fn assign(&mut self, word: &Word, constants: &mut Vec<ApiCall>, first_line: u32) -> bool {
        /// A script does not have more.
        const VARIABLES_MAX: usize = 2_000;
        if matches!(
            word.raw.as_str(),
            "export" | "local" | "readonly" | "declare" | "typeset" | "env" | "-r" | "-x" | "-g" | "ENV" | "ARG"
        ) {
            return true;
        }
        let Some((name, value)) = word.raw.split_once('=') else { return false };
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_name {
            return false;
        }
        let value = self.expand(value);
        if url::is_absolute(&value.text)
            && says_endpoint(name)
            && let Some(target) =
                url::target(&value.text).filter(|target| target.host.is_some() && !url::is_identifier(&target.url))
        {
            constants.push(endpoint(target, word.line + first_line - 1));
        }
        if self.0.len() < VARIABLES_MAX {
            self.0.insert(name.to_owned(), value);
        }
        true
    }

    /// A word with its variables filled in; what is not known stands as `{NAME}`.
    pub(crate) fn expand(&self, word: &str) -> Value {
        let mut made = Value::default();
        let mut rest = word;
        while let Some((before, behind)) = rest.split_once('$') {
            made.append(&Value::literal(before));
            let (value, next) = self.variable(behind);
            made.append(&value);
            rest = next;
        }
        made.append(&Value::literal(rest));
        made
    }

    /// What stands behind a `$`, and the rest.
    fn variable<'t>(&self, behind: &'t str) -> (Value, &'t str) {
        let name_length =
            |text: &str| text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        if let Some(inner) = behind.strip_prefix('{') {
            let end = inner.find('}').unwrap_or(inner.len());
            let (content, next) = inner.split_at(end);
            let next = next.get(1..).unwrap_or_default();
            let (name, more) = content.split_at(name_length(content));
            let default =
                more.strip_prefix(":-").or_else(|| more.strip_prefix('-')).or_else(|| more.strip_prefix(":="));
            let known = self.0.get(name).filter(|value| value.is_literal).cloned();
            let default =
                || default.filter(|default| default.contains(['/', '.']) && !default.contains('$')).map(Value::literal);
            return (known.or_else(default).unwrap_or_else(|| Value::hole(name)), next);
        }
        if let Some(inner) = behind.strip_prefix('(') {
            let end = inner.find(')').map_or(inner.len(), |end| end + 1);
            let name = inner.split_whitespace().next().unwrap_or_default();
            return (Value::hole(name), inner.get(end..).unwrap_or_default());
        }
        let length = name_length(behind).max(usize::from(behind.starts_with(['@', '*', '#', '?', '!'])));
        if length == 0 {
            return (Value::literal("$"), behind);
        }
        let (name, next) = behind.split_at(length);
        let known = self.0.get(name).filter(|value| value.is_literal).cloned();
        (known.unwrap_or_else(|| Value::hole(name)), next)
    }
}

/// Whether a word names one of the programs, by whatever path.
fn is_program(word: &str) -> bool {
    let name = word.rsplit_once('/').map_or(word, |(_, name)| name);
    PROGRAMS.contains(&name) && !word.contains("://")
}

/// Whether a word may stand before a command and the command is run all the same.
fn is_runner(word: &str) -> bool {
    matches!(
        word,
        "sudo"
            | "exec"
            | "time"
            | "nohup"
            | "command"
            | "retry"
            | "env"
            | "eval"
            | "timeout"
            | "nice"
            | "echo_and_run"
            | "run"
            | "-n"
            | "xargs"
            | "-E"
            | "try"
            | "RUN"
            | "docker"
            | "dotenv"
            | "--"
    ) || word.contains('=') && !word.contains("==")
        || word.bytes().all(|byte| byte.is_ascii_digit() || byte == b's' || byte == b'm')
}

fn after_keywords(words: &[Word]) -> &[Word] {
    let is_keyword = |word: &&Word| {
        matches!(
            word.raw.as_str(),
            "if" | "then" | "else" | "elif" | "while" | "until" | "do" | "!" | "{" | "time" | "RUN" | "-" | "@" | "|"
        )
    };
    let skipped = words.iter().take_while(is_keyword).count();
    words.get(skipped..).unwrap_or_default()
}
