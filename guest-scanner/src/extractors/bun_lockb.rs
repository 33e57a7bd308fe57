//! `bun.lockb`, the binary lockfile of Bun before 1.2.
//!
//! It is an image of Bun's own structures in memory and changes with them; Bun itself converts it to
//! the text of `bun.lock`. So it is never read, and always said that it was not. Where `bun.lock` lies
//! beside it, Bun does not look at it any more.

use fumehood_contract::ProblemKind;

use crate::extractor::{Extractor, Pattern};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `bun.lockb`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "bun-lockb",
    ecosystem: "JavaScript",
    files: &[Pattern::Raw(&Pattern::Name("bun.lockb"))],
    companions: &[SUCCESSOR],
    extract,
};

const SUCCESSOR: &str = "bun.lock";

fn extract(source: &Source<'_>, records: &mut Records) {
    if source.has_sibling(SUCCESSOR) {
        return;
    }
    let message = "Bun's binary lockfile cannot be read; `bun install --save-text-lockfile --frozen-lockfile \
                   --lockfile-only` writes the same as bun.lock, which can";
    records.problem(ProblemKind::Unsupported, None, message);
}
