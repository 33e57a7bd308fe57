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
    cmake_lists,
    composer_lock,
    conan_lock,
    conanfile_py,
    conanfile_txt,
    csproj,
    deps_json,
    directory_packages_props,
    gemfile_lock,
    go_mod,
    meson_build,
    package_lock,
    packages_config,
    packages_lock_json,
    paket_dependencies,
    paket_lock,
    pnpm_lock,
    poetry_lock,
    pom_xml,
    project_assets_json,
    requirements_txt,
    uv_lock,
    vcpkg_json,
    yarn_lock,
}
