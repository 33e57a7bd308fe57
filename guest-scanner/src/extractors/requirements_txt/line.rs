//! From a file's text to what each of its lines says, as pip's `req_file.py` reads them.

/// A line after its continuations are joined and its comment is cut off.
#[derive(Debug)]
pub(super) struct Line {
    /// Where it begins, from 1.
    pub(super) number: u32,
    pub(super) text: String,
}

/// What a line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Statement {
    /// `-r FILE`.
    Include(String),
    /// `-c FILE`.
    Constraints(String),
    /// A requirement: its text, and its `--hash` options.
    Requirement { text: String, hashes: Vec<String>, editable: bool },
    /// An option that says nothing about packages.
    Option,
    /// An option that pip does not know.
    Unknown(String),
}

/// The lines of a text that are not empty. A comment ends a continuation, as it does in pip.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut found = Vec::new();
    let mut open: Option<Line> = None;
    for (physical, number) in text.split('\n').zip(1..) {
        for piece in physical.trim_end_matches('\r').split('\r') {
            let comment = piece.trim_start().starts_with('#');
            let (content, continues) = match piece.strip_suffix('\\') {
                Some(before) if !comment => (before, true),
                Some(_) | None => (if comment { "" } else { piece }, false),
            };
            let line = open.get_or_insert_with(|| Line { number, text: String::new() });
            line.text.push_str(content);
            if !continues {
                found.extend(open.take());
            }
        }
    }
    found.extend(open);
    for line in &mut found {
        line.text = without_comment(&line.text).trim().to_owned();
    }
    found.retain(|line| !line.text.is_empty());
    found
}

/// A `#` begins a comment at the beginning or behind a space: URLs have theirs without one.
fn without_comment(text: &str) -> &str {
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        if letter == '#' && before.is_whitespace() {
            return text.get(..at).unwrap_or(text);
        }
        before = letter;
    }
    text
}

/// What a line says. The options begin with the first word that begins with `-`.
pub(super) fn statement(text: &str) -> Statement {
    let (requirement, options) = split_options(text);
    let mut words = words(options).into_iter().peekable();
    let mut hashes = Vec::new();
    let mut unknown = None;
    while let Some(word) = words.next() {
        let (name, inline) = split_option(&word);
        let known = OPTIONS.iter().find(|(option, _)| *option == name);
        let Some((_, takes)) = known else {
            unknown.get_or_insert(word);
            continue;
        };
        let mut value = || inline.clone().or_else(|| words.next()).unwrap_or_default();
        match takes {
            Takes::Nothing => {}
            Takes::Value => drop(value()),
            Takes::Hash => hashes.push(value()),
            Takes::Requirements if requirement.is_empty() => return Statement::Include(value()),
            Takes::Constraints if requirement.is_empty() => return Statement::Constraints(value()),
            Takes::Editable if requirement.is_empty() => {
                return Statement::Requirement { text: value(), hashes, editable: true };
            }
            Takes::Requirements | Takes::Constraints | Takes::Editable => unknown = Some(word),
        }
    }
    match (requirement.is_empty(), unknown) {
        (true, None) => Statement::Option,
        (true, Some(option)) => Statement::Unknown(option),
        // Its package is known all the same.
        (false, _) => Statement::Requirement { text: requirement.to_owned(), hashes, editable: false },
    }
}

#[derive(Clone, Copy)]
enum Takes {
    Nothing,
    Value,
    Hash,
    Requirements,
    Constraints,
    Editable,
}

/// Those of pip, and those of its past and of pip-tools that are still found in files.
const OPTIONS: &[(&str, Takes)] = &[
    ("-r", Takes::Requirements),
    ("--requirement", Takes::Requirements),
    ("-c", Takes::Constraints),
    ("--constraint", Takes::Constraints),
    ("-e", Takes::Editable),
    ("--editable", Takes::Editable),
    ("--hash", Takes::Hash),
    ("-i", Takes::Value),
    ("--index-url", Takes::Value),
    ("--pypi-url", Takes::Value),
    ("--extra-index-url", Takes::Value),
    ("-f", Takes::Value),
    ("--find-links", Takes::Value),
    ("--no-binary", Takes::Value),
    ("--only-binary", Takes::Value),
    ("--trusted-host", Takes::Value),
    ("--use-feature", Takes::Value),
    ("--global-option", Takes::Value),
    ("--install-option", Takes::Value),
    ("--config-settings", Takes::Value),
    ("--config-setting", Takes::Value),
    ("-C", Takes::Value),
    ("--no-index", Takes::Nothing),
    ("--prefer-binary", Takes::Nothing),
    ("--require-hashes", Takes::Nothing),
    ("--pre", Takes::Nothing),
    ("-Z", Takes::Nothing),
    ("--always-unzip", Takes::Nothing),
    ("--use-wheel", Takes::Nothing),
    ("--no-use-wheel", Takes::Nothing),
    ("--process-dependency-links", Takes::Nothing),
    ("--no-cache-dir", Takes::Nothing),
];

/// `--name=value`, and `-rvalue` of the short ones.
fn split_option(word: &str) -> (String, Option<String>) {
    if word.starts_with("--") {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        return (name.to_owned(), value.map(str::to_owned));
    }
    let (name, value) = word.split_at_checked(2).unwrap_or((word, ""));
    (name.to_owned(), (!value.is_empty()).then(|| value.to_owned()))
}

fn split_options(text: &str) -> (&str, &str) {
    let mut at_word = true;
    for (at, letter) in text.char_indices() {
        if at_word
            && letter == '-'
            && let Some((requirement, options)) = text.split_at_checked(at)
        {
            return (requirement.trim(), options);
        }
        at_word = letter.is_whitespace();
    }
    (text, "")
}

/// Words as a shell takes them apart: quotes hold spaces together.
fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, _) if letter.is_whitespace() => found.extend(word.take()),
            (Some(_) | None, _) => word.get_or_insert_default().push(letter),
        }
    }
    found.extend(word);
    found
}

#[cfg(test)]
mod tests {
    use super::{Statement, lines, statement};

    #[test]
    fn continuations_are_joined_and_comments_end_them() {
        let found = lines("a \\\n  ==1 # x\n# b \\\nc==2#d\nd \\\n# no\ne\\");
        let found: Vec<_> = found.iter().map(|line| (line.number, line.text.as_str())).collect();
        assert_eq!(found, [(1, "a   ==1"), (4, "c==2#d"), (5, "d"), (7, "e")]);
    }

    #[test]
    fn options_are_told_from_requirements() {
        assert_eq!(statement("-r'a b.txt'"), Statement::Include("a b.txt".to_owned()));
        assert_eq!(statement("--constraint=c.txt"), Statement::Constraints("c.txt".to_owned()));
        assert_eq!(statement("--pre --index-url https://x.example"), Statement::Option);
        assert_eq!(statement("--requirements x"), Statement::Unknown("--requirements".to_owned()));
        let hashes = vec!["sha256:a".to_owned(), "sha256:b".to_owned()];
        let text = "a-b == 1".to_owned();
        assert_eq!(
            statement("a-b == 1 --hash=sha256:a --hash sha256:b"),
            Statement::Requirement { text, hashes, editable: false }
        );
    }
}
