//! The workspace that a package belongs to.

use std::collections::HashMap;

use toml::de::DeTable;

use super::Wanted;
use crate::source::Source;
use crate::toml_text::{Table, entries, table, text};

/// The largest manifest of a workspace that is read for each of its members.
const BYTES_MAX: u64 = 256 * 1024;

/// What a package may inherit; read when it is asked for.
pub(super) struct Workspace<'t> {
    source: &'t Source<'t>,
    inherited: Option<Inherited>,
}

#[derive(Default)]
struct Inherited {
    version: Option<String>,
    dependencies: HashMap<String, Wanted>,
}

impl<'t> Workspace<'t> {
    pub(super) fn new(source: &'t Source<'t>) -> Self {
        Self { source, inherited: None }
    }

    /// `[workspace.package] version`. `own` is the manifest at hand, which may be the root itself.
    pub(super) fn version(&mut self, own: &Table<'_>) -> Option<String> {
        self.inherited(own).version.clone()
    }

    /// What `[workspace.dependencies]` says of that name.
    pub(super) fn dependency(&mut self, own: &Table<'_>, name: &str) -> Option<Wanted> {
        self.inherited(own).dependencies.get(name).cloned()
    }

    fn inherited(&mut self, own: &Table<'_>) -> &Inherited {
        let source = self.source;
        self.inherited.get_or_insert_with(|| read(own, source).unwrap_or_default())
    }
}

fn read(own: &Table<'_>, source: &Source<'_>) -> Option<Inherited> {
    if table(own, "workspace").is_some() {
        return inherited(own);
    }
    // `[package] workspace = "../.."` says where the root is; otherwise it is the next one above.
    if let Some(named) = table(own, "package").and_then(|package| text(package, "workspace")) {
        let path = source.resolve(&format!("{named}/Cargo.toml")).ok()?;
        return read_root(&source.tree().text_within(&path, BYTES_MAX).ok()?);
    }
    let texts = source.folders().skip(1).filter_map(|folder| {
        source.tree().text_within(&in_folder(folder, "Cargo.toml"), BYTES_MAX).ok().filter(|text| has_workspace(text))
    });
    let nearest = texts.into_iter().next()?;
    read_root(&nearest)
}

fn read_root(text: &str) -> Option<Inherited> {
    inherited(DeTable::parse(text).ok()?.get_ref())
}

fn inherited(root: &Table<'_>) -> Option<Inherited> {
    let workspace = table(root, "workspace")?;
    let version = table(workspace, "package").and_then(|package| text(package, "version")).map(str::to_owned);
    let dependencies = table(workspace, "dependencies").into_iter().flat_map(entries).filter_map(|(name, value)| {
        let value = value.get_ref();
        let range = value.as_str().map(|range| Wanted { range: Some(range.to_owned()), ..Wanted::default() });
        Some((name.to_owned(), range.or_else(|| value.as_table().map(Wanted::of))?))
    });
    Some(Inherited { version, dependencies: dependencies.collect() })
}

/// Whether a lockfile says what the manifest only asks for: one beside it, or its workspace's.
pub(super) fn is_locked(source: &Source<'_>) -> bool {
    source.has_sibling("Cargo.lock")
        || source.folders().skip(1).any(|folder| {
            source.tree().exists(&in_folder(folder, "Cargo.lock"))
                && source
                    .tree()
                    .text_within(&in_folder(folder, "Cargo.toml"), BYTES_MAX)
                    .is_ok_and(|text| has_workspace(&text))
        })
}

fn has_workspace(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with("[workspace"))
}

fn in_folder(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
