//! The packages of a file that names the same one again and again, as workflows do.

use std::collections::HashMap;

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::image::{self, Reference};
use crate::records::{PackageId, Records};

/// Adds each package once, where the file names it first. All are what the file asks for itself.
#[derive(Debug)]
pub(crate) struct Listing {
    scope: Scope,
    seen: HashMap<(String, Option<String>), Option<PackageId>>,
}

impl Listing {
    /// For packages that are needed for `scope`.
    pub(crate) fn new(scope: Scope) -> Self {
        Self { scope, seen: HashMap::new() }
    }

    /// Adds the package, unless it is there already.
    pub(crate) fn add(&mut self, mut package: Package, line: u32, records: &mut Records) -> Option<PackageId> {
        let key = (package.purl.clone(), package.requirement.clone());
        *self.seen.entry(key).or_insert_with(|| {
            package.line = Some(line);
            package.scope = self.scope;
            package.relation = Relation::Direct;
            records.package(package)
        })
    }

    /// Adds the image that `reference` means. One whose name is an expression is a problem, and one
    /// that is no reference at all.
    pub(crate) fn image(&mut self, reference: &str, line: u32, records: &mut Records) -> Option<PackageId> {
        match image::read(reference) {
            Reference::Image(package) => self.add(*package, line, records),
            Reference::Expression => {
                let message = format!("the name of the image {reference} cannot be known from the file");
                records.problem(ProblemKind::Unresolved, Some(line), &message);
                None
            }
            Reference::Invalid => {
                let message = format!("{reference} is no reference to an image");
                records.problem(ProblemKind::BadEntry, Some(line), &message);
                None
            }
        }
    }
}
