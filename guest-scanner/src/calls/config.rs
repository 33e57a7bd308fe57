//! Addresses in configuration: YAML, JSON, TOML, properties, `.env`, Dockerfiles, Terraform, OpenAPI
//! documents, protobuf services.

mod dockerfile;
mod keys;
mod pairs;
mod proto;

use fumehood_contract::ApiCall;
use memchr::memmem;

use crate::path;

/// What sort of configuration a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Config {
    Yaml,
    Json,
    Toml,
    Properties,
    Env,
    Terraform,
    Dockerfile,
    Proto,
}

/// Manifests and lockfiles are read by their extractors; what addresses they hold are places to get packages
/// from or pages to read. The others here are for editors, linters and their like.
const NOT_CONFIG: &[&str] = &[
    "package.json",
    "package-lock.json",
    "composer.json",
    "composer.lock",
    "bower.json",
    "deno.json",
    "tsconfig.json",
    "jsconfig.json",
    "angular.json",
    "nx.json",
    "lerna.json",
    "Cargo.toml",
    "pyproject.toml",
    "Pipfile",
    "poetry.lock",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "renovate.json",
    "pubspec.yaml",
    "Chart.yaml",
    "mkdocs.yml",
    "mkdocs.yaml",
    "_config.yml",
    "book.toml",
    ".pre-commit-config.yaml",
    ".travis.yml",
    "codecov.yml",
    ".codecov.yml",
    "dependabot.yml",
    "FUNDING.yml",
    "action.yml",
    "action.yaml",
    "biome.json",
    "turbo.json",
    "vercel.json",
    "manifest.json",
    "crowdin.yml",
    "environment.yml",
    "conda.yml",
    "meta.yaml",
    "galaxy.yml",
    "snapcraft.yaml",
    "CITATION.cff",
    "typedoc.json",
    "api-extractor.json",
    "gradle-wrapper.properties",
    "docfx.json",
    ".eslintrc.json",
    ".prettierrc.json",
    "project.json",
    "global.json",
    "packages.lock.json",
    "vcpkg.json",
    "app.json",
    "firebase.json",
    "readthedocs.yml",
    ".readthedocs.yaml",
    "release-please-config.json",
];

impl Config {
    /// Of the file at `path`, judged by its name.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let name = path::name(path);
        Self::named(name).filter(|_| !is_other(path, name))
    }

    fn named(name: &str) -> Option<Self> {
        if name == "Dockerfile"
            || name == "Containerfile"
            || name.starts_with("Dockerfile.")
            || name.ends_with(".Dockerfile")
            || name.ends_with(".dockerfile")
        {
            return Some(Self::Dockerfile);
        }
        if name == ".env" || name.starts_with(".env.") || name.ends_with(".env") {
            return Some(Self::Env);
        }
        Some(match path::extension(name)? {
            "yml" | "yaml" => Self::Yaml,
            "json" => Self::Json,
            "toml" => Self::Toml,
            "properties" | "ini" | "conf" | "cfg" => Self::Properties,
            "tf" | "tfvars" | "hcl" => Self::Terraform,
            "proto" => Self::Proto,
            _ => return None,
        })
    }

    /// As it stands in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Json => "json",
            Self::Toml => "toml",
            Self::Properties => "properties",
            Self::Env => "env",
            Self::Terraform => "terraform",
            Self::Dockerfile => "dockerfile",
            Self::Proto => "protobuf",
        }
    }
}

/// Whether a file that is written like configuration is something else.
fn is_other(path: &str, name: &str) -> bool {
    NOT_CONFIG.contains(&name)
        || name.ends_with(".schema.json")
        || name.ends_with(".lock.json")
        || memmem::find(path.as_bytes(), b".github/ISSUE_TEMPLATE").is_some()
}

/// Whether the file at `path` is read as configuration.
pub(crate) fn is_config(path: &str) -> bool {
    Config::of(path).is_some()
}

/// The addresses in a file.
pub(crate) fn calls(config: Config, text: &str) -> Vec<ApiCall> {
    match config {
        Config::Proto => proto::calls(text),
        Config::Dockerfile => dockerfile::calls(text),
        Config::Yaml | Config::Json | Config::Toml | Config::Properties | Config::Env | Config::Terraform => {
            pairs::calls(config, text)
        }
    }
}
