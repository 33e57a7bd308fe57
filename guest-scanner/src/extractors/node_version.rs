//! `.node-version`, the version of Node.js for nodenv, fnm and others.
//!
//! Format: the README of `shadowspawn/node-version-usage` compares who reads what: one line, as in
//! `.nvmrc`.

use super::nvmrc;
use crate::extractor::{Extractor, Pattern};

/// The extractor of `.node-version`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "node-version",
    ecosystem: "Runtimes",
    files: &[Pattern::Name(".node-version")],
    companions: &[],
    extract: nvmrc::extract,
};
