//! What names mean in one build script: its own constants, those of the scripts that it applies,
//! of the build scripts and `gradle.properties` in the folders above, and the version catalogs.
//!
//! All of it is read from the repository alone, a bounded number of files for each script.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use fumehood_contract::limits::FIELD_BYTES_MAX;
use toml::de::DeTable;

use super::constants::Constants;
use super::expression::{Piece, Template};
use super::script;
use crate::extractors::libs_versions_toml::catalog::Catalog;
use crate::source::{Source, resolve};

/// The folders above a script that are looked into.
const FOLDERS_MAX: usize = 16;

/// The scripts that one applies, and those apply.
const APPLIED_MAX: usize = 16;

/// The different catalogs that one script may name.
const CATALOGS_MAX: usize = 16;

/// The largest file that is read for another.
const BYTES_MAX: u64 = 1024 * 1024;

/// How many names may lead to each other.
const DEPTH_MAX: usize = 32;

/// The meanings of names.
pub(super) struct Environment<'a> {
    source: &'a Source<'a>,
    /// The nearest first.
    constants: Vec<Rc<Constants>>,
    known: RefCell<HashMap<String, Option<String>>>,
    catalogs: RefCell<HashMap<String, Option<Rc<Catalog>>>>,
}

/// A text as far as it can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resolved {
    /// With `${name}` where a name means nothing here.
    pub(super) text: String,
    /// The first of those names.
    pub(super) open: Option<String>,
}

impl<'a> Environment<'a> {
    pub(super) fn new(source: &'a Source<'a>, own: Constants) -> Self {
        let mut constants = vec![Rc::new(own)];
        add_applied(source, &mut constants);
        for (folder, is_own) in
            source.folders().take(FOLDERS_MAX).zip(std::iter::once(true).chain(std::iter::repeat(false)))
        {
            let at = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            let parse = |text: &str| Properties(Rc::new(Constants::of_properties(text)));
            let properties = source.tree().parsed(&at("gradle.properties"), BYTES_MAX, parse);
            constants.extend(properties.ok().map(|(found, _)| Rc::clone(&found.0)));
            if !is_own {
                let scripts = ["build.gradle.kts", "build.gradle"].into_iter();
                constants.extend(scripts.filter_map(|name| script_constants(source, &at(name))));
            }
        }
        Self { source, constants, known: RefCell::default(), catalogs: RefCell::default() }
    }

    /// The text, with what its names mean.
    pub(super) fn resolve(&self, template: &Template) -> Resolved {
        let mut resolved = Resolved { text: String::new(), open: None };
        for piece in template {
            match piece {
                Piece::Plain(text) => resolved.text.push_str(text),
                Piece::Name(name) => match self.value(name, 0) {
                    Some(value) => resolved.text.push_str(&value),
                    None => {
                        resolved.text.push_str(&format!("${{{name}}}"));
                        resolved.open.get_or_insert_with(|| name.clone());
                    }
                },
            }
            if resolved.text.len() > FIELD_BYTES_MAX {
                return Resolved { text: String::new(), open: Some("a text that is too long".to_owned()) };
            }
        }
        resolved
    }

    /// What a name means; each is worked out once. While it is, it means nothing: circles end there.
    fn value(&self, name: &str, depth: usize) -> Option<String> {
        if let Some(known) = self.known.borrow().get(name) {
            return known.clone();
        }
        if depth >= DEPTH_MAX {
            return None;
        }
        self.known.borrow_mut().insert(name.to_owned(), None);
        let value = match self.constants.iter().find_map(|constants| constants.get(name)) {
            Some(template) => template.and_then(|template| self.closed(template, depth)),
            None => self.version_of_catalog(name),
        };
        self.known.borrow_mut().insert(name.to_owned(), value.clone());
        value
    }

