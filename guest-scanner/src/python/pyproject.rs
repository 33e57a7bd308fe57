//! What a `pyproject.toml` asks for: the tables of PEP 518, 621 and 735, and those of Poetry, PDM, uv,
//! Hatch and Flit.

use std::collections::{HashMap, HashSet};

use fumehood_contract::Scope;
use toml::de::{DeTable, DeValue};

use super::pep508::{self, Requirement};
use crate::purl::normal_pypi_name;
use crate::source::Source;
use crate::toml_text::{Table, Value, entries, flag, items, table, text, texts};

/// A package that the project asks for.
#[derive(Debug)]
pub(crate) struct Root {
    /// Normalised.
    pub(crate) name: String,
    pub(crate) extras: Vec<String>,
    pub(crate) scope: Scope,
}

/// One line of what the project asks for.
#[derive(Debug)]
pub(crate) struct Declared<'t, 'a> {
    /// As it is written.
    pub(crate) name: &'t str,
    pub(crate) extras: Vec<&'t str>,
    pub(crate) need: Need<'t, 'a>,
    pub(crate) scope: Scope,
    /// The extra or the group that it is listed in.
    pub(crate) group: Option<&'t str>,
    /// Its offset in the file.
    pub(crate) place: usize,
}

/// What stands behind the name.
#[derive(Debug)]
pub(crate) enum Need<'t, 'a> {
    /// As PEP 508 writes it.
    Requirement(Requirement<'t>),
    /// As Poetry does: a range, or a table.
    Poetry(&'t DeValue<'a>),
}

/// A string that should be a requirement, and why it is none.
#[derive(Debug)]
pub(crate) struct Refused<'t> {
    pub(crate) text: &'t str,
    pub(crate) reason: &'static str,
    pub(crate) place: usize,
}

/// Everything that a pyproject.toml asks for.
#[derive(Debug, Default)]
pub(crate) struct Declarations<'t, 'a> {
    pub(crate) declared: Vec<Declared<'t, 'a>>,
    pub(crate) refused: Vec<Refused<'t>>,
}

/// What a project asks for, arranged for its lockfile.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) roots: Vec<Root>,
    /// What the extras and groups are for, by their normalised names.
    pub(crate) groups: HashMap<String, Scope>,
}

/// What the pyproject.toml beside `source` asks for, without what builds the project; `None` if there
/// is no such file, or it asks for nothing.
pub(crate) fn asked(source: &Source<'_>) -> Option<Asked> {
    let text = source.sibling("pyproject.toml")?.ok()?;
    // A broken manifest is its own extractor's business.
    let document = DeTable::parse(&text).ok()?.into_inner();
    let mut asked = Asked::default();
    for declared in dependencies(&document).declared {
        if let Some(group) = declared.group {
            asked.groups.entry(normal_pypi_name(group)).or_insert(declared.scope);
        }
        asked.roots.push(Root {
            name: normal_pypi_name(declared.name),
            extras: declared.extras.iter().map(|extra| normal_pypi_name(extra)).collect(),
            scope: declared.scope,
        });
    }
    (!asked.roots.is_empty()).then_some(asked)
}

/// Its dependencies alone.
pub(crate) fn roots(source: &Source<'_>) -> Option<Vec<Root>> {
    asked(source).map(|asked| asked.roots)
}

/// What the project asks for, to run and to be developed. What builds it is in [`build_requires`].
pub(crate) fn dependencies<'t, 'a>(document: &'t Table<'a>) -> Declarations<'t, 'a> {
    let mut found = Declarations::default();
    if let Some(project) = table(document, "project") {
        found.list(project, "dependencies", Scope::Runtime, None);
        found.lists(project, "optional-dependencies", |_| Scope::Optional);
    }
    if let Some(groups) = table(document, "dependency-groups") {
        found.groups(groups);
    }
    let Some(tool) = table(document, "tool") else { return found };
    if let Some(poetry) = table(tool, "poetry") {
        found.poetry(poetry);
    }
    if let Some(pdm) = table(tool, "pdm") {
        found.lists(pdm, "dev-dependencies", scope_of_group);
    }
    if let Some(uv) = table(tool, "uv") {
        found.list(uv, "dev-dependencies", Scope::Dev, Some("dev"));
    }
    if let Some(flit) = table(tool, "flit").and_then(|flit| table(flit, "metadata")) {
        found.list(flit, "requires", Scope::Runtime, None);
        found.list(flit, "dev-requires", Scope::Dev, Some("dev"));
        found.lists(flit, "requires-extra", |_| Scope::Optional);
    }
    let environments = table(tool, "hatch").and_then(|hatch| table(hatch, "envs"));
    for (name, environment) in environments.into_iter().flat_map(entries) {
        let Some(environment) = environment.get_ref().as_table() else { continue };
        let scope = if scope_of_group(name) == Scope::Test { Scope::Test } else { Scope::Dev };
        found.list(environment, "dependencies", scope, Some(name));
        found.list(environment, "extra-dependencies", scope, Some(name));
    }
    found
}

