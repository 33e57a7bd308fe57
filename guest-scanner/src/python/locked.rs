//! The packages of a lockfile, to be found by their names.

use std::collections::HashMap;

use super::pep440;
use super::pyproject::Root;
use crate::graph;
use crate::purl::normal_pypi_name;
use crate::records::{PackageId, Records};

/// One package may be locked at several versions, for several platforms; more often than so it is
/// no real file.
const VERSIONS_MAX: usize = 16;

/// Packages by their normalised names, each with its version.
#[derive(Debug, Default)]
pub(crate) struct Locked {
    by_name: HashMap<String, Vec<(String, PackageId)>>,
}

impl Locked {
    /// Adds a package under a name in any spelling.
    pub(crate) fn insert(&mut self, name: &str, version: Option<&str>, id: PackageId) {
        let known = self.by_name.entry(normal_pypi_name(name)).or_default();
        if known.len() < VERSIONS_MAX {
            known.push((version.unwrap_or("").to_owned(), id));
        }
    }

    /// The packages of that name: one mostly, and where there are more, those within the range, or
    /// all if none is.
    pub(crate) fn find(&self, name: &str, range: &str) -> Vec<PackageId> {
        let all = self.by_name.get(&normal_pypi_name(name)).map_or(&[][..], Vec::as_slice);
        let fits = |version: &str| all.len() == 1 || pep440::satisfies(range, version) == Some(true);
        let fitting: Vec<PackageId> = all.iter().filter(|(version, _)| fits(version)).map(|(_, id)| *id).collect();
        if fitting.is_empty() { all.iter().map(|(_, id)| *id).collect() } else { fitting }
    }

    /// Derives relations and scopes from what the project asks for, if the file holds any of it.
    pub(crate) fn spread(&self, roots: &[Root], records: &mut Records) {
        let found = |root: &Root| self.find(&root.name, "").into_iter().map(|id| (id, root.scope)).collect::<Vec<_>>();
        let direct: Vec<_> = roots.iter().flat_map(found).collect();
        if !direct.is_empty() {
            graph::spread(records, &direct);
        }
    }
}
