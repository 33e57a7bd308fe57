//! `package-lock.json` and `npm-shrinkwrap.json`, lockfile versions 1 to 3.
//!
//! Format: the npm documentation, page `package-lock.json`. Versions 2 and 3 have `packages`, whose
//! keys are places in the tree of folders; version 1 (and a shrinkwrap from before it) nests
//! `dependencies`, which version 2 repeats for old readers: there it is passed over. What a package
//! needs is found as node finds it, in the `node_modules` folders above it: [`places`].

mod emit;
mod entry;
pub(super) mod lenient;
pub(super) mod manifest;
pub(super) mod places;
pub(super) mod spec;

use fumehood_contract::ProblemKind;

use crate::extractor::{Extractor, Pattern};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `package-lock.json`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "package-lock",
    ecosystem: "JavaScript",
    files: &[Pattern::Name("package-lock.json"), Pattern::Name("npm-shrinkwrap.json")],
    companions: &[manifest::FILE_NAME],
    extract,
};

/// The newest version that we know.
const VERSION_MAX: u64 = 3;

fn extract(source: &Source<'_>, records: &mut Records) {
    let (lockfile, error) = entry::read(source.text());
    if let Some(version) = lockfile.version
        && version > VERSION_MAX
    {
        let message = format!("lockfileVersion {version} is newer than {VERSION_MAX}, the newest known; not read");
        return records.problem(ProblemKind::Unsupported, Some(1), &message);
    }
    for key in &lockfile.strange {
        let message = format!("{} is not an object; it is left out", key.as_str());
        records.problem(ProblemKind::BadEntry, source.line_of(key.as_str()), &message);
    }
    emit::emit(&lockfile, error.is_none(), source, records);
    if let Some(error) = error {
        let line = u32::try_from(error.line()).ok().filter(|line| *line > 0);
        records.problem(ProblemKind::Unparsable, line, &format!("{error}; what stands before is reported"));
    }
}
