//! `go.work`, a workspace of Go modules.
//!
//! Format: <https://go.dev/ref/mod#workspaces>. Reported are its members, and what replaces the
//! modules that they require: a replacement here goes before those of the members' own go.mod files,
//! which are read on their own. It holds no versions but those.

use std::collections::{HashMap, HashSet};

use fumehood_contract::{ProblemKind, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::go_mod::directives::{self, GoMod, Replacement};
use crate::extractors::go_mod::version::is_exact;
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;
use crate::tree::ReadError;

/// The extractor of `go.work`.
pub const EXTRACTOR: Extractor =
    Extractor { id: "go-work", ecosystem: "Go", files: &[Pattern::Name("go.work")], companions: &["go.mod"], extract };

/// The bytes of all members' go.mod files that are read for one workspace.
const BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The members that are looked at; a monorepo has some hundred.
const MEMBERS_MAX: usize = 4096;

fn extract(source: &Source<'_>, records: &mut Records) {
    let (mut workspace, mut uses) = (GoMod::default(), Vec::new());
    directives::statements(source, records, |verb, words, indirect, line| match (verb, words) {
        ("use", [folder]) => {
            uses.push((folder.to_string(), line));
            Ok(())
        }
        ("use", _) => Err("use has too few or too many words".to_owned()),
        ("go" | "toolchain" | "replace" | "godebug", _) => workspace.directive(verb, words, indirect, line),
        _ => Err(format!("the directive {verb} is not known")),
    });
    if let Some((version, line)) = workspace.toolchain.as_ref().or(workspace.go.as_ref()) {
        let mut package = purl::package(Ecosystem::Golang, "stdlib", None);
        package.requirement = Some(format!(">={version}"));
        package.line = Some(*line);
        package.relation = Relation::Direct;
        records.package(package);
    }
    let members = members(uses, source, records);
    replaced(&workspace, &members, records);
}

/// The members' go.mod files, as far as they can be read; each is reported.
fn members(uses: Vec<(String, u32)>, source: &Source<'_>, records: &mut Records) -> Vec<(GoMod, u32)> {
    let (mut members, mut seen, mut bytes_left) = (Vec::new(), HashSet::new(), BYTES_MAX);
    for (folder, line) in uses {
        let Ok(path) = source.resolve(&format!("{folder}/go.mod")) else {
            let message = format!("the member {folder} is outside the repository");
            records.problem(ProblemKind::OutsideRoot, Some(line), &message);
            continue;
        };
        if !seen.insert(path.clone()) {
            continue;
        }
        if seen.len() > MEMBERS_MAX {
            let message = format!("has more than {MEMBERS_MAX} members; the rest is not looked at");
            records.problem(ProblemKind::OverLimit, Some(line), &message);
            break;
        }
        let text = match source.tree().text_within(&path, bytes_left) {
            Ok(text) => text,
            Err(error) => {
                let kind = match error {
                    ReadError::NotFound => ProblemKind::NotFound,
                    ReadError::TooLarge => ProblemKind::OverLimit,
                    ReadError::NotText { .. } | ReadError::Io(_) => ProblemKind::Unreadable,
                };
                records.problem(kind, Some(line), &format!("{path}, of a member, cannot be read: {error}"));
                continue;
            }
        };
        bytes_left = bytes_left.saturating_sub(text.len() as u64);
        // What is wrong with it is reported where it is read for its own sake.
        let go_mod = directives::read(&Source::new(&path, &text, source.tree()), &mut Records::default());
        if let Some((module, _)) = &go_mod.module {
            let mut package = purl::package(Ecosystem::Golang, module, None);
            package.line = Some(line);
            package.relation = Relation::Project;
            package.source = Some(folder);
            records.package(package);
        }
        members.push((go_mod, line));
    }
    members
}

/// What stands in for modules that members require. It is named where the workspace uses the first of
/// those members.
fn replaced(workspace: &GoMod, members: &[(GoMod, u32)], records: &mut Records) {
    let mut known = HashMap::new();
    for (go_mod, line) in members {
        for requirement in &go_mod.requirements {
            let package = match workspace.replacement(&requirement.path, &requirement.version) {
                None => continue,
                Some(Replacement::Folder(folder)) => {
                    let mut package = purl::package(Ecosystem::Golang, &requirement.path, None);
                    package.requirement = Some(requirement.version.clone());
                    package.source = Some(folder.clone());
                    package
                }
                Some(Replacement::Module { path, version }) if is_exact(version) => {
                    purl::package(Ecosystem::Golang, path, Some(version))
                }
                Some(Replacement::Module { path, version }) => {
                    let mut package = purl::package(Ecosystem::Golang, path, None);
                    package.requirement = Some(version.clone());
                    package
                }
            };
            let key = (package.purl.clone(), package.source.clone());
            let relation = if requirement.indirect { Relation::Transitive } else { Relation::Direct };
            let id = known.get(&key).copied().or_else(|| {
                let id = records.package(fumehood_contract::Package { line: Some(*line), relation, ..package })?;
                known.insert(key, id);
                Some(id)
            });
            if let (Some(package), Relation::Direct) = (id.and_then(|id| records.get_mut(id)), relation) {
                package.relation = relation;
            }
        }
    }
}
