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
    ai_model,
    azure_pipelines,
    bower_json,
    build_sbt_lock,
    build_zig_zon,
    bun_lock,
    bun_lockb,
    cargo_lock,
    cargo_toml,
    circleci,
    composer_lock,
    cpanfile_snapshot,
    deno_json,
    deno_lock,
    docker_compose,
    dockerfile,
    dub_selections,
    elm_json,
    environment_yml,
    flake_lock,
    gemfile_lock,
    github_action,
    github_workflow,
    gitlab_ci,
    gitmodules,
    go_mod,
    gradle_lockfile,
    helm_chart,
    jenkinsfile,
    kubernetes,
    libs_versions_toml,
    mise_toml,
    node_version,
    nvmrc,
    opam,
    pack_pl,
    package_json,
    package_lock,
    pdm_lock,
    pipfile_lock,
    pnpm_lock,
    poetry_lock,
    pom_xml,
    pylock_toml,
    pyproject_toml,
    requirements_txt,
    setup_cfg,
    setup_py,
    shard_lock,
    terraform_lock,
    tool_versions,
    uv_lock,
    verification_metadata,
    wordpress_plugin,
    yarn_lock,
}
