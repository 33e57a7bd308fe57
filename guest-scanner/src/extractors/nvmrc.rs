//! `.nvmrc`, the version of Node.js for nvm.
//!
//! Format: the section `.nvmrc` in nvm's README: one line, and comments behind `#`. What is less than
//! three numbers, or the name of a line of releases, is answered by the newest that fits.

use fumehood_contract::{Package, ProblemKind, Relation};

use super::package_lock::spec;
use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `.nvmrc`.
pub const EXTRACTOR: Extractor =
    Extractor { id: "nvmrc", ecosystem: "Runtimes", files: &[Pattern::Name(".nvmrc")], companions: &[], extract };

/// Reads the one version of Node.js that a file names.
pub(super) fn extract(source: &Source<'_>, records: &mut Records) {
    let lines = source.text().lines().map(|line| line.split_once('#').map_or(line, |(content, _)| content).trim());
    let Some(wanted) = lines.into_iter().find(|line| !line.is_empty()) else {
        return records.problem(ProblemKind::Unparsable, None, "the file names no version");
    };
    // What is installed already, whatever that is.
    if wanted == "system" {
        return;
    }
    // nodenv takes `node-v1.2.3` too.
    let bare = wanted.strip_prefix("node-").unwrap_or(wanted);
    let bare =
        bare.strip_prefix('v').filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit())).unwrap_or(bare);
    let exact = spec::is_exact(bare).then_some(bare);
    let package = purl::package(Ecosystem::Generic, "nodejs", exact);
    let requirement = if exact.is_none() { Some(wanted.to_owned()) } else { None };
    let line = source.line_of(wanted);
    records.package(Package { requirement, line, relation: Relation::Direct, ..package });
}
