//! What a format's extractor is.

use std::fmt;

use crate::path;
use crate::records::Records;
use crate::source::Source;

/// One format: which files are of it, and how to read them. One in each file of `extractors/`.
#[derive(Clone, Copy, Debug)]
pub struct Extractor {
    /// The format's name in reports, in fixture folders and in README: `cargo-lock`.
    pub id: &'static str,
    /// For people: `Rust`.
    pub ecosystem: &'static str,
    /// Which files are of this format. The first extractor of the registry that matches a file gets it.
    pub files: &'static [Pattern],
    /// Names of files that [`Extractor::extract`] reads beside the one it is given, or above it.
    pub companions: &'static [&'static str],
    /// Reads one file. Never fails: what can be read goes to the records, what cannot is a problem.
    pub extract: fn(&Source<'_>, &mut Records),
}

/// Which files a format claims, judged by their paths alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// The file's name, exactly.
    Name(&'static str),
    /// The file's name begins and ends so, and something may stand between.
    Affixes(&'static str, &'static str),
    /// The file's name holds this somewhere, and ends so.
    Holding(&'static str, &'static str),
    /// The file lies directly in a folder of this name or path (`.github/workflows`), and its own name ends so.
    In(&'static str, &'static str),
    /// The file lies one folder deeper than [`Pattern::In`] asks for, whatever that folder is called.
    InEach(&'static str, &'static str),
    /// Files of that pattern, but not surely text, or not surely of the format: the extractor gets none
    /// of their text, and reads of them what it wants ([`crate::tree::Tree::head`]). One pattern of this
    /// sort makes all of its extractor's files such.
    Raw(&'static Self),
}

impl Extractor {
    /// Whether it reads its files itself: see [`Pattern::Raw`].
    pub fn reads_raw(&self) -> bool {
        self.files.iter().any(|pattern| matches!(pattern, Pattern::Raw(_)))
    }
}

impl Pattern {
    /// How the names of all files end that it fits; may be empty.
    pub(crate) fn ending(&self) -> &'static str {
        match self {
            Self::Name(ending)
            | Self::Affixes(_, ending)
            | Self::Holding(_, ending)
            | Self::In(_, ending)
            | Self::InEach(_, ending) => ending,
            Self::Raw(pattern) => pattern.ending(),
        }
    }

    /// Whether `path` (relative, separated by `/`) is of this pattern.
    pub fn matches(&self, path: &str) -> bool {
        let (folder, name) = path::split(path);
        self.fits(folder, name)
    }

    /// The same of a path that was split.
    pub(crate) fn fits(&self, folder: &str, name: &str) -> bool {
        match self {
            Self::Name(wanted) => name == *wanted,
            Self::Affixes(prefix, suffix) => {
                name.len() >= prefix.len() + suffix.len() && name.starts_with(prefix) && name.ends_with(suffix)
            }
            Self::Holding(infix, suffix) => name.ends_with(suffix) && name.contains(infix),
            Self::In(wanted, suffix) => name.ends_with(suffix) && is_folder(folder, wanted),
            Self::InEach(wanted, suffix) => name.ends_with(suffix) && is_folder(path::split(folder).0, wanted),
            Self::Raw(pattern) => pattern.fits(folder, name),
        }
    }
}

/// Whether a folder is this one, wherever that lies.
fn is_folder(folder: &str, wanted: &str) -> bool {
    folder.strip_suffix(wanted).is_some_and(|above| above.is_empty() || above.ends_with('/'))
}

impl fmt::Display for Pattern {
    /// As a person would write it: `requirements*.txt`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Affixes(prefix, suffix) => write!(f, "{prefix}*{suffix}"),
            Self::Holding(infix, suffix) => write!(f, "*{infix}*{suffix}"),
            // What ends in a whole name is that name; what ends in an ending is any name that has it.
            Self::In(folder, suffix) if suffix.starts_with('.') => write!(f, "{folder}/*{suffix}"),
            Self::In(folder, name) => write!(f, "{folder}/{name}"),
            Self::InEach(folder, suffix) => write!(f, "{folder}/*/*{suffix}"),
            Self::Raw(pattern) => pattern.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_look_at_the_name_and_its_folder() {
        assert!(Pattern::Name("go.mod").matches("a/b/go.mod"));
        assert!(!Pattern::Name("go.mod").matches("a/cargo.mod"));
        assert!(Pattern::Affixes("requirements", ".txt").matches("requirements-dev.txt"));
        assert!(!Pattern::Affixes("aba", "ba").matches("aba"));
        assert!(Pattern::In("requirements", ".txt").matches("x/requirements/base.txt"));
        assert!(!Pattern::In("requirements", ".txt").matches("requirements/x/base.txt"));
        assert!(!Pattern::In("requirements", ".txt").matches("my-requirements/base.txt"));
        assert!(Pattern::In(".github/workflows", ".yml").matches("sub/.github/workflows/ci.yml"));
        assert!(Pattern::InEach("wp-content/plugins", ".php").matches("a/wp-content/plugins/x/x.php"));
        assert!(!Pattern::InEach("wp-content/plugins", ".php").matches("wp-content/plugins/x.php"));
        assert!(!Pattern::InEach("wp-content/plugins", ".php").matches("wp-content/plugins/x/y/x.php"));
        assert!(Pattern::Raw(&Pattern::Affixes("", ".gguf")).matches("a/b.gguf"));
        assert!(Pattern::Holding("requirements", ".txt").matches("dev-requirements-py3.txt"));
    }
}