    fn closed(&self, template: &Template, depth: usize) -> Option<String> {
        let mut whole = String::new();
        for piece in template {
            match piece {
                Piece::Plain(text) => whole.push_str(text),
                Piece::Name(name) => whole.push_str(&self.value(name, depth + 1)?),
            }
            if whole.len() > FIELD_BYTES_MAX {
                return None;
            }
        }
        Some(whole)
    }

    fn version_of_catalog(&self, name: &str) -> Option<String> {
        let (catalog, rest) = name.split_once('.')?;
        let accessor = rest.strip_prefix("versions.")?;
        self.catalog(catalog)?.version_at(accessor).map(str::to_owned)
    }

    /// The catalog that scripts call so, if the repository has it.
    pub(super) fn catalog(&self, name: &str) -> Option<Rc<Catalog>> {
        if let Some(known) = self.catalogs.borrow().get(name) {
            return known.clone();
        }
        if self.catalogs.borrow().len() >= CATALOGS_MAX || self.constants.iter().any(|known| known.get(name).is_some())
        {
            return None;
        }
        let file = format!("gradle/{name}.versions.toml");
        let parse = |text: &str| {
            // What is wrong with it is reported where it is read for its own sake.
            DeTable::parse(text).map(|root| Catalog::of(root.get_ref(), &mut |_, _| {})).unwrap_or_default()
        };
        let found = self.source.folders().take(FOLDERS_MAX).find_map(|folder| {
            let path = if folder.is_empty() { file.clone() } else { format!("{folder}/{file}") };
            self.source.tree().parsed(&path, BYTES_MAX, parse).ok().map(|(catalog, _)| catalog)
        });
        self.catalogs.borrow_mut().insert(name.to_owned(), found.clone());
        found
    }
}

/// Kept apart from the constants of scripts.
struct Properties(Rc<Constants>);

fn script_constants(source: &Source<'_>, path: &str) -> Option<Rc<Constants>> {
    let is_kotlin = path.ends_with(".kts");
    let parse = |text: &str| Constants::of_script(&script::read(text).0, is_kotlin);
    source.tree().parsed(path, BYTES_MAX, parse).ok().map(|(constants, _)| constants)
}

/// The constants of the scripts that the first of `constants` applies, and of those that they apply.
fn add_applied(source: &Source<'_>, constants: &mut Vec<Rc<Constants>>) {
    let mut seen = vec![source.path().to_owned()];
    let mut at = 0;
    while let Some(current) = constants.get(at).map(Rc::clone) {
        let from = seen.get(at).cloned().unwrap_or_default();
        for path in current.applied.iter().filter_map(|template| place(source, &from, template)) {
            if seen.len() < APPLIED_MAX
                && !seen.contains(&path)
                && let Some(found) = script_constants(source, &path)
            {
                seen.push(path);
                constants.push(found);
            }
        }
        at += 1;
    }
}

/// The path of an applied script, if it is in the repository. A path without a folder named before it is
/// meant from the project's folder.
fn place(source: &Source<'_>, from: &str, template: &Template) -> Option<String> {
    let root = root_script(source);
    let (base, rest) = match template.as_slice() {
        [Piece::Plain(path)] => (from, path.as_str()),
        [Piece::Name(name), Piece::Plain(rest)] => match name.as_str() {
            "rootDir" => (root.as_str(), rest.trim_start_matches('/')),
            "projectDir" => (source.path(), rest.trim_start_matches('/')),
            _ => return None,
        },
        _ => return None,
    };
    let path = resolve(base, rest).ok()?;
    (path.ends_with(".gradle") || path.ends_with(".kts")).then_some(path)
}

/// Where the build script of the root project would be: beside the settings.
fn root_script(source: &Source<'_>) -> String {
    let at = |folder: &str, name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let is_root = |folder: &&str| {
        ["settings.gradle", "settings.gradle.kts"].iter().any(|name| source.tree().exists(&at(folder, name)))
    };
    let folder = source.folders().take(FOLDERS_MAX).find(is_root);
    folder.map_or_else(|| source.path().to_owned(), |folder| at(folder, "build.gradle"))
}
