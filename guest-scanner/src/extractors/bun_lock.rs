//! `bun.lock`, the text lockfile of Bun, versions 0 to 3.
//!
//! Format: `src/install/lockfile/bun.lock.*` in Bun's repository; JSONC. `workspaces` has what the
//! project and the members of its workspace ask for, by their folders. The keys of `packages` are
//! places in the tree of `node_modules`, with the folders' names left out: `a/b` is the `b` that lies
//! in the `node_modules` of `a`. Its values are tuples: [`read`]. The versions differ in what Bun
//! itself refuses, not in what stands where.

mod emit;
mod read;

use fumehood_contract::ProblemKind;

use crate::extractor::{Extractor, Pattern};
use crate::jsonc;
use crate::records::Records;
use crate::source::Source;

/// The extractor of `bun.lock`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "bun-lock",
    ecosystem: "JavaScript",
    files: &[Pattern::Name("bun.lock")],
    companions: &[],
    extract,
};

/// The newest version that we know.
const VERSION_MAX: u64 = 3;

fn extract(source: &Source<'_>, records: &mut Records) {
    let plain = jsonc::plain(source.text());
    let source = &Source::new(source.path(), &plain, source.tree());
    let (lockfile, error) = read::read(source.text());
    if let Some(version) = lockfile.version
        && version > VERSION_MAX
    {
        let message = format!("lockfileVersion {version} is newer than {VERSION_MAX}, the newest known; not read");
        return records.problem(ProblemKind::Unsupported, Some(1), &message);
    }
    emit::emit(&lockfile, error.is_none(), source, records);
    if let Some(error) = error {
        let line = u32::try_from(error.line()).ok().filter(|line| *line > 0);
        records.problem(ProblemKind::Unparsable, line, &format!("{error}; what stands before is reported"));
    }
}
