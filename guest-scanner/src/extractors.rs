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
    cabal_file,
    cabal_project_freeze,
    cargo_lock,
    cartfile_resolved,
    composer_lock,
    gemfile_lock,
    gleam_manifest,
    gleam_toml,
    go_mod,
    julia_manifest,
    julia_project,
    mix_lock,
    package_lock,
    package_resolved,
    pnpm_lock,
    podfile_lock,
    poetry_lock,
    pom_xml,
    pubspec_lock,
    pubspec_yaml,
    rebar_lock,
    renv_lock,
    requirements_txt,
    rockspec,
    stack_yaml,
    stack_yaml_lock,
    uv_lock,
    yarn_lock,
}
