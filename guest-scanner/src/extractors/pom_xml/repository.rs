//! The other poms of the repository that one pom needs: its parents, and poms that it imports.
//!
//! Parents are found where `relativePath` says, as Maven does it. For an import Maven asks the reactor;
//! we look through the modules that the parents list. All within a budget for each pom: whoever
//! writes a thousand poms decides how often each is read.

use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use super::model::{Coordinates, Pom};
use super::read;
use crate::source::{OutsideRoot, resolve};
use crate::tree::{ReadError, Tree};

/// The poms that are read for one. Lineages have less than ten; the rest is for imports.
const POMS_MAX: u32 = 64;

/// The largest pom that is read for another.
const POM_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The bytes of all poms that are read for one.
const BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The places where imported poms are looked for, for one pom.
const PLACES_MAX: u32 = 20_000;

/// A pom and where it was.
#[derive(Clone, Debug)]
pub(super) struct Located {
    pub(super) path: String,
    pub(super) pom: Rc<Pom>,
}

/// A pom with its parents, as far as they are in the repository.
#[derive(Debug)]
pub(super) struct Lineage {
    /// The pom itself is the first.
    pub(super) poms: Vec<Located>,
    pub(super) end: End,
}

/// How a lineage ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The last one has no parent.
    Root,
    /// The parent of the last one is not in the repository.
    Remote(Coordinates),
    /// Its path leads out of the repository.
    Outside(Coordinates),
    /// It is too large, or the lineage too long.
    OverLimit(Coordinates),
    /// It is among those that came before.
    Circle,
}

impl Lineage {
    pub(super) fn poms(&self) -> Vec<&Pom> {
        self.poms.iter().map(|located| located.pom.as_ref()).collect()
    }

    /// The parent that is not in the repository.
    pub(super) fn missing(&self) -> Option<&Coordinates> {
        match &self.end {
            End::Remote(parent) | End::Outside(parent) | End::OverLimit(parent) => Some(parent),
            End::Root | End::Circle => None,
        }
    }
}

/// Reads poms, each once.
pub(super) struct Repository<'t> {
    tree: &'t Tree,
    read: HashMap<String, Option<Rc<Pom>>>,
    poms_left: u32,
    bytes_left: u64,
    places_left: u32,
    /// Whether a pom was refused.
    is_over_limit: bool,
}

impl<'t> Repository<'t> {
    pub(super) fn new(tree: &'t Tree) -> Self {
        let read = HashMap::new();
        let (poms_left, bytes_left, places_left) = (POMS_MAX, BYTES_MAX, PLACES_MAX);
        Self { tree, read, poms_left, bytes_left, places_left, is_over_limit: false }
    }

    /// The pom and its parents.
    pub(super) fn lineage(&mut self, first: Located) -> Lineage {
        self.is_over_limit = false;
        let mut seen = HashSet::from([first.path.clone()]);
        let mut poms = vec![first];
        let end = loop {
            let Some(last) = poms.last() else { break End::Root };
            let Some(parent) = &last.pom.parent else { break End::Root };
            let wanted = parent.id.clone();
            let reference = parent.relative_path.as_deref();
            let found = match reference {
                Some("") => Ok(None),
                reference => self.at(&last.path, reference.unwrap_or("../pom.xml")),
            };
            match found {
                // At the root the default leads out, which says nothing.
                Err(OutsideRoot) if reference.is_some() => break End::Outside(wanted),
                Ok(Some(found)) if found.pom.may_be(&wanted) => {
                    if !seen.insert(found.path.clone()) {
                        break End::Circle;
                    }
                    poms.push(found);
                }
                Ok(None) if self.is_over_limit => break End::OverLimit(wanted),
                Err(OutsideRoot) | Ok(_) => break End::Remote(wanted),
            }
        };
        Lineage { poms, end }
    }

