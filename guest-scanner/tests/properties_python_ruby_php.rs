//! Whatever stands in a file of Python, Ruby, PHP or Rust, its extractor comes to an end without a panic,
//! and its edges lead to packages of the same file.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

use std::fs;
use std::path::Path;

use guest_scanner::scan::extract;
use guest_scanner::select::Selector;
use guest_scanner::tree::Tree;
use proptest::prelude::*;

const FILES: &[(&str, &str, &str)] = &[
    ("requirements.txt", "requirements-txt", "syntax"),
    ("requirements.txt", "requirements-txt", "places"),
    ("requirements.txt", "requirements-txt", "compiled"),
    ("poetry.lock", "poetry-lock", "lock-2.1"),
    ("poetry.lock", "poetry-lock", "lock-1.1"),
    ("pyproject.toml", "poetry-lock", "lock-2.0-scopes-from-pyproject"),
    ("uv.lock", "uv-lock", "project"),
    ("uv.lock", "uv-lock", "workspace"),
    ("Pipfile.lock", "pipfile-lock", "categories"),
    ("Pipfile", "pipfile-lock", "categories"),
    ("pdm.lock", "pdm-lock", "lock-4.5"),
    ("pylock.toml", "pylock-toml", "groups-and-edges"),
    ("pyproject.toml", "pyproject-toml", "standard"),
    ("pyproject.toml", "pyproject-toml", "poetry"),
    ("pyproject.toml", "pyproject-toml", "tools"),
    ("setup.py", "setup-py", "keywords"),
    ("setup.py", "setup-py", "constants"),
    ("setup.py", "setup-py", "strings"),
    ("setup.cfg", "setup-cfg", "options"),
    ("environment.yml", "environment-yml", "specs"),
    ("pixi.lock", "pixi-lock", "version-6"),
    ("pixi.toml", "pixi-lock", "version-6"),
    ("Cargo.toml", "cargo-toml", "package"),
    ("shop.gemspec", "gemspec", "written"),
    ("shop.gemspec", "gemspec", "generated"),
    ("Cargo.lock", "cargo-lock", "workspace-v4"),
    ("Gemfile.lock", "gemfile-lock", "platforms-and-checksums"),
    ("Gemfile", "gemfile", "groups-and-places"),
    ("Gemfile", "gemfile-lock", "made-by-bundler-2.3"),
    ("composer.lock", "composer-lock", "project"),
    ("composer.json", "composer-lock", "project"),
];

/// Replaces `length` bytes at `at` (both taken as parts of the whole) by `insert`.
type Mutation = (u16, u8, Vec<u8>);

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let bytes = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..4),
        "[\\[\\]{}()\"'=:,;#@!\\\\\n\r \t<>~^*.$-]{0,3}".prop_map(String::into_bytes),
    ];
    proptest::collection::vec((any::<u16>(), any::<u8>(), bytes), 1..6)
}

fn mutated(mut bytes: Vec<u8>, mutations: &[Mutation]) -> Vec<u8> {
    for (at, length, insert) in mutations {
        let from = bytes.len() * usize::from(*at) / (usize::from(u16::MAX) + 1);
        let until = bytes.len().min(from + usize::from(*length) / 32);
        bytes.splice(from..until, insert.iter().copied());
    }
    bytes
}

fn check(folder: &Path) {
    let (selector, tree) = (Selector::new(), Tree::new(folder));
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(extractor) = selector.extractor(&name) else { continue };
        let (packages, _, _) = extract(&name, extractor, &tree).finish();
        for package in &packages {
            assert!(package.purl.starts_with("pkg:"), "{}", package.name);
            assert!(package.depends_on.iter().all(|to| (*to as usize) < packages.len()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..300), index in 0..FILES.len()) {
        let folder = tempfile::tempdir().unwrap();
        // Two at a time: a manifest is silent beside its lockfile.
        for (file, _, _) in FILES.iter().cycle().skip(index).take(2) {
            fs::write(folder.path().join(file), &bytes).unwrap();
        }
        check(folder.path());
    }

    #[test]
    fn mutated_files_do_no_harm(index in 0..FILES.len(), mutations in mutations()) {
        let (file, format, case) = FILES[index];
        let tree = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(format).join(case).join("tree");
        let folder = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(&tree).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
            }
        }
        fs::write(folder.path().join(file), mutated(fs::read(tree.join(file)).unwrap(), &mutations)).unwrap();
        check(folder.path());
    }
}
