//! `composer.json`, the manifest of a PHP project: what it asks for.
//!
//! Format: `https://getcomposer.org/doc/04-schema.md`. Where `composer.lock` lies beside it that says
//! everything better, and nothing is reported here; nor of installed packages, whose wishes were granted.
//! Names without a vendor (`php`, `ext-json`) are the platform, not packages.

use fumehood_contract::status::cut;
use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use super::package_lock::spec;
use crate::extractor::{Extractor, Pattern};
use crate::json_tree::{self, Json};
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `composer.json`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "composer-json",
    ecosystem: "PHP",
    files: &[Pattern::Name("composer.json")],
    companions: &["composer.lock"],
    extract,
};

const SECTIONS: [(&str, Scope); 2] = [("require", Scope::Runtime), ("require-dev", Scope::Dev)];

fn extract(source: &Source<'_>, records: &mut Records) {
    let is_installed = source.path().split('/').any(|folder| folder == "vendor");
    if is_installed || source.has_sibling("composer.lock") {
        return;
    }
    let (root, lines) = json_tree::read(source.text(), records);
    for (section, scope) in SECTIONS {
        for (name, wanted) in root.entries_of(section).iter().filter(|(name, _)| name.contains('/')) {
            let line = lines.of(name);
            let Some(package) = wanted_package(name, wanted) else {
                let message = format!("{:?} is no name of a package, or asks for no version of it", cut(name, 80));
                records.problem(ProblemKind::BadEntry, line, &message);
                continue;
            };
            records.package(Package { line, scope, relation: Relation::Direct, ..package });
        }
    }
}

/// What `"vendor/name": "range"` asks for.
fn wanted_package(name: &str, wanted: &Json<'_>) -> Option<Package> {
    let (vendor, rest) = name.split_once('/')?;
    if vendor.is_empty() || rest.is_empty() || rest.contains('/') {
        return None;
    }
    let requirement = Some(wanted.as_text()?.trim()).filter(|text| !text.is_empty());
    if let Some(version) = requirement.and_then(spec::pinned) {
        return Some(purl::package(Ecosystem::Composer, name, Some(version)));
    }
    let requirement = Some(requirement.unwrap_or("*").to_owned());
    Some(Package { requirement, ..purl::package(Ecosystem::Composer, name, None) })
}
