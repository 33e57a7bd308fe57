//! What a `pyproject.toml` beside the lockfile asks for: Poetry's own tables, and those of PEP 621
//! and PEP 735.

use std::collections::{HashMap, HashSet};

use fumehood_contract::Scope;
use toml::de::DeTable;

use super::document::{Table, entries, items, table, texts, text};
use crate::extractors::requirements_txt::pep508;
use crate::purl::normal_pypi_name;
use crate::source::Source;

/// A package that the project asks for.
#[derive(Debug)]
pub(super) struct Root {
    /// Normalised.
    pub(super) name: String,
    pub(super) extras: Vec<String>,
    pub(super) scope: Scope,
}

/// The project's dependencies; `None` if there is no such file, or it tells of none.
pub(super) fn roots(source: &Source<'_>) -> Option<Vec<Root>> {
    let text = source.sibling("pyproject.toml")?.ok()?;
    // A broken manifest is poetry's business; the lockfile is ours.
    let document = DeTable::parse(&text).ok()?.into_inner();
    let mut roots = Vec::new();
    if let Some(project) = table(&document, "project") {
        roots.extend(texts(project, "dependencies").filter_map(|line| root(line, Scope::Runtime)));
        for (extra, _) in table(project, "optional-dependencies").into_iter().flat_map(entries) {
            let wanted = table(project, "optional-dependencies").into_iter().flat_map(|extras| texts(extras, extra));
            roots.extend(wanted.filter_map(|line| root(line, Scope::Optional)));
        }
    }
    if let Some(poetry) = table(&document, "tool").and_then(|tool| table(tool, "poetry")) {
        roots_of_poetry(poetry, &mut roots);
    }
    if let Some(groups) = table(&document, "dependency-groups") {
        roots_of_groups(groups, &mut roots);
    }
    (!roots.is_empty()).then_some(roots)
}

fn roots_of_poetry(poetry: &Table<'_>, roots: &mut Vec<Root>) {
    for (key, scope) in [("dependencies", Scope::Runtime), ("dev-dependencies", Scope::Dev)] {
        roots.extend(table(poetry, key).into_iter().flat_map(|list| roots_of_table(list, scope)));
    }
    for (group, value) in table(poetry, "group").into_iter().flat_map(entries) {
        let list = value.get_ref().as_table().and_then(|group| table(group, "dependencies"));
        roots.extend(list.into_iter().flat_map(|list| roots_of_table(list, scope_of_group(group))));
    }
}

/// `name = "^1"`, `name = {version = "^1", extras = [...], optional = true}` or an array of such.
fn roots_of_table<'t>(list: &'t Table<'_>, scope: Scope) -> impl Iterator<Item = Root> + 't {
    entries(list).filter(|(name, _)| !name.eq_ignore_ascii_case("python")).map(move |(name, value)| {
        let value = value.get_ref();
        let tables = value.as_table().into_iter();
        let listed = value.as_array().into_iter().flat_map(|array| array.iter());
        let mut root = Root { name: normal_pypi_name(name), extras: Vec::new(), scope };
        for table in tables.chain(listed.filter_map(|item| item.get_ref().as_table())) {
            root.extras.extend(texts(table, "extras").map(normal_pypi_name));
            if super::flag(table, "optional") && scope == Scope::Runtime {
                root.scope = Scope::Optional;
            }
        }
        root
    })
}

/// Groups may include each other; each is taken once for each scope that wants it.
fn roots_of_groups(groups: &Table<'_>, roots: &mut Vec<Root>) {
    let keys: HashMap<String, &str> = entries(groups).map(|(key, _)| (normal_pypi_name(key), key)).collect();
    let mut seen = HashSet::new();
    let mut waiting: Vec<(&str, Scope)> = entries(groups).map(|(key, _)| (key, scope_of_group(key))).collect();
    while let Some((key, scope)) = waiting.pop() {
        if !seen.insert((key, scope)) {
            continue;
        }
        for item in items(groups, key) {
            if let Some(line) = item.get_ref().as_str() {
                roots.extend(root(line, scope));
            }
            let included = item.get_ref().as_table().and_then(|item| text(item, "include-group"));
            let included = included.and_then(|name| keys.get(&normal_pypi_name(name)));
            waiting.extend(included.map(|key| (*key, scope)));
        }
    }
}

fn root(line: &str, scope: Scope) -> Option<Root> {
    let requirement = pep508::parse(line).ok()?;
    let extras = requirement.extras.iter().map(|extra| normal_pypi_name(extra)).collect();
    Some(Root { name: normal_pypi_name(requirement.name), extras, scope })
}

/// What a group of dependencies is for, by its customary name.
pub(crate) fn scope_of_group(name: &str) -> Scope {
    match name {
        "main" => Scope::Runtime,
        "test" | "tests" | "testing" => Scope::Test,
        "build" => Scope::Build,
        _ => Scope::Dev,
    }
}
