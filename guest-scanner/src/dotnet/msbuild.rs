//! Project files of MSBuild, evaluated as far as the repository itself has them.
//!
//! Format: MSBuild's documentation, "How MSBuild builds projects". As there, properties are evaluated
//! first, in order and with the imports in their places; items see what came out. What the SDK and the
//! command line set is not known: a reference to it stays as it is written, and a condition that asks
//! for it may hold or not, so that a property can have several values. Nothing is executed.

mod condition;
mod model;

use std::collections::HashMap;
use std::rc::Rc;

use fumehood_contract::limits::FIELD_BYTES_MAX;

use model::{Conditions, File, Part};
pub(crate) use model::{Item, read};

use crate::source::{Source, resolve};
use crate::tree::Tree;

/// The files that are read for one project, with all that is imported.
const FILES_MAX: u32 = 32;

/// The largest file that is read for another, and for the sum of them.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
const BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The values that one property may have.
const VALUES_MAX: usize = 8;

/// The bytes that all expansions of one project may have.
const EXPANSION_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Stands for the repository's root in paths: MSBuild's are absolute.
const ROOT: &str = "\u{1}/";

/// An item of the project, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    file: Rc<File>,
    part: usize,
    /// Whether it stands in the project's own file.
    pub(crate) is_own: bool,
    /// Whether its conditions hold for certain.
    pub(crate) is_certain: bool,
}

impl Found {
    pub(crate) fn item(&self) -> Option<&Item> {
        match self.file.parts.get(self.part) {
            Some(Part::Item(item)) => Some(item),
            _ => None,
        }
    }
}

/// A project with what the files above it say.
pub(crate) struct Project<'t> {
    tree: &'t Tree,
    properties: HashMap<String, Vec<String>>,
    decided: HashMap<*const u8, Option<bool>>,
    files_left: u32,
    bytes_left: u64,
    expansion_left: usize,
    items: Vec<Found>,
    /// The folder of the project's own file, as MSBuild's properties say it.
    folder: String,
    /// Holds the files: [`Project::decided`] knows conditions by their addresses.
    read: Vec<Rc<File>>,
}

impl<'t> Project<'t> {
    /// The project whose own file is `own`, at the path of `source`.
    pub(crate) fn new(source: &Source<'t>, own: File) -> Self {
        let mut project = Self {
            tree: source.tree(),
            properties: HashMap::new(),
            decided: HashMap::new(),
            files_left: FILES_MAX,
            bytes_left: BYTES_MAX,
            expansion_left: EXPANSION_BYTES_MAX,
            items: Vec::new(),
            folder: format!("{ROOT}{}", folder_of(source.path())),
            read: Vec::new(),
        };
        let above = |name: &str| {
            let paths = source.folders().map(|folder| join(folder, name));
            paths.into_iter().find(|path| source.tree().exists(path)).filter(|path| path != source.path())
        };
        let own = Rc::new(own);
        for name in ["Directory.Build.props", "Directory.Packages.props"] {
            project.include(above(name));
        }
        project.run(source.path().to_owned(), own, true);
        for name in ["Packages.props", "Directory.Build.targets"] {
            project.include(above(name));
        }
        project.decide_items();
        project
    }

    /// The items whose conditions hold or may hold, in the order of evaluation.
    pub(crate) fn items(&self) -> &[Found] {
        &self.items
    }

    /// A text with the values of properties in their places: as many texts as there may be values.
    /// References to what is not known stay as they are.
    pub(crate) fn expand(&mut self, text: &str) -> Vec<String> {
        if !text.contains("$(") {
            return vec![text.to_owned()];
        }
        let mut texts = vec![String::new()];
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("$(") {
            texts.iter_mut().for_each(|text| text.push_str(before));
            let Some((name, after)) = after.split_once(')') else { break };
            match self.properties.get(&name.to_ascii_lowercase()).map(Vec::as_slice) {
                Some([value]) => texts.iter_mut().for_each(|text| text.push_str(value)),
                Some(values) => {
                    let product =
                        texts.iter().flat_map(|text| values.iter().map(move |value| format!("{text}{value}")));
                    texts = product.take(VALUES_MAX).collect();
                }
                None => texts.iter_mut().for_each(|text| text.extend(["$(", name, ")"])),
            }
            rest = after;
            let length: usize = texts.iter().map(String::len).sum();
            let left = self.expansion_left.checked_sub(length);
            if left.is_none() || texts.iter().any(|text| text.len() > FIELD_BYTES_MAX) {
                return vec![text.to_owned()];
            }
            self.expansion_left = left.unwrap_or_default();
        }
        texts.iter_mut().for_each(|text| text.push_str(rest));
        texts
    }

    fn include(&mut self, path: Option<String>) {
        if let Some(path) = path
            && let Some(file) = self.load(&path)
        {
            self.run(path, file, false);
        }
    }

