//! `deno.lock`, the lockfile of Deno, versions 1 to 5.
//!
//! Format: the crate `deno_lockfile`, whose `transforms.rs` says what each version changed. `npm` and
//! `jsr` have packages by `name@version`, `specifiers` what was asked for (`jsr:@a/b@^1`) and what
//! answers it, `workspace` what the manifests ask for, and `remote` every module that was fetched by
//! its URL. Version 1 is `remote` alone, version 2 nests the rest in `npm`, version 3 in `packages`.

mod emit;
mod read;
pub(super) mod specifier;

use fumehood_contract::ProblemKind;

use crate::extractor::{Extractor, Pattern};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `deno.lock`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "deno-lock",
    ecosystem: "JavaScript",
    files: &[Pattern::Name(FILE_NAME)],
    companions: &[],
    extract,
};

/// The file's name.
pub(super) const FILE_NAME: &str = "deno.lock";

/// The versions that we know; in version 1 none is written.
const VERSIONS: [&str; 4] = ["2", "3", "4", "5"];

fn extract(source: &Source<'_>, records: &mut Records) {
    let (lockfile, error) = read::read(source.text());
    if let Some(version) = lockfile.version.as_deref()
        && !VERSIONS.contains(&version)
    {
        let message = format!("version {version} is not among those known, 1 to 5; not read");
        return records.problem(ProblemKind::Unsupported, source.line_of(version), &message);
    }
    emit::emit(&lockfile, error.is_none(), source, records);
    if let Some(error) = error {
        let line = u32::try_from(error.line()).ok().filter(|line| *line > 0);
        records.problem(ProblemKind::Unparsable, line, &format!("{error}; what stands before is reported"));
    }
}