/// What is needed to build the project.
pub(crate) fn build_requires<'t, 'a>(document: &'t Table<'a>) -> Declarations<'t, 'a> {
    let mut found = Declarations::default();
    if let Some(build) = table(document, "build-system") {
        found.list(build, "requires", Scope::Build, None);
    }
    found
}

impl<'t, 'a> Declarations<'t, 'a> {
    /// Tables of lists: each key is a group.
    fn lists(&mut self, parent: &'t Table<'a>, key: &str, scope: impl Fn(&str) -> Scope) {
        let Some(lists) = table(parent, key) else { return };
        for (group, _) in entries(lists) {
            self.list(lists, group, scope(group), Some(group));
        }
    }

    fn list(&mut self, parent: &'t Table<'a>, key: &str, scope: Scope, group: Option<&'t str>) {
        for item in items(parent, key) {
            self.requirement(item, scope, group);
        }
    }

    fn requirement(&mut self, item: &'t Value<'a>, scope: Scope, group: Option<&'t str>) {
        let Some(text) = item.get_ref().as_str() else { return };
        let place = item.span().start;
        // PDM's groups may have folders: the project's own code.
        if text.starts_with("-e ") {
            return;
        }
        match pep508::parse(text) {
            Ok(requirement) => self.declared.push(Declared {
                name: requirement.name,
                extras: requirement.extras.clone(),
                need: Need::Requirement(requirement),
                scope,
                group,
                place,
            }),
            Err(reason) => self.refused.push(Refused { text, reason, place }),
        }
    }

    /// Groups may include each other; each is taken once for each scope that wants it.
    fn groups(&mut self, groups: &'t Table<'a>) {
        let keys: HashMap<String, &str> = entries(groups).map(|(key, _)| (normal_pypi_name(key), key)).collect();
        let mut seen = HashSet::new();
        let mut waiting: Vec<(&str, Scope)> = entries(groups).map(|(key, _)| (key, scope_of_group(key))).collect();
        waiting.reverse();
        while let Some((key, scope)) = waiting.pop() {
            if !seen.insert((key, scope)) {
                continue;
            }
            for item in items(groups, key) {
                self.requirement(item, scope, Some(key));
                let included = item.get_ref().as_table().and_then(|item| text(item, "include-group"));
                let included = included.and_then(|name| keys.get(&normal_pypi_name(name)));
                waiting.extend(included.map(|key| (*key, scope)));
            }
        }
    }

    fn poetry(&mut self, poetry: &'t Table<'a>) {
        for (key, scope) in [("dependencies", Scope::Runtime), ("dev-dependencies", Scope::Dev)] {
            let group = (scope == Scope::Dev).then_some("dev");
            table(poetry, key).into_iter().for_each(|list| self.poetry_table(list, scope, group));
        }
        for (group, value) in table(poetry, "group").into_iter().flat_map(entries) {
            let list = value.get_ref().as_table().and_then(|group| table(group, "dependencies"));
            list.into_iter().for_each(|list| self.poetry_table(list, scope_of_group(group), Some(group)));
        }
    }

    /// `name = "^1"`, `name = {version = "^1", extras = [...], optional = true}` or an array of such.
    fn poetry_table(&mut self, list: &'t Table<'a>, scope: Scope, group: Option<&'t str>) {
        for (name, value) in entries(list).filter(|(name, _)| !name.eq_ignore_ascii_case("python")) {
            let alternatives = value.get_ref().as_array().map(|array| array.iter().collect::<Vec<_>>());
            for value in alternatives.unwrap_or_else(|| vec![value]) {
                let table = value.get_ref().as_table();
                let optional = table.is_some_and(|table| flag(table, "optional"));
                self.declared.push(Declared {
                    name,
                    extras: table.into_iter().flat_map(|table| texts(table, "extras")).collect(),
                    need: Need::Poetry(value.get_ref()),
                    scope: if optional && scope.is_runtime() { Scope::Optional } else { scope },
                    group,
                    place: value.span().start,
                });
            }
        }
    }
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

/// What a name is for that may be a group's or an extra's, where nothing says which: what is not
/// customary for a group is taken for an extra.
pub(crate) fn scope_of_unknown(name: &str) -> Scope {
    match name {
        "dev" | "develop" | "development" | "lint" | "doc" | "docs" | "test" | "tests" | "testing" | "typing"
        | "build" | "ci" => scope_of_group(name),
        _ => Scope::Optional,
    }
}
