//! The registry: every format that is read, one file each.
//!
//! To add one, write `extractors/<format>.rs` with a `pub const EXTRACTOR`, add its line here, and a
//! folder of fixtures under `tests/fixtures/<id>/`; a test names whichever of the three is missing.

use crate::extractor::Extractor;

macro_rules! extractors {
    ($($module:ident),* $(,)?) => {
        $(pub mod $module;)*

        /// All extractors, in the order in which they are asked for a file.
        pub const EXTRACTORS: &[Extractor] = &[$($module::EXTRACTOR),*];
    };
}

extractors! {
    bazel_module,
    build_gradle,
    build_sbt_lock,
    cargo_lock,
    composer_lock,
    deps_edn,
    gemfile_lock,
    go_mod,
    go_work,
    gopkg_lock,
    gradle_lockfile,
    libs_versions_toml,
    package_lock,
    pnpm_lock,
    poetry_lock,
    pom_xml,
    project_clj,
    requirements_txt,
    uv_lock,
    vendor_modules,
    verification_metadata,
    yarn_lock,
}
