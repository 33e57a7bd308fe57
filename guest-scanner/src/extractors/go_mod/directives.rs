//! The directives of `go.mod`, line by line, as the grammar in the Go modules reference has them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use fumehood_contract::ProblemKind;

use crate::records::Records;
use crate::source::Source;

/// What the directives say. Those that concern only the go command itself are left out.
#[derive(Default)]
pub(in crate::extractors) struct GoMod {
    pub(in crate::extractors) module: Option<(String, u32)>,
    /// The go directive's version and line.
    pub(in crate::extractors) go: Option<(String, u32)>,
    /// The toolchain directive's, without the `go` before the version.
    pub(in crate::extractors) toolchain: Option<(String, u32)>,
    pub(in crate::extractors) requirements: Vec<Requirement>,
    pub(in crate::extractors) tools: Vec<String>,
    replaced: HashMap<String, Replaced>,
    excluded: HashSet<(String, String)>,
}

/// A line of a require directive.
pub(in crate::extractors) struct Requirement {
    pub(in crate::extractors) path: String,
    pub(in crate::extractors) version: String,
    pub(in crate::extractors) indirect: bool,
    pub(in crate::extractors) line: u32,
}

/// What stands in for a module.
pub(in crate::extractors) enum Replacement {
    Folder(String),
    Module { path: String, version: String },
}

#[derive(Default)]
struct Replaced {
    always: Option<Replacement>,
    at: HashMap<String, Replacement>,
}

impl GoMod {
    /// What replaces the module. A replacement of one version goes before that of all.
    pub(in crate::extractors) fn replacement(&self, path: &str, version: &str) -> Option<&Replacement> {
        let replaced = self.replaced.get(path)?;
        replaced.at.get(version).or(replaced.always.as_ref())
    }

    /// Modules that are replaced, at whatever version.
    pub(in crate::extractors) fn replaced_paths(&self) -> impl Iterator<Item = &str> {
        self.replaced.keys().map(String::as_str)
    }

    pub(in crate::extractors) fn is_excluded(&self, path: &str, version: &str) -> bool {
        self.excluded.contains(&(path.to_owned(), version.to_owned()))
    }

    /// The modules that hold the packages of the tool directives: the longest required path above each.
    pub(in crate::extractors) fn tool_modules(&self) -> HashSet<&str> {
        if self.tools.is_empty() {
            return HashSet::new();
        }
        let required: HashSet<&str> = self.requirements.iter().map(|found| found.path.as_str()).collect();
        self.tools.iter().filter_map(|tool| folders_above(tool).find_map(|path| required.get(path).copied())).collect()
    }

    /// Takes one directive.
    pub(in crate::extractors) fn directive(
        &mut self,
        verb: &str,
        words: &[Cow<'_, str>],
        indirect: bool,
        line: u32,
    ) -> Result<(), String> {
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        match (verb, words.as_slice()) {
            ("module", [path]) => self.module = Some(((*path).to_owned(), line)),
            ("go", [version]) => self.go = Some(((*version).to_owned(), line)),
            ("toolchain", ["default"]) => {}
            ("toolchain", [name]) => {
                let version = name.strip_prefix("go").ok_or_else(|| format!("toolchain {name} is no go version"))?;
                self.toolchain = Some((version.to_owned(), line));
            }
            ("require", [path, version]) => {
                let (path, version) = ((*path).to_owned(), (*version).to_owned());
                self.requirements.push(Requirement { path, version, indirect, line });
            }
            ("exclude", [path, version]) => {
                self.excluded.insert(((*path).to_owned(), (*version).to_owned()));
            }
            ("replace", _) => self.replace(&words)?,
            ("tool", [package]) => self.tools.push((*package).to_owned()),
            ("retract" | "godebug" | "ignore", [_, ..]) => {}
            ("module" | "go" | "toolchain" | "require" | "exclude" | "tool" | "retract" | "godebug" | "ignore", _) => {
                return Err(format!("{verb} {} has too few or too many words", words.join(" ")));
            }
            _ => return Err(format!("the directive {verb} is not known")),
        }
        Ok(())
    }

    fn replace(&mut self, words: &[&str]) -> Result<(), String> {
        let (path, version, by) = match words {
            [path, "=>", by @ ..] => (*path, None, by),
            [path, version, "=>", by @ ..] => (*path, Some(*version), by),
            _ => return Err(format!("replace {} says not what by", words.join(" "))),
        };
        let replacement = match by {
            [folder] if is_folder(folder) => Replacement::Folder((*folder).to_owned()),
            [module, version] if !is_folder(module) => {
                Replacement::Module { path: (*module).to_owned(), version: (*version).to_owned() }
            }
            [module] => return Err(format!("{path} is replaced by the module {module} without a version")),
            _ => return Err(format!("replace {} is neither by a folder nor by a module", words.join(" "))),
        };
        let replaced = self.replaced.entry(path.to_owned()).or_default();
        match version {
            Some(version) => {
                replaced.at.insert(version.to_owned(), replacement);
            }
            None => replaced.always = Some(replacement),
        }
        Ok(())
    }
}

/// A path and those above it, the longest first. Real ones have few parts; no more are looked at.
pub(in crate::extractors) fn folders_above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| Some(path.rsplit_once('/')?.0)).take(64)
}

/// As `modfile.IsDirectoryPath` judges it: module paths never begin so.
fn is_folder(path: &str) -> bool {
    let drive = matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    path == "."
        || path == ".."
        || path.starts_with(['/', '\\'])
        || drive
        || ["./", "../", ".\\", "..\\"].iter().any(|start| path.starts_with(start))
}

