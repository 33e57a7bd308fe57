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
    cargo_lock,
    cargo_toml,
    composer_lock,
    environment_yml,
    gemfile_lock,
    gemspec,
    go_mod,
    package_lock,
    pdm_lock,
    pipfile_lock,
    pixi_lock,
    pnpm_lock,
    poetry_lock,
    pom_xml,
    pylock_toml,
    pyproject_toml,
    requirements_txt,
    setup_cfg,
    setup_py,
    uv_lock,
    yarn_lock,
}