    fn load(&mut self, path: &str) -> Option<Rc<File>> {
        self.files_left = self.files_left.checked_sub(1)?;
        let text = self.tree.text_within(path, FILE_BYTES_MAX.min(self.bytes_left)).ok()?;
        self.bytes_left = self.bytes_left.saturating_sub(text.len() as u64);
        // What is wrong with it is reported where it is read for its own sake.
        Some(Rc::new(read(&text, &mut |_, _, _| {})))
    }

    /// Evaluates the properties of a file and of what it imports, and collects the items.
    fn run(&mut self, path: String, file: Rc<File>, is_own: bool) {
        self.read.push(Rc::clone(&file));
        let mut open = vec![(path, file, 0, is_own)];
        while let Some((path, file, next, is_own)) = open.last_mut() {
            let (path, file, at, is_own) = (path.clone(), Rc::clone(file), std::mem::replace(next, *next + 1), *is_own);
            if at == 0 {
                self.this_file(&path);
            }
            match file.parts.get(at) {
                None => {
                    open.pop();
                    if let Some((path, ..)) = open.last().cloned() {
                        self.this_file(&path);
                    }
                }
                Some(Part::Property { name, value, conditions }) => self.set(name, value, conditions),
                Some(Part::Item(_)) => {
                    self.items.push(Found { file: Rc::clone(&file), part: at, is_own, is_certain: false });
                }
                Some(Part::Import { project, conditions }) => {
                    if self.holds(conditions) != Some(false)
                        && let Some(wanted) = self.imported(&path, project)
                        && !open.iter().any(|(known, ..)| *known == wanted)
                        && let Some(file) = self.load(&wanted)
                    {
                        self.read.push(Rc::clone(&file));
                        open.push((wanted, file, 0, false));
                    }
                }
            }
        }
    }

    fn this_file(&mut self, path: &str) {
        let folder = format!("{ROOT}{}", folder_of(path));
        self.properties.insert("msbuildthisfiledirectory".to_owned(), vec![folder]);
        self.properties.insert("msbuildprojectdirectory".to_owned(), vec![self.folder.clone()]);
    }

    fn set(&mut self, name: &str, value: &str, conditions: &Conditions) {
        let holds = self.holds(conditions);
        if holds == Some(false) {
            return;
        }
        let values = self.expand(value);
        let known = self.properties.entry(name.to_owned()).or_default();
        if holds == Some(true) {
            known.clear();
        }
        for value in values {
            if known.len() < VALUES_MAX && !known.contains(&value) {
                known.push(value);
            }
        }
    }

    /// The path of what is imported, if it is in the repository.
    fn imported(&mut self, path: &str, project: &str) -> Option<String> {
        // The chain of `Directory.Build.props` is linked by this function.
        if project.contains("OfFileAbove") {
            let name =
                ["Directory.Build.props", "Directory.Packages.props", "Directory.Build.targets", "Packages.props"];
            let name = name.into_iter().find(|name| project.contains(name))?;
            let mut folder = path;
            return std::iter::from_fn(|| {
                folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
                let above = folder.rsplit_once('/').map_or("", |(above, _)| above);
                (!folder.is_empty()).then(|| join(above, name))
            })
            .find(|path| self.tree.exists(path));
        }
        let text = self.expand(project).into_iter().next().filter(|text| !text.contains(['$', '*', '%', '@']))?;
        match text.strip_prefix(ROOT) {
            Some(rest) => resolve("", rest.trim_start_matches(['/', '\\'])).ok(),
            None => resolve(path, &text).ok(),
        }
    }

    fn decide_items(&mut self) {
        // Properties have their last values now.
        self.decided.clear();
        let items = std::mem::take(&mut self.items);
        for mut found in items {
            let holds = found.item().map(|item| item.conditions.clone()).map(|conditions| self.holds(&conditions));
            if let Some(holds) = holds.filter(|holds| *holds != Some(false)) {
                found.is_certain = holds == Some(true);
                self.items.push(found);
            }
        }
    }

    /// Whether all hold; `None` if that cannot be told. Each is looked at once, as MSBuild looks once
    /// at that of a group.
    fn holds(&mut self, conditions: &Conditions) -> Option<bool> {
        let mut all = Some(true);
        for condition in conditions.iter() {
            let address = condition.as_ptr();
            let holds = match self.decided.get(&address) {
                Some(known) => *known,
                None => {
                    let holds = condition::holds(condition, &mut |text| self.expand(text));
                    self.decided.insert(address, holds);
                    holds
                }
            };
            match holds {
                Some(false) => return Some(false),
                Some(true) => {}
                None => all = None,
            }
        }
        all
    }
}

/// With a slash at its end, or empty.
fn folder_of(path: &str) -> String {
    path.rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("{folder}/"))
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
