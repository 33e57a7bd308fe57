//! What the manifest beside the lockfile asks for: `pixi.toml`, or `[tool.pixi]` in `pyproject.toml`.

use fumehood_contract::Scope;
use toml::de::DeTable;

use super::document::Kind;
use crate::python::pyproject::{self, scope_of_unknown};
use crate::source::Source;
use crate::toml_text::{Table, entries, table};

/// A package that the project asks for.
pub(super) struct Root {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) scope: Scope,
}

/// The project's dependencies; none if no manifest can be read.
pub(super) fn roots(source: &Source<'_>) -> Vec<Root> {
    let mut roots = Vec::new();
    if let Some(Ok(text)) = source.sibling("pixi.toml") {
        if let Ok(document) = DeTable::parse(&text) {
            from_workspace(document.get_ref(), &mut roots);
        }
        return roots;
    }
    let Some(Ok(text)) = source.sibling("pyproject.toml") else { return roots };
    let Ok(document) = DeTable::parse(&text) else { return roots };
    if let Some(pixi) = table(document.get_ref(), "tool").and_then(|tool| table(tool, "pixi")) {
        from_workspace(pixi, &mut roots);
    }
    let asked = pyproject::roots(source).unwrap_or_default().into_iter();
    roots.extend(asked.map(|root| Root { kind: Kind::Pypi, name: root.name, scope: root.scope }));
    roots
}

fn from_workspace(workspace: &Table<'_>, roots: &mut Vec<Root>) {
    from_feature(workspace, Scope::Runtime, roots);
    for (name, feature) in table(workspace, "feature").into_iter().flat_map(entries) {
        if let Some(feature) = feature.get_ref().as_table() {
            from_feature(feature, scope_of_unknown(name), roots);
        }
    }
}

fn from_feature(feature: &Table<'_>, scope: Scope, roots: &mut Vec<Root>) {
    let platforms = table(feature, "target").into_iter().flat_map(entries);
    let platforms = platforms.filter_map(|(_, platform)| platform.get_ref().as_table());
    for lists in std::iter::once(feature).chain(platforms) {
        for (key, kind, scope) in [
            ("dependencies", Kind::Conda, scope),
            ("host-dependencies", Kind::Conda, scope),
            ("build-dependencies", Kind::Conda, Scope::Build),
            ("pypi-dependencies", Kind::Pypi, scope),
        ] {
            let names = table(lists, key).into_iter().flat_map(entries);
            roots.extend(names.map(|(name, _)| Root { kind, name: name.to_owned(), scope }));
        }
    }
}
