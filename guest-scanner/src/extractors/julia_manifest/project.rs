//! What a `Project.toml` beside the manifest asks for, and those of the members of its workspace.

use std::collections::HashMap;

use fumehood_contract::Scope;
use toml::de::DeTable;

use crate::source::Source;
use crate::toml_text::{Table, entries, table, texts};

/// More members than any workspace has.
const MEMBERS_MAX: usize = 256;

/// A project's file may be as large as this; real ones have a few hundred lines.
const PROJECT_BYTES_MAX: u64 = 1024 * 1024;

/// UUIDs with what they are for; `None` if there is no such file, or it is broken.
pub(super) fn asked(source: &Source<'_>) -> Option<HashMap<String, Scope>> {
    let text = ["JuliaProject.toml", "Project.toml"].into_iter().find_map(|name| source.sibling(name)?.ok())?;
    let project = DeTable::parse(&text).ok()?.into_inner();
    let mut asked = HashMap::new();
    collect(&project, Scope::Runtime, &mut asked);
    let members = table(&project, "workspace").into_iter().flat_map(|workspace| texts(workspace, "projects"));
    for member in members.take(MEMBERS_MAX) {
        let Ok(path) = source.resolve(&format!("{member}/Project.toml")) else { continue };
        let Ok(text) = source.tree().text_within(&path, PROJECT_BYTES_MAX) else { continue };
        let Ok(project) = DeTable::parse(&text) else { continue };
        collect(project.get_ref(), scope_of_member(member), &mut asked);
    }
    Some(asked)
}

/// The customary names of a workspace's members.
fn scope_of_member(member: &str) -> Scope {
    match member {
        "test" | "tests" => Scope::Test,
        "docs" | "benchmark" | "benchmarks" | "bench" | "perf" => Scope::Dev,
        _ => Scope::Runtime,
    }
}

/// What is needed to run comes first, and stays so.
fn collect(project: &Table<'_>, scope: Scope, asked: &mut HashMap<String, Scope>) {
    for (_, uuid) in table(project, "deps").into_iter().flat_map(entries) {
        let Some(uuid) = uuid.get_ref().as_str() else { continue };
        let known = asked.entry(uuid.to_owned()).or_insert(scope);
        if scope == Scope::Runtime {
            *known = scope;
        }
    }
}

/// The names that the project's tests need besides.
pub(crate) fn test_targets<'t>(project: &'t Table<'_>) -> impl Iterator<Item = &'t str> {
    table(project, "targets").into_iter().flat_map(|targets| texts(targets, "test"))
}

/// Whether it has the form of a UUID.
pub(crate) fn is_uuid(text: &str) -> bool {
    let parts = text.split('-').map(str::len);
    parts.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::is_uuid;

    #[test]
    fn uuids_have_their_form() {
        assert!(is_uuid("ade2ca70-3891-5945-98fb-dc099432e06a"));
        assert!(!is_uuid("ade2ca70-3891-5945-98fb-dc099432e06"));
        assert!(!is_uuid("gde2ca70-3891-5945-98fb-dc099432e06a"));
    }
}
