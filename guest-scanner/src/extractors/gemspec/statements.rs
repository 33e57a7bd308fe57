//! The statements of a gemspec that say something of dependencies, with the strings in them.

use crate::ruby::{is_open, literals};

/// A call or an assignment: `s.name = "x"`, `s.add_dependency "x", "~> 1"`, `require "x"`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement<'a> {
    pub(super) method: &'a str,
    /// From 1.
    pub(super) line: u32,
    /// The strings, in order; one with an expression in it is left out.
    pub(super) literals: Vec<String>,
}

/// A statement may go on for so many lines.
const LINES_MAX: usize = 50;

/// Those of the methods that are asked for.
const METHODS: [&str; 10] = [
    "name",
    "version",
    "license",
    "licenses",
    "add_dependency",
    "add_runtime_dependency",
    "add_development_dependency",
    "require",
    "require_relative",
    "expand_path",
];

/// The statements of `text`. Each line begins at most one.
pub(super) fn statements(text: &str) -> Vec<Statement<'_>> {
    let mut found = Vec::new();
    let mut lines = text.lines().zip(1_u32..).peekable();
    let mut in_comment = false;
    while let Some((line, number)) = lines.next() {
        in_comment = (in_comment || line.starts_with("=begin")) && !line.starts_with("=end");
        if line == "__END__" {
            break;
        }
        let Some((method, arguments)) = method(line.trim()).filter(|_| !in_comment) else { continue };
        let mut whole = arguments.to_owned();
        for _ in 0..LINES_MAX {
            if !is_open(&whole) {
                break;
            }
            let Some((next, _)) = lines.next() else { break };
            whole.push('\n');
            whole.push_str(next);
        }
        // A name that is computed must not leave its place to what follows.
        let begins = whole.trim_start_matches(|letter: char| letter == '(' || letter.is_whitespace());
        let is_literal = begins.starts_with(['"', '\'', '%']);
        let is_call = method.starts_with("add_");
        let literals = if is_literal || !is_call { literals(&whole) } else { Vec::new() };
        found.push(Statement { method, line: number, literals });
    }
    found
}

/// The method of a line, and what stands behind it.
fn method(line: &str) -> Option<(&str, &str)> {
    if line.starts_with('#') {
        return None;
    }
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let end = line.find(|letter| !is_word(letter)).unwrap_or(line.len());
    let (first, rest) = line.split_at_checked(end)?;
    if matches!(first, "require" | "require_relative") {
        return Some((first, rest));
    }
    if let Some((_, arguments)) = line.split_once("expand_path") {
        return Some(("expand_path", arguments));
    }
    let rest = rest.strip_prefix('.')?;
    let end = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
    let (method, arguments) = rest.split_at_checked(end)?;
    let method = METHODS.into_iter().find(|known| *known == method)?;
    let arguments = arguments.trim_start();
    if method.starts_with("add_") {
        return Some((method, arguments));
    }
    arguments.strip_prefix('=').filter(|value| !value.starts_with('=')).map(|value| (method, value))
}

#[cfg(test)]
mod tests {
    use super::{Statement, statements};

    #[test]
    fn statements_may_go_on() {
        let text = "=begin\ns.name = 'no'\n=end\ns.add_dependency 'a',\n  '~> 1'\ns.name == 'x'\ns.name = 'y'\n";
        let literals = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
        assert_eq!(
            statements(text),
            [
                Statement { method: "add_dependency", line: 4, literals: literals(["a", "~> 1"]) },
                Statement { method: "name", line: 7, literals: vec!["y".to_owned()] },
            ]
        );
    }
}
