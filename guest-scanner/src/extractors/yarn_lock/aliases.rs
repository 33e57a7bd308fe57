//! Packages that are installed under another name: `short@npm:real@^1`.
//!
//! An entry is called what was asked for, so that the file's readers, people and programs, look for the
//! alias. It is listed beside the package that it stands for, with that as its source and only need:
//! a package of the alias' own name may exist, and is not what is installed.

use std::collections::HashSet;

use fumehood_contract::Package;

use super::emit::Identity;
use super::entry::Lockfile;
use crate::extractors::package_lock::spec;
use crate::purl::{self, Ecosystem};
use crate::records::{PackageId, Records};

/// Adds the aliases of a lockfile whose packages are `ids`. They are wanted as what they stand for is.
pub(super) fn add(lockfile: &Lockfile<'_>, ids: &[Option<PackageId>], records: &mut Records) {
    let mut seen: HashSet<(&str, PackageId)> = HashSet::new();
    for (entry, id) in lockfile.entries.iter().zip(ids) {
        let Some(id) = *id else { continue };
        let identity = Identity::of(entry, lockfile.flavour);
        for asked in &entry.descriptors {
            let is_alias = spec::alias(&asked.range).is_some_and(|(real, _)| real == identity.name);
            if !is_alias || asked.name == identity.name || !seen.insert((&asked.name, id)) {
                continue;
            }
            let Some(real) = records.get_mut(id) else { continue };
            let version = real.version.as_deref().unwrap_or_default();
            let source = Some(format!("npm:{}@{version}", identity.name));
            let named = purl::package(Ecosystem::Npm, &asked.name, real.version.as_deref());
            let alias = Package { line: entry.line, scope: real.scope, relation: real.relation, source, ..named };
            if let Some(alias) = records.package(alias) {
                records.depends(alias, id);
            }
        }
    }
}