/// Reads all lines. Those that make no sense are problems; the others are taken as they are.
pub(in crate::extractors) fn read(source: &Source<'_>, records: &mut Records) -> GoMod {
    let mut go_mod = GoMod::default();
    statements(source, records, |verb, words, indirect, line| go_mod.directive(verb, words, indirect, line));
    go_mod
}

/// Hands each directive to `take`, with the words behind its verb, whether it is marked as indirect, and
/// its line. Blocks are taken apart. What `take` refuses is a problem.
pub(in crate::extractors) fn statements(
    source: &Source<'_>,
    records: &mut Records,
    mut take: impl FnMut(&str, &[Cow<'_, str>], bool, u32) -> Result<(), String>,
) {
    let mut block: Option<(String, u32)> = None;
    for (text, line) in source.text().split('\n').zip(1_u32..) {
        let mut problem = |message: &str| records.problem(ProblemKind::BadEntry, Some(line), message);
        let (words, comment) = match split(text) {
            Ok(found) => found,
            Err(message) => {
                problem(message);
                continue;
            }
        };
        let indirect = is_indirect(comment);
        let plain: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        let outcome = match (&block, plain.as_slice()) {
            (_, []) => Ok(()),
            (Some(_), [")"]) => {
                block = None;
                Ok(())
            }
            (Some((verb, _)), _) => take(verb, &words, indirect, line),
            (None, [_, "(", ")"]) => Ok(()),
            (None, [verb, "("]) => {
                block = Some(((*verb).to_owned(), line));
                Ok(())
            }
            (None, [verb, ..]) => take(verb, words.get(1..).unwrap_or_default(), indirect, line),
        };
        if let Err(message) = outcome {
            problem(&message);
        }
    }
    if let Some((verb, line)) = block {
        records.problem(ProblemKind::BadEntry, Some(line), &format!("the block {verb} ( is not closed"));
    }
}

/// The go command writes `// indirect` or `// indirect; whatever stood there before`.
fn is_indirect(comment: &str) -> bool {
    let comment = comment.trim();
    comment.strip_prefix("indirect").is_some_and(|rest| rest.is_empty() || rest.starts_with(';'))
}

type Line<'a> = (Vec<Cow<'a, str>>, &'a str);

/// A line's words, without their quotes, and the text of its comment.
fn split(line: &str) -> Result<Line<'_>, &'static str> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    loop {
        let next = rest.chars().next();
        let word = match next {
            None => return Ok((words, "")),
            Some('/') if rest.starts_with("//") => return Ok((words, rest.trim_start_matches('/'))),
            Some('(' | ')' | '[' | ']' | ',') => {
                let (mark, after) = rest.split_at(1);
                rest = after;
                Cow::Borrowed(mark)
            }
            Some(quote @ ('"' | '`')) => {
                let (word, after) = quoted(rest, quote)?;
                rest = after;
                word
            }
            Some(_) => {
                let (word, after) = rest.split_at(end_of_word(rest));
                if word.contains("/*") {
                    return Err("holds a block comment, which go.mod may not have");
                }
                rest = after;
                Cow::Borrowed(word)
            }
        };
        words.push(word);
        rest = rest.trim_start();
    }
}

fn end_of_word(text: &str) -> usize {
    let ends = |letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | '[' | ']' | ',' | '"' | '`');
    let end = text.find(ends).unwrap_or(text.len());
    text.get(..end).and_then(|word| word.find("//")).unwrap_or(end)
}

/// A string of Go; `text` begins with its quote. Module paths and versions need no escapes but
/// those of the quote and the backslash, others are refused.
fn quoted(text: &str, quote: char) -> Result<(Cow<'_, str>, &str), &'static str> {
    const UNCLOSED: &str = "a string is not closed";
    let inner = text.strip_prefix(quote).ok_or(UNCLOSED)?;
    if quote == '`' || !inner.contains('\\') {
        let (word, rest) = inner.split_once(quote).ok_or(UNCLOSED)?;
        return Ok((Cow::Borrowed(word), rest));
    }
    let mut word = String::new();
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return Ok((Cow::Owned(word), letters.as_str())),
            '\\' => match letters.next() {
                Some(escaped @ ('"' | '\\')) => word.push(escaped),
                _ => return Err("a string holds an escape that no module path needs"),
            },
            other => word.push(other),
        }
    }
    Err(UNCLOSED)
}

#[cfg(test)]
mod tests {
    use super::{is_folder, is_indirect, split};

    #[test]
    fn lines_are_split_as_go_does() {
        let words = |line| split(line).map(|(words, _)| words.join("|"));
        assert_eq!(words("require a.example/b v1.0.0//indirect").as_deref(), Ok("require|a.example/b|v1.0.0"));
        assert_eq!(words("\trequire(\r").as_deref(), Ok("require|("));
        assert_eq!(words(r#""a b" `c\d` "e\"f""#).as_deref(), Ok(r#"a b|c\d|e"f"#));
        assert_eq!(words("retract [v1.0.0,v1.1.0]").as_deref(), Ok("retract|[|v1.0.0|,|v1.1.0|]"));
        assert!(words("a /* b */").is_err() && words("\"a").is_err() && words("\"\\x41\"").is_err());
    }

    #[test]
    fn only_the_word_itself_marks_as_indirect() {
        assert!(is_indirect(" indirect") && is_indirect("indirect; why"));
        assert!(!is_indirect(" indirectly") && !is_indirect(" not indirect"));
    }

    #[test]
    fn folders_are_told_from_modules() {
        assert!(["./a", "../a", "/a", "C:\\a", "..", ".\\a"].iter().all(|path| is_folder(path)));
        assert!(!is_folder("a.example/b") && !is_folder(".hidden"));
    }
}
