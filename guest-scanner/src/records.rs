//! What an extractor found in one file.

use fumehood_contract::limits::{
    CHECKSUMS_PER_PACKAGE_MAX, EDGES_PER_PACKAGE_MAX, FIELD_BYTES_MAX, MESSAGE_BYTES_MAX, PACKAGES_PER_FILE_MAX,
    PROBLEMS_PER_FILE_MAX, PURL_BYTES_MAX,
};
use fumehood_contract::status::cut;
use fumehood_contract::{Package, Problem, ProblemKind, Relation};

/// What a file says once and many packages take over, is taken over up to this size: a small file with
/// a long text in it would make a large report otherwise. Real ones are below 200.
pub(crate) const SHARED_BYTES_MAX: usize = 512;

/// Collects the packages and problems of one file, and keeps them within the limits of the contract.
#[derive(Debug, Default)]
pub struct Records {
    packages: Vec<Package>,
    problems: Vec<Problem>,
    problems_counted: u64,
    over_limit: bool,
    is_foreign: bool,
}

/// A package of this file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageId(u32);

impl PackageId {
    /// Position in the file's packages.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl Records {
    /// Adds a package. `None`, with a problem recorded, if it is over a limit: then it has no edges either.
    pub fn package(&mut self, package: Package) -> Option<PackageId> {
        if self.packages.len() >= PACKAGES_PER_FILE_MAX {
            self.over_limit(None, &format!("more than {PACKAGES_PER_FILE_MAX} packages; the rest is left out"));
            return None;
        }
        // The host would refuse the whole report.
        if package.name.is_empty() || package.purl.is_empty() {
            let message = format!(
                "a package is called {:?}, of which no package URL can be made; it is left out",
                cut(&package.name, 80)
            );
            self.problem(ProblemKind::BadEntry, package.line, &message);
            return None;
        }
        if let Some(field) = oversized_field(&package) {
            let name = cut(&package.name, 80);
            let message = format!("the {field} of package {name} is longer than any real one; the package is left out");
            self.problem(ProblemKind::BadEntry, package.line, &message);
            return None;
        }
        let id = u32::try_from(self.packages.len()).ok()?;
        self.packages.push(package);
        Some(PackageId(id))
    }

    /// Says that `from` needs `to`. Doubles and self-references are dropped in the end.
    pub fn depends(&mut self, from: PackageId, to: PackageId) {
        let Some(package) = self.packages.get_mut(from.index()) else { return };
        if package.depends_on.len() < EDGES_PER_PACKAGE_MAX {
            package.depends_on.push(to.0);
            return;
        }
        let message = format!("a package has more than {EDGES_PER_PACKAGE_MAX} dependencies; the rest is left out");
        let line = package.line;
        self.over_limit(line, &message);
    }

    /// Records what could not be read. Past [`PROBLEMS_PER_FILE_MAX`] problems are counted only.
    pub fn problem(&mut self, kind: ProblemKind, line: Option<u32>, message: &str) {
        self.problems_counted += 1;
        if self.problems.len() < PROBLEMS_PER_FILE_MAX {
            let message = cut(message, MESSAGE_BYTES_MAX).to_owned();
            self.problems.push(Problem { kind, line, message });
        }
    }

    /// Says that the file is not of the format, though its name might have been. Without packages and
    /// problems it leaves no trace in the report then.
    pub fn not_of_format(&mut self) {
        self.is_foreign = true;
    }

    /// Whether the report has nothing to say of the file, not even that it was read.
    pub fn are_none(&self) -> bool {
        self.is_foreign && self.packages.is_empty() && self.problems_counted == 0
    }

    /// The package, to change what was not known when it was added.
    pub fn get_mut(&mut self, id: PackageId) -> Option<&mut Package> {
        self.packages.get_mut(id.index())
    }

    /// The packages so far, in the order in which they were added.
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// The packages so far, to change all of them.
    pub fn packages_mut(&mut self) -> &mut [Package] {
        &mut self.packages
    }

