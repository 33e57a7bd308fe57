//! The tree of folders that a lockfile describes, and node's way to find a package in it.
//!
//! A package in a folder finds another in `node_modules` of that folder, or of the next one above
//! it. Names are numbered, so that a step upwards costs the same whatever their lengths.

use std::collections::HashMap;

use crate::records::PackageId;

/// The deepest place that is kept. A path of the system's longest has fewer levels of
/// `node_modules/a`, so nothing deeper can be installed; and a look-up takes a step for each level.
const DEPTH_MAX: u32 = 300;

/// The tree.
#[derive(Debug)]
pub(in crate::extractors) struct Places<'a> {
    names: HashMap<&'a str, u32>,
    children: HashMap<(u32, u32, Way), PlaceId>,
    nodes: Vec<Node>,
}

/// A folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::extractors) struct PlaceId(u32);

/// How a folder lies in the one above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Way {
    /// As a package, in `node_modules`.
    Installed,
    /// As it is.
    Folder,
}

#[derive(Debug)]
struct Node {
    /// Where to look next; the folder above the root holds nothing that the file knows.
    above: Option<PlaceId>,
    depth: u32,
    way: Way,
    package: Option<PackageId>,
}

impl<'a> Places<'a> {
    /// Only the root.
    pub(in crate::extractors) fn new() -> Self {
        let root = Node { above: None, depth: 0, way: Way::Folder, package: None };
        Self { names: HashMap::new(), children: HashMap::new(), nodes: vec![root] }
    }

    /// The folder of the lockfile.
    pub(in crate::extractors) fn root(&self) -> PlaceId {
        PlaceId(0)
    }

    /// The folder at a path like `packages/a/node_modules/@scope/b`; `None` if it is too deep.
    pub(in crate::extractors) fn at(&mut self, path: &'a str) -> Option<PlaceId> {
        let mut place = self.root();
        let mut rest = path.trim_matches('/');
        while !rest.is_empty() {
            if let Some(inside) = rest.strip_prefix("node_modules/") {
                let (name, after) = split_name(inside);
                place = self.installed(place, name)?;
                rest = after;
            } else {
                let (name, after) = rest.split_once('/').unwrap_or((rest, ""));
                if name != "." && !name.is_empty() {
                    place = self.child(place, name, Way::Folder)?;
                }
                rest = after;
            }
        }
        Some(place)
    }

    /// The folder of a package in `node_modules` of `place`; `None` if it is too deep.
    pub(in crate::extractors) fn installed(&mut self, place: PlaceId, name: &'a str) -> Option<PlaceId> {
        self.child(place, name, Way::Installed)
    }

    /// Whether the place is in no `node_modules`: a folder of the repository's own.
    pub(in crate::extractors) fn is_folder(&self, place: PlaceId) -> bool {
        self.node(place).is_some_and(|node| node.way == Way::Folder)
    }

    /// Says which package lies there.
    pub(in crate::extractors) fn put(&mut self, place: PlaceId, package: PackageId) {
        if let Some(node) = self.nodes.get_mut(place.0 as usize) {
            node.package = Some(package);
        }
    }

    /// The package that lies there.
    pub(in crate::extractors) fn package(&self, place: PlaceId) -> Option<PackageId> {
        self.node(place)?.package
    }

    /// The package that `name` means to what lies at `place`.
    pub(in crate::extractors) fn find(&self, place: PlaceId, name: &str) -> Option<PackageId> {
        let name = *self.names.get(name)?;
        let mut next = Some(place);
        while let Some(at) = next {
            let found = self.children.get(&(at.0, name, Way::Installed)).and_then(|child| self.package(*child));
            if found.is_some() {
                return found;
            }
            next = self.node(at)?.above;
        }
        None
    }

    fn node(&self, place: PlaceId) -> Option<&Node> {
        self.nodes.get(place.0 as usize)
    }

    fn child(&mut self, place: PlaceId, name: &'a str, way: Way) -> Option<PlaceId> {
        let next_name = u32::try_from(self.names.len()).ok()?;
        let number = *self.names.entry(name).or_insert(next_name);
        if let Some(known) = self.children.get(&(place.0, number, way)) {
            return Some(*known);
        }
        let depth = self.node(place)?.depth + 1;
        if depth > DEPTH_MAX {
            return None;
        }
        let id = PlaceId(u32::try_from(self.nodes.len()).ok()?);
        // `..` is written below the root and lies above it: from there, the root is not on the way up.
        let above = (name != ".." || way == Way::Installed).then_some(place);
        self.nodes.push(Node { above, depth, way, package: None });
        self.children.insert((place.0, number, way), id);
        Some(id)
    }
}

/// Splits the name of a package, with its scope, from the path behind it.
fn split_name(path: &str) -> (&str, &str) {
    let scope = if path.starts_with('@') { path.find('/').map_or(0, |at| at + 1) } else { 0 };
    let end = path.get(scope..).and_then(|last| last.find('/')).map(|at| scope + at);
    end.and_then(|end| Some((path.get(..end)?, path.get(end + 1..)?))).unwrap_or((path, ""))
}

#[cfg(test)]
mod tests {
    use fumehood_contract::Package;

    use super::{DEPTH_MAX, Places, split_name};
    use crate::records::Records;

    #[test]
    fn the_nearest_node_modules_wins() {
        let mut records = Records::default();
        let mut places = Places::new();
        let keys = ["node_modules/b", "node_modules/a/node_modules/b", "packages/x/node_modules/@s/b", "../y"];
        let mut ids = Vec::new();
        for key in keys {
            let id = records.package(Package { name: key.to_owned(), ..Package::default() });
            let place = places.at(key);
            if let (Some(id), Some(place)) = (id, place) {
                places.put(place, id);
            }
            ids.push(id);
        }
        let mut find = |from, name| places.at(from).and_then(|place| places.find(place, name));
        assert_eq!(find("node_modules/a", "b"), ids[1]);
        assert_eq!(find("node_modules/a/node_modules/b", "b"), ids[1]);
        assert_eq!(find("node_modules/c", "b"), ids[0]);
        assert_eq!(find("packages/x", "b"), ids[0]);
        assert_eq!(find("packages/x", "@s/b"), ids[2]);
        assert_eq!(find("../y", "b"), None);
        assert_eq!(find("", "missing"), None);
    }

    #[test]
    fn places_have_a_depth() {
        let path = "node_modules/a/".repeat(DEPTH_MAX as usize + 1);
        assert_eq!(Places::new().at(&path), None);
    }

    #[test]
    fn scopes_are_part_of_names() {
        assert_eq!(split_name("@s/a/node_modules/b"), ("@s/a", "node_modules/b"));
        assert_eq!(split_name("a"), ("a", ""));
        assert_eq!(split_name("@s"), ("@s", ""));
    }
}
