//! Whatever stands in a file of Dart, Apple, the BEAM, Haskell, R, Julia or Lua, its extractor comes to
//! an end without a panic, and its edges lead to packages of the same file.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

use std::fs;
use std::path::Path;

use guest_scanner::scan::extract;
use guest_scanner::select::Selector;
use guest_scanner::tree::Tree;
use proptest::prelude::*;

const FILES: &[(&str, &str, &str)] = &[
    ("pubspec.lock", "pubspec-lock", "sources"),
    ("pubspec.yaml", "pubspec-yaml", "sections"),
    ("Package.resolved", "package-resolved", "version-1"),
    ("Package.resolved", "package-resolved", "version-2-with-manifest"),
    ("Package.swift", "package-resolved", "version-2-with-manifest"),
    ("Podfile.lock", "podfile-lock", "subspecs-and-origins"),
    ("Cartfile.resolved", "cartfile-resolved", "kinds"),
    ("Cartfile", "cartfile-resolved", "kinds"),
    ("Cartfile", "cartfile", "kinds"),
    ("Podfile", "podfile", "targets"),
    ("Package.swift", "package-swift", "spellings"),
    ("mix.exs", "mix-exs", "function"),
    ("rebar.config", "rebar-config", "profiles-and-plugins"),
    ("mix.lock", "mix-lock", "scopes-and-edges"),
    ("mix.exs", "mix-lock", "scopes-and-edges"),
    ("rebar.lock", "rebar-lock", "version-1.2"),
    ("gleam.toml", "gleam-toml", "sections"),
    ("manifest.toml", "gleam-manifest", "scopes-and-edges"),
    ("cabal.project.freeze", "cabal-project-freeze", "constraints"),
    ("shop.cabal", "cabal-file", "components"),
    ("stack.yaml", "stack-yaml", "extra-deps"),
    ("stack.yaml.lock", "stack-yaml-lock", "origins"),
    ("renv.lock", "renv-lock", "other-origins"),
    ("renv.lock", "renv-lock", "requirements"),
    ("Manifest.toml", "julia-manifest", "format-2"),
    ("Project.toml", "julia-project", "sections"),
    ("luashop-2.0.1-1.rockspec", "rockspec", "computed"),
];

/// Replaces `length` bytes at `at` (both taken as parts of the whole) by `insert`.
type Mutation = (u16, u8, Vec<u8>);

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let bytes = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..4),
        "[\\[\\]{}()<>\"'=:,;#%@!\\\\\n\r \t~^*.-]{0,3}".prop_map(String::into_bytes),
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
            assert!(package.depends_on.iter().all(|to| (*to as usize) < packages.len()));
            assert!(package.purl.starts_with("pkg:") && !package.name.is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Each file alone, so that none is silent because of another.
    #[test]
    fn arbitrary_bytes_do_no_harm(
        index in 0..FILES.len(),
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..300),
            "[a-z\\[\\]{}()<>\"'=:,;#%@!\\\\\n \t~^*.-]{0,300}".prop_map(String::into_bytes),
        ],
    ) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILES[index].0), &bytes).unwrap();
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
