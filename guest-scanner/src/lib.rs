//! The scanner: reads a repository's files and reports what it depends on.
//!
//! The way of the data: [`select`] picks the files by name, [`scan`] opens each ([`tree`]), hands
//! its text to the extractor of its format ([`source`], [`extractors`]), collects what the
//! extractor finds ([`records`]), and writes it out ([`report_file`], [`status_file`]). Several sandboxes may share one
//! repository ([`shards`]).
//!
//! In the sandbox the crate is a component ([`fumehood_contract`] has its world); natively it is a
//! library over two folders, for tests, fuzzing and benchmarks. Nothing here is trusted: whatever
//! this code gets wrong about hostile input stays inside the sandbox, and the host checks its words.

mod analyze;
pub mod calls;
mod clojure;
mod conan;
mod dotnet;
mod edn;
mod endings;
mod error;
mod expand;
pub mod extractor;
pub mod extractors;
pub mod graph;
mod image;
pub mod json;
mod json_tree;
pub mod jsonc;
pub mod lines;
mod listing;
mod maven;
mod names;
mod new_file;
mod part_file;
mod path;
pub mod purl;
pub(crate) mod python;
pub mod records;
pub mod report_file;
mod ruby;
pub mod scan;
mod seen;
pub mod select;
pub mod shards;
pub mod source;
pub mod status_file;
mod tokens;
pub(crate) mod toml_text;
pub mod tree;
mod vcs;
mod xml;
mod yaml;

#[cfg(target_family = "wasm")]
mod export;

/// Name and version, as they stand in the header of a report.
pub const SCANNER: &str = concat!("fumehood-scanner ", env!("CARGO_PKG_VERSION"));
