//! Whatever the bytes are, the files of CI, of infrastructure and of the small ecosystems are read to the
//! end: without a panic, in time, and within the limits of the contract.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

use std::fs;
use std::path::Path;

use fumehood_contract::limits::PURL_BYTES_MAX;
use guest_scanner::scan::extract;
use guest_scanner::select::Selector;
use guest_scanner::tree::Tree;
use proptest::prelude::*;

/// A path that is read, and a sound file of its format.
macro_rules! sound {
    ($($path:literal = $fixture:literal,)*) => {
        const SOUND: &[(&str, &[u8])] = &[$(($path, include_bytes!(concat!("fixtures/", $fixture)))),*];
    };
}

sound! {
    ".github/workflows/a.yml" = "github-workflow/uses-and-images/tree/.github/workflows/ci.yml",
    "action.yml" = "github-action/composite-and-container/tree/action.yml",
    "Dockerfile" = "dockerfile/stages-and-arguments/tree/Dockerfile",
    "Containerfile" = "dockerfile/heredocs-and-escapes/tree/Containerfile",
    "compose.yaml" = "docker-compose/services/tree/docker-compose.yml",
    ".env" = "docker-compose/services/tree/.env",
    "all.yaml" = "kubernetes/objects/tree/deploy/all.yaml",
    "Chart.yaml" = "helm-chart/ranges/tree/Chart.yaml",
    ".gitlab-ci.yml" = "gitlab-ci/pipeline/tree/.gitlab-ci.yml",
    ".circleci/config.yml" = "circleci/config/tree/.circleci/config.yml",
    "azure-pipelines.yml" = "azure-pipelines/pipeline/tree/azure-pipelines.yml",
    "Jenkinsfile" = "jenkinsfile/declarative/tree/Jenkinsfile",
    ".terraform.lock.hcl" = "terraform-lock/providers/tree/.terraform.lock.hcl",
    "flake.lock" = "flake-lock/inputs/tree/flake.lock",
    ".gitmodules" = "gitmodules/submodules/tree/.gitmodules",
    "a.opam" = "opam/manifest/tree/fizz.opam",
    "b.opam.locked" = "opam/locked/tree/fizz.opam.locked",
    "b.opam" = "opam/locked/tree/fizz.opam",
    "pack.pl" = "pack-pl/facts/tree/pack.pl",
    "cpanfile.snapshot" = "cpanfile-snapshot/distributions/tree/cpanfile.snapshot",
    "cpanfile" = "cpanfile-snapshot/distributions/tree/cpanfile",
    "a/cpanfile" = "cpanfile/phases/tree/cpanfile",
    "shard.lock" = "shard-lock/version-2/tree/shard.lock",
    "shard.yml" = "shard-lock/version-2/tree/shard.yml",
    "a/shard.yml" = "shard-yml/sections/tree/shard.yml",
    "dub.selections.json" = "dub-selections/selections/tree/dub.selections.json",
    "dub.json" = "dub-selections/selections/tree/dub.json",
    "a/dub.json" = "dub-recipe/json/tree/dub.json",
    "a/dub.sdl" = "dub-recipe/sdl/tree/dub.sdl",
    "elm.json" = "elm-json/application/tree/elm.json",
    "build.zig.zon" = "build-zig-zon/dependencies/tree/build.zig.zon",
    "wp-content/plugins/a/a.php" = "wordpress-plugin/plugins/tree/site/wp-content/plugins/fizz-forms/fizz.php",
    "a.gguf" = "ai-model/models/tree/weights/tiny.Q4_K_M.gguf",
    "a.safetensors" = "ai-model/models/tree/weights/tiny/model-00001-of-00002.safetensors",
}

type Mutation = (prop::sample::Index, usize, Vec<u8>);

/// What is cut out, and what is put there.
fn mutation() -> impl Strategy<Value = Mutation> {
    let signs = vec![
        "{", "}", "[", "]", "\"", "'", "'''", ": ", "- ", "&a ", "*a", "<<: *a", "$", "${", "<<E", "\\\n", "@", "/*",
        "\n", "\t",
    ];
    let pieces = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..8),
        prop::sample::select(signs).prop_map(|sign| sign.as_bytes().to_vec()),
    ];
    (any::<prop::sample::Index>(), 0_usize..40, pieces)
}

fn mutated(sound: &[u8], mutations: &[Mutation]) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    for (place, length, piece) in mutations {
        if !bytes.is_empty() {
            let start = place.index(bytes.len());
            let end = (start + length).min(bytes.len());
            bytes.splice(start..end, piece.iter().copied());
        }
    }
    bytes
}

fn scan(folder: &Path, files: impl Iterator<Item = (&'static str, Vec<u8>)>) {
    let mut paths = Vec::new();
    for (path, bytes) in files {
        fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
        fs::write(folder.join(path), bytes).unwrap();
        paths.push(path);
    }
    let (selector, tree) = (Selector::new(), Tree::new(folder));
    for path in paths {
        // Companions have none.
        let Some(extractor) = selector.extractor(path) else { continue };
        let (packages, _, _) = extract(path, extractor, &tree).finish();
        for package in &packages {
            assert!(!package.purl.is_empty() && package.purl.len() <= PURL_BYTES_MAX, "{package:?}");
            assert!(package.depends_on.iter().all(|to| (*to as usize) < packages.len()), "{package:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let folder = tempfile::tempdir().unwrap();
        scan(folder.path(), SOUND.iter().map(|(path, _)| (*path, bytes.clone())));
    }

    #[test]
    fn damaged_files(changes in prop::collection::vec(mutation(), 1..6)) {
        let folder = tempfile::tempdir().unwrap();
        scan(folder.path(), SOUND.iter().map(|(path, sound)| (*path, mutated(sound, &changes))));
    }
}