    /// The pom that is `wanted`, among those of `lineage` and the modules that they list, and theirs.
    pub(super) fn find(&mut self, wanted: &Coordinates, lineage: &Lineage) -> Option<Located> {
        let artifact = wanted.artifact_id.as_deref()?;
        // What comes from elsewhere is not searched for in every module of a large repository.
        let is_of_this_house = lineage.poms.iter().any(|located| are_akin(&located.pom, wanted));
        let mut seen = HashSet::new();
        let mut waiting: VecDeque<Located> = lineage.poms.iter().cloned().collect();
        while let Some(located) = waiting.pop_front() {
            if !seen.insert(located.path.clone()) {
                continue;
            }
            if located.pom.may_be(wanted) {
                return Some(located);
            }
            let modules = u32::try_from(located.pom.main.modules.len()).ok()?;
            self.places_left = self.places_left.checked_sub(modules)?;
            let (near, far): (Vec<_>, Vec<_>) =
                located.pom.main.modules.iter().partition(|module| is_called_like(module, artifact));
            let far = far.into_iter().filter(|_| is_of_this_house);
            for (module, is_near) in near.into_iter().map(|m| (m, true)).chain(far.map(|m| (m, false))) {
                let Ok(Some(found)) = self.at(&located.path, module) else { continue };
                if is_near { waiting.push_front(found) } else { waiting.push_back(found) }
            }
        }
        let (from, conventional) = (lineage.poms.first()?, format!("../{artifact}/pom.xml"));
        self.at(&from.path, &conventional).ok()?.filter(|found| found.pom.may_be(wanted))
    }

    /// The pom that the one at `from` refers to, by its file or its folder.
    fn at(&mut self, from: &str, reference: &str) -> Result<Option<Located>, OutsideRoot> {
        let path = resolve(from, reference)?;
        let in_folder = if path.is_empty() { "pom.xml".to_owned() } else { format!("{path}/pom.xml") };
        let is_file = path.ends_with(".xml") || path.ends_with(".pom");
        let places = if is_file { [path, in_folder] } else { [in_folder, path] };
        Ok(places.into_iter().find_map(|path| self.load(&path).map(|pom| Located { path, pom })))
    }

    fn load(&mut self, path: &str) -> Option<Rc<Pom>> {
        if let Some(known) = self.read.get(path) {
            return known.clone();
        }
        let Some(left) = self.poms_left.checked_sub(1) else {
            self.is_over_limit = true;
            return None;
        };
        self.poms_left = left;
        // What is wrong with it is reported where it is read for its own sake.
        let parse = |text: &str| read::read(text, &mut |_, _, _| {});
        let pom = match self.tree.parsed(path, POM_BYTES_MAX.min(self.bytes_left), parse) {
            Ok((pom, bytes)) => {
                self.bytes_left = self.bytes_left.saturating_sub(bytes);
                Some(pom)
            }
            Err(error) => {
                self.is_over_limit |= matches!(error, ReadError::TooLarge);
                None
            }
        };
        self.read.insert(path.to_owned(), pom.clone());
        pom
    }
}

/// Whether the groups begin with the same two labels, as those of one owner do, and the versions
/// are the same, as far as they can be told.
fn are_akin(pom: &Pom, wanted: &Coordinates) -> bool {
    let (Some(own), Some(group)) = (pom.group_id(), wanted.group_id.as_deref()) else { return false };
    let same_version = match (pom.version(), wanted.version.as_deref()) {
        (Some(own), Some(wanted)) => own == wanted || own.contains("${") || wanted.contains("${"),
        _ => true,
    };
    same_version && own.split('.').take(2).eq(group.split('.').take(2))
}

/// Whether a module's folder is called like the artefact, in whole or by its last words.
fn is_called_like(module: &str, artifact: &str) -> bool {
    let path = module.trim_end_matches("/pom.xml").trim_end_matches('/');
    let folder = path.rsplit_once('/').map_or(path, |(_, last)| last);
    let before = artifact.strip_suffix(folder);
    !folder.is_empty() && before.is_some_and(|before| before.is_empty() || before.ends_with(['-', '.', '_']))
}

#[cfg(test)]
mod tests {
    use super::is_called_like;

    #[test]
    fn folders_are_often_called_like_their_artefact() {
        assert!(is_called_like("acme-bom", "acme-bom") && is_called_like("../build/bom/", "acme-bom"));
        assert!(!is_called_like("om", "acme-bom") && !is_called_like("", "acme-bom"));
    }
}
