//! The lines of a Gemfile.lock, as Bundler reads them.

use std::collections::HashMap;

use fumehood_contract::ProblemKind;

use crate::records::Records;

/// What a source section is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Gem,
    Git,
    Path,
    Plugin,
}

/// A source section.
#[derive(Debug)]
pub(super) struct Origin<'t> {
    pub(super) kind: Kind,
    pub(super) remotes: Vec<&'t str>,
    pub(super) revision: Option<&'t str>,
}

/// A gem of a source.
#[derive(Debug)]
pub(super) struct Spec<'t> {
    pub(super) name: &'t str,
    pub(super) version: Option<&'t str>,
    /// Empty for pure Ruby.
    pub(super) platform: &'t str,
    pub(super) line: u32,
    /// Position in [`Lockfile::origins`].
    pub(super) origin: usize,
    /// The names of what it needs.
    pub(super) dependencies: Vec<&'t str>,
}

/// What the file holds.
#[derive(Debug, Default)]
pub(super) struct Lockfile<'t> {
    pub(super) origins: Vec<Origin<'t>>,
    pub(super) specs: Vec<Spec<'t>>,
    /// The names in DEPENDENCIES.
    pub(super) dependencies: Vec<&'t str>,
    /// Whether there is such a section.
    pub(super) has_dependencies: bool,
    /// `algorithm=hex` by name, version and platform.
    pub(super) checksums: HashMap<(&'t str, &'t str, &'t str), Vec<&'t str>>,
}

#[derive(Clone, Copy)]
enum Section {
    /// None has begun.
    Before,
    Source,
    Dependencies,
    Checksums,
    /// PLATFORMS, RUBY VERSION, BUNDLED WITH, and what newer Bundlers may add.
    Other,
}

/// Reads the lines; those that cannot be read are problems.
pub(super) fn parse<'t>(text: &'t str, records: &mut Records) -> Lockfile<'t> {
    let mut lockfile = Lockfile::default();
    let mut section = Section::Before;
    let mut conflict = false;
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim_end();
        if is_conflict(line) {
            if !conflict {
                let message = "a merge conflict is not resolved; what both sides hold is reported";
                records.problem(ProblemKind::Unparsable, Some(number), message);
            }
            conflict = true;
            continue;
        }
        let content = line.trim_start_matches(' ');
        match line.len() - content.len() {
            _ if content.is_empty() => {}
            0 => match lockfile.begin(content) {
                Some(begun) => section = begun,
                None if matches!(section, Section::Before) => {
                    records.problem(ProblemKind::Unparsable, Some(number), "it does not begin as a Gemfile.lock");
                    return lockfile;
                }
                None => {
                    let message = format!("{content} is no section of a Gemfile.lock");
                    records.problem(ProblemKind::BadEntry, Some(number), &message);
                    section = Section::Other;
                }
            },
            indent => lockfile.entry(section, indent, content, number, records),
        }
    }
    lockfile
}

fn is_conflict(line: &str) -> bool {
    ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|marker| line.starts_with(marker))
}

impl<'t> Lockfile<'t> {
    /// A section begins; `None` if it is not written as one.
    fn begin(&mut self, heading: &str) -> Option<Section> {
        let kind = match heading {
            "GEM" => Kind::Gem,
            "GIT" => Kind::Git,
            "PATH" => Kind::Path,
            "PLUGIN SOURCE" => Kind::Plugin,
            "DEPENDENCIES" => {
                self.has_dependencies = true;
                return Some(Section::Dependencies);
            }
            "CHECKSUMS" => return Some(Section::Checksums),
            other => {
                let capitals = other.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b' ');
                return capitals.then_some(Section::Other);
            }
        };
        self.origins.push(Origin { kind, remotes: Vec::new(), revision: None });
        Some(Section::Source)
    }

    fn entry(&mut self, section: Section, indent: usize, content: &'t str, line: u32, records: &mut Records) {
        match (section, indent) {
            (Section::Source, 2) => self.option(content),
            (Section::Source, 4) => {
                let (name, version, platform) = name_version(content);
                let origin = self.origins.len().saturating_sub(1);
                self.specs.push(Spec { name, version, platform, line, origin, dependencies: Vec::new() });
            }
            (Section::Source, 6) => {
                let last = self.origins.len().saturating_sub(1);
                if let Some(spec) = self.specs.last_mut().filter(|spec| spec.origin == last) {
                    spec.dependencies.push(name_version(content).0);
                }
            }
            (Section::Dependencies, 2) => self.dependencies.push(name_version(content).0),
            (Section::Checksums, 2) => {
                let (entry, sums) = content.split_once(") ").map_or((content, ""), |(entry, sums)| (entry, sums));
                let (name, version, platform) = name_version(entry);
                let sums = sums.split(',').map(str::trim).filter(|sum| !sum.is_empty());
                self.checksums.entry((name, version.unwrap_or(""), platform)).or_default().extend(sums);
            }
            (Section::Source | Section::Dependencies | Section::Checksums, _) => {
                let message = format!("{content} stands where nothing is expected");
                records.problem(ProblemKind::BadEntry, Some(line), &message);
            }
            (Section::Before | Section::Other, _) => {}
        }
    }

    fn option(&mut self, content: &'t str) {
        let (Some((key, value)), Some(origin)) = (content.split_once(": "), self.origins.last_mut()) else { return };
        match key {
            "remote" => origin.remotes.push(value.trim()),
            "revision" => origin.revision = Some(value.trim()),
            _ => {}
        }
    }
}

/// `name (version-platform)!`: versions have no `-`. The `!` says that the source is pinned.
fn name_version(content: &str) -> (&str, Option<&str>, &str) {
    let content = content.strip_suffix('!').unwrap_or(content);
    let Some((name, rest)) = content.split_once(" (") else { return (content, None, "") };
    let inner = rest.strip_suffix(')').unwrap_or(rest);
    let (version, platform) = inner.split_once('-').unwrap_or((inner, ""));
    let is_version = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    (name, is_version.then_some(version), platform)
}

#[cfg(test)]
mod tests {
    use super::name_version;

    #[test]
    fn entries_are_taken_apart() {
        assert_eq!(name_version("a-b (1.0)"), ("a-b", Some("1.0"), ""));
        assert_eq!(name_version("a (1.0.rc1-x86_64-linux-gnu)"), ("a", Some("1.0.rc1"), "x86_64-linux-gnu"));
        assert_eq!(name_version("a (~> 1.0, >= 1)!"), ("a", None, ""));
        assert_eq!(name_version("a!"), ("a", None, ""));
    }
}