    /// Their ids.
    pub fn ids(&self) -> impl Iterator<Item = PackageId> + use<> {
        (0..self.packages.len()).filter_map(|index| u32::try_from(index).ok()).map(PackageId)
    }

    /// Every package whose relation is unknown came because of another one. Call it where the direct
    /// ones are all known.
    pub fn rest_is_transitive(&mut self) {
        for package in &mut self.packages {
            if package.relation == Relation::Unknown {
                package.relation = Relation::Transitive;
            }
        }
    }

    /// The packages with their edges in order, the problems kept, and the number of all problems.
    pub fn finish(mut self) -> (Vec<Package>, Vec<Problem>, u64) {
        for (index, package) in self.packages.iter_mut().enumerate() {
            package.depends_on.retain(|to| *to as usize != index);
            package.depends_on.sort_unstable();
            package.depends_on.dedup();
        }
        (self.packages, self.problems, self.problems_counted)
    }

    fn over_limit(&mut self, line: Option<u32>, message: &str) {
        if !self.over_limit {
            self.over_limit = true;
            self.problem(ProblemKind::OverLimit, line, message);
        }
    }
}

fn oversized_field(package: &Package) -> Option<&'static str> {
    let over = |text: &Option<String>| text.as_ref().is_some_and(|text| text.len() > FIELD_BYTES_MAX);
    let checks = [
        ("name", package.name.len() > FIELD_BYTES_MAX),
        ("version", over(&package.version)),
        ("requirement", over(&package.requirement)),
        ("licence", over(&package.license)),
        ("source", over(&package.source)),
        ("package URL", package.purl.len() > PURL_BYTES_MAX),
        ("list of checksums", package.checksums.len() > CHECKSUMS_PER_PACKAGE_MAX),
        ("checksum", package.checksums.iter().any(|sum| sum.len() > FIELD_BYTES_MAX)),
    ];
    checks.into_iter().find_map(|(field, over)| over.then_some(field))
}

#[cfg(test)]
mod tests {
    use fumehood_contract::Package;

    use super::*;

    fn named(name: &str) -> Package {
        Package { name: name.to_owned(), purl: format!("pkg:generic/{name}"), ..Package::default() }
    }

    #[test]
    fn edges_are_ordered_without_doubles_and_loops() {
        let mut records = Records::default();
        let ids: Vec<_> = ["a", "b", "c"].into_iter().filter_map(|name| records.package(named(name))).collect();
        for (from, to) in [(0, 2), (0, 1), (0, 2), (0, 0)] {
            records.depends(ids[from], ids[to]);
        }
        let (packages, _, _) = records.finish();
        assert_eq!(packages[0].depends_on, [1, 2]);
    }

    #[test]
    fn a_monstrous_name_is_a_problem_and_no_package() {
        let mut records = Records::default();
        assert_eq!(records.package(named(&"x".repeat(FIELD_BYTES_MAX + 1))), None);
        let (packages, problems, counted) = records.finish();
        assert!(packages.is_empty());
        assert_eq!((problems[0].kind, counted), (ProblemKind::BadEntry, 1));
    }

    #[test]
    fn a_name_without_a_package_url_is_a_problem_and_no_package() {
        let mut records = Records::default();
        assert_eq!(records.package(Package { name: "ends/with/".to_owned(), ..Package::default() }), None);
        assert_eq!(records.package(Package { purl: "pkg:generic/x".to_owned(), ..Package::default() }), None);
        let (packages, problems, _) = records.finish();
        assert!(packages.is_empty());
        assert!(problems.iter().all(|problem| problem.kind == ProblemKind::BadEntry), "{problems:?}");
    }

    #[test]
    fn problems_past_the_limit_are_counted() {
        let mut records = Records::default();
        for _ in 0..PROBLEMS_PER_FILE_MAX + 5 {
            records.problem(ProblemKind::BadEntry, None, "x");
        }
        let (_, problems, counted) = records.finish();
        assert_eq!((problems.len(), counted), (PROBLEMS_PER_FILE_MAX, 105));
    }
}
