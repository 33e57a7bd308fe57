//! What the fuzz targets have in common: a family of extractors, of which the input's first byte chooses one.

use std::path::PathBuf;
use std::sync::OnceLock;

use fumehood_contract::limits::{HOST_BYTES_MAX, PURL_BYTES_MAX, URL_BYTES_MAX};
use guest_scanner::calls::Analyzer;
use guest_scanner::extractor::{Extractor, Pattern};
use guest_scanner::extractors::EXTRACTORS;
use guest_scanner::records::Records;
use guest_scanner::scan;
use guest_scanner::source::Source;
use guest_scanner::tree::{Tree, decode};

/// A family's name and the ids of its extractors.
pub type Family = (&'static str, &'static [&'static str]);

/// Every extractor is in one of them.
pub const FAMILIES: &[Family] = &[JSON, LANGUAGES, LINES, TOML, XML, YAML];

/// See [`FAMILIES`].
pub const JSON: Family = (
    "json",
    &[
        "ai-model",
        "build-sbt-lock",
        "bower-json",
        "bun-lock",
        "bun-lockb",
        "composer-json",
        "composer-lock",
        "conan-lock",
        "deno-json",
        "deno-lock",
        "deps-json",
        "dub-selections",
        "elm-json",
        "flake-lock",
        "package-json",
        "package-lock",
        "package-resolved",
        "packages-lock-json",
        "pipfile-lock",
        "project-assets-json",
        "renv-lock",
        "vcpkg-json",
    ],
);

/// See [`FAMILIES`].
pub const LANGUAGES: Family = (
    "languages",
    &[
        "bazel-module",
        "build-gradle",
        "build-zig-zon",
        "cmake-lists",
        "conanfile-py",
        "cpanfile-snapshot",
        "deps-edn",
        "dockerfile",
        "gemspec",
        "deno-imports",
        "jenkinsfile",
        "min-js",
        "meson-build",
        "mix-lock",
        "opam",
        "pack-pl",
        "project-clj",
        "rebar-lock",
        "rockspec",
        "setup-py",
        "terraform-lock",
        "cpanfile",
        "dub-recipe",
        "gemfile",
        "mix-exs",
        "package-swift",
        "podfile",
        "rebar-config",
    ],
);

/// See [`FAMILIES`].
pub const LINES: Family = (
    "lines",
    &[
        "cabal-file",
        "cabal-project-freeze",
        "cartfile-resolved",
        "conanfile-txt",
        "gemfile-lock",
        "gitmodules",
        "go-mod",
        "go-work",
        "gradle-lockfile",
        "node-version",
        "nvmrc",
        "paket-dependencies",
        "paket-lock",
        "requirements-txt",
        "setup-cfg",
        "tool-versions",
        "vendor-modules",
        "wordpress-plugin",
        "cartfile",
    ],
);

/// See [`FAMILIES`].
pub const TOML: Family = (
    "toml",
    &[
        "cargo-lock",
        "cargo-toml",
        "gleam-manifest",
        "gleam-toml",
        "gopkg-lock",
        "julia-manifest",
        "julia-project",
        "libs-versions-toml",
        "mise-toml",
        "pdm-lock",
        "pipfile",
        "poetry-lock",
        "pylock-toml",
        "pyproject-toml",
        "uv-lock",
    ],
);

/// See [`FAMILIES`].
pub const XML: Family =
    ("xml", &["csproj", "directory-packages-props", "packages-config", "pom-xml", "verification-metadata"]);

/// See [`FAMILIES`].
pub const YAML: Family = (
    "yaml",
    &[
        "azure-pipelines",
        "circleci",
        "docker-compose",
        "environment-yml",
        "github-action",
        "github-workflow",
        "gitlab-ci",
        "helm-chart",
        "kubernetes",
        "pixi-lock",
        "pnpm-lock",
        "podfile-lock",
        "pubspec-lock",
        "pubspec-yaml",
        "shard-lock",
        "stack-yaml",
        "stack-yaml-lock",
        "yarn-lock",
        "shard-yml",
    ],
);

/// Reads `input` as a file of one of the family's formats, and checks what comes of it.
pub fn run(family: Family, input: &[u8]) {
    let Some((choice, bytes)) = input.split_first() else { return };
    let id = family.1[usize::from(*choice) % family.1.len()];
    let extractor = EXTRACTORS.iter().find(|extractor| extractor.id == id).expect("a known id");
    let pattern = &extractor.files[usize::from(*choice) / family.1.len() % extractor.files.len()];
    check(&read(extractor, &path(pattern), bytes));
}

/// A file for each way in which source and configuration are read for API calls.
pub const SOURCES: &[&str] = &[
    "a.py",
    "a.ts",
    "a.go",
    "a.java",
    "a.kt",
    "a.scala",
    "a.cs",
    "a.rb",
    "a.php",
    "a.rs",
    "a.swift",
    "a.sh",
    "a.yml",
    "a.json",
    "a.toml",
    "a.properties",
    "a.env",
    "a.tf",
    "a.proto",
    "Dockerfile",
];

/// Looks for API calls in the input, as the file that its first byte chooses.
pub fn run_calls(input: &[u8]) {
    static ANALYZER: OnceLock<Analyzer> = OnceLock::new();
    let Some((choice, bytes)) = input.split_first() else { return };
    let Ok(text) = decode(bytes.to_vec()) else { return };
    let name = SOURCES[usize::from(*choice) % SOURCES.len()];
    let found = ANALYZER.get_or_init(Analyzer::new).calls(name, &text).expect("a file that is looked at");
    for call in found.calls {
        assert!(!call.url.is_empty() && call.url.len() <= URL_BYTES_MAX, "{call:?}");
        assert!(call.host.as_ref().is_none_or(|host| host.len() <= HOST_BYTES_MAX), "{call:?}");
        assert!(call.line >= 1, "{call:?}");
    }
}

/// Most extractors get their text without a disk between; nothing lies around their file.
fn read(extractor: &Extractor, path: &str, bytes: &[u8]) -> Records {
    let tree = Tree::new(folder());
    if extractor.reads_raw() {
        let file = folder().join(path);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder can be made");
        std::fs::write(&file, bytes).expect("a file can be written");
        let records = scan::extract(path, extractor, &tree);
        std::fs::remove_file(&file).expect("it is there");
        return records;
    }
    let mut records = Records::default();
    if let Ok(text) = decode(bytes.to_vec()) {
        (extractor.extract)(&Source::new(path, &text, &tree), &mut records);
    }
    records
}

fn check(records: &Records) {
    let packages = records.packages();
    for package in packages {
        assert!(!package.purl.is_empty() && package.purl.len() <= PURL_BYTES_MAX, "{package:?}");
        assert!(package.depends_on.iter().all(|to| (*to as usize) < packages.len()), "{package:?}");
    }
}

/// A path that the pattern matches.
fn path(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Name(name) => (*name).to_owned(),
        Pattern::Affixes(prefix, suffix) => format!("{prefix}x{suffix}"),
        Pattern::Holding(infix, suffix) => format!("x{infix}{suffix}"),
        Pattern::In(folder, suffix) if suffix.starts_with('.') => format!("{folder}/x{suffix}"),
        Pattern::In(folder, name) => format!("{folder}/{name}"),
        Pattern::InEach(folder, suffix) => format!("{folder}/x/x{suffix}"),
        Pattern::Raw(pattern) => path(pattern),
    }
}

/// An empty folder of this process.
fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("fumehood-fuzz-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        folder
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use guest_scanner::select::Selector;

    use super::{EXTRACTORS, FAMILIES, path};

    #[test]
    fn every_extractor_is_in_one_family() {
        let mut ids: Vec<_> = FAMILIES.iter().flat_map(|family| family.1).copied().collect();
        ids.sort_unstable();
        let known: BTreeSet<_> = EXTRACTORS.iter().map(|extractor| extractor.id).collect();
        assert_eq!(ids, known.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn every_pattern_has_a_path() {
        for extractor in EXTRACTORS {
            for pattern in extractor.files {
                assert!(pattern.matches(&path(pattern)), "{pattern}");
                assert!(Selector::new().extractor(&path(pattern)).is_some());
            }
        }
    }
}
