//! `yarn.lock` of Yarn 1 to 6.
//!
//! Three spellings of one thing, entries by what was asked for (`name@range`): Yarn 1 ("classic")
//! has a format of its own, which `parse.js` in its `lockfile` package defines; Yarn 2 to 5
//! ("berry", `__metadata` up to 9) writes the same lines as a subset of YAML, defined by
//! `stringifySyml` in its `parsers` package, and Yarn 6 the same in JSON (`lockfile.rs` in `zpm`).
//! Classic does not say what the project itself asks for, and none says what is for development:
//! package.json does.

mod aliases;
mod emit;
mod entry;
mod json;
mod lines;
mod roots;

use fumehood_contract::ProblemKind;

use self::entry::{Flavour, Lockfile};
use super::package_lock::manifest;
use crate::extractor::{Extractor, Pattern};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `yarn.lock`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "yarn-lock",
    ecosystem: "JavaScript",
    files: &[Pattern::Name("yarn.lock")],
    companions: &[manifest::FILE_NAME],
    extract,
};

/// The newest version of `__metadata` that we know.
const BERRY_VERSION_MAX: u64 = 10;

fn extract(source: &Source<'_>, records: &mut Records) {
    let json = source.text().trim_start().starts_with('{');
    let lockfile = if json { json::read(source, records) } else { lines::read(source, records) };
    if let Some(message) = unsupported(&lockfile) {
        return records.problem(ProblemKind::Unsupported, Some(1), &message);
    }
    emit::emit(&lockfile, source, records);
}

fn unsupported(lockfile: &Lockfile<'_>) -> Option<String> {
    let (max, what) = match lockfile.flavour {
        Flavour::Classic => (1, "yarn lockfile"),
        Flavour::Berry => (BERRY_VERSION_MAX, "__metadata"),
    };
    let version = lockfile.version.as_deref()?;
    let known = version.parse::<u64>().is_ok_and(|version| version <= max);
    (!known).then(|| format!("{what} version {version} is not among those known, up to {max}; not read"))
}
