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
    azure_pipelines,
    cargo_lock,
    circleci,
    composer_lock,
    docker_compose,
    dockerfile,
    flake_lock,
    gemfile_lock,
    github_action,
    github_workflow,
    gitlab_ci,
    gitmodules,
    go_mod,
    helm_chart,
    jenkinsfile,
    kubernetes,
    package_lock,
    pnpm_lock,
    poetry_lock,
    pom_xml,
    requirements_txt,
    terraform_lock,
    uv_lock,
    yarn_lock,
}
