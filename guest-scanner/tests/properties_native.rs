//! Whatever the bytes are, the formats of .NET and of C and C++ are read to the end: without a panic, in
//! time, and within the limits of the contract.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use fumehood_contract::limits::PURL_BYTES_MAX;
use guest_scanner::scan::extract;
use guest_scanner::select::Selector;
use guest_scanner::tree::Tree;
use proptest::prelude::*;

/// Where a file may lie, and a text of its format.
const FILES: [(&str, &str); 15] = [
    ("packages.lock.json", include_str!("fixtures/packages-lock-json/frameworks-and-projects/tree/packages.lock.json")),
    ("packages.config", include_str!("fixtures/packages-config/odd-entries/tree/packages.Tool.config")),
    ("Shop.deps.json", include_str!("fixtures/deps-json/application/tree/Shop.deps.json")),
    ("obj/project.assets.json", include_str!("fixtures/project-assets-json/restored/tree/obj/project.assets.json")),
    ("a/App.csproj", include_str!("fixtures/csproj/own-versions/tree/App.csproj")),
    (
        "Directory.Packages.props",
        include_str!("fixtures/directory-packages-props/central/tree/Directory.Packages.props"),
    ),
    ("Directory.Build.props", include_str!("fixtures/csproj/central-versions/tree/Directory.Build.props")),
    ("paket.lock", include_str!("fixtures/paket-lock/groups/tree/paket.lock")),
    ("b/paket.dependencies", include_str!("fixtures/paket-dependencies/declared/tree/paket.dependencies")),
    ("conan.lock", include_str!("fixtures/conan-lock/graph/tree/conan.lock")),
    ("b/conanfile.txt", include_str!("fixtures/conanfile-txt/sections/tree/conanfile.txt")),
    ("b/conanfile.py", include_str!("fixtures/conanfile-py/recipe/tree/conanfile.py")),
    ("vcpkg.json", include_str!("fixtures/vcpkg-json/manifest/tree/vcpkg.json")),
    ("CMakeLists.txt", include_str!("fixtures/cmake-lists/all-commands/tree/CMakeLists.txt")),
    ("meson.build", include_str!("fixtures/meson-build/project/tree/meson.build")),
];

const WRAP: (&str, &str) =
    ("subprojects/é.wrap", include_str!("fixtures/meson-build/project/tree/subprojects/acme-zip.wrap"));

/// What is cut out, and what is put there.
fn mutation() -> impl Strategy<Value = (prop::sample::Index, usize, Vec<u8>)> {
    let pieces = vec![
        "<",
        "/>",
        "$(",
        ")",
        "(",
        "[",
        "]",
        "[=[",
        "{",
        "}",
        "\"",
        "'",
        "'''",
        ",",
        ":",
        "/",
        "#",
        "@",
        "\\",
        "${",
        "%",
        "\n",
        "é",
        "*",
        "null",
        "Condition=\"'$(A)' == ''\"",
        "//",
        "/*",
    ];
    let pieces = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..8),
        prop::sample::select(pieces).prop_map(|piece| piece.as_bytes().to_vec()),
    ];
    (any::<prop::sample::Index>(), 0_usize..40, pieces)
}

fn mutated(text: &str, mutations: &[(prop::sample::Index, usize, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (place, length, piece) in mutations {
        if !bytes.is_empty() {
            let start = place.index(bytes.len());
            let end = (start + length).min(bytes.len());
            bytes.splice(start..end, piece.iter().copied());
        }
    }
    bytes
}

fn scan(folder: &Path, files: &[(&str, &[u8])]) {
    for (path, bytes) in files {
        fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
        fs::write(folder.join(path), bytes).unwrap();
    }
    let (selector, tree) = (Selector::new(), Tree::new(folder));
    for (path, _) in files {
        let (packages, _, _) = extract(path, selector.extractor(path).unwrap(), &tree).finish();
        for package in &packages {
            assert!(!package.purl.is_empty() && package.purl.len() <= PURL_BYTES_MAX, "{package:?}");
            assert!(package.depends_on.iter().all(|to| (*to as usize) < packages.len()), "{package:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<_> = FILES.iter().chain([&WRAP]).map(|(path, _)| (*path, bytes.as_slice())).collect();
        scan(folder.path(), &files);
    }

    #[test]
    fn damaged_files(changes in prop::collection::vec(mutation(), 1..6)) {
        let folder = tempfile::tempdir().unwrap();
        let texts: Vec<_> = FILES.iter().chain([&WRAP]).map(|(path, text)| (*path, mutated(text, &changes))).collect();
        let files: Vec<_> = texts.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect();
        scan(folder.path(), &files);
    }
}

#[test]
fn repetition_costs_no_more_than_its_length() {
    let repeated = [
        ("a/App.csproj", "<Project><PropertyGroup>", "<a>$(a)$(a)x</a>"),
        (
            "a/App.csproj",
            "<Project><ItemGroup Condition=\"'$(A)'=='b'\">",
            "<PackageReference Include=\"A;A\" Update=\"A\" Version=\"$(b)\"/>",
        ),
        ("a/App.csproj", "", "<Project><Choose Condition=\"a\">"),
        ("a/App.csproj", "<Project>", "<Import Project=\"App.csproj\"/>"),
        ("CMakeLists.txt", "", "set(a ${a}x)"),
        ("CMakeLists.txt", "", "[=[ find_package("),
        ("meson.build", "", "dependency('a', "),
        ("b/conanfile.py", "", "requires = ('a/1', "),
        ("b/conanfile.py", "", "\"\"\"'"),
        ("vcpkg.json", "{\"dependencies\": [", "{\"name\": \"a\"},"),
        ("conan.lock", "{\"graph_lock\": {\"nodes\": {", "\"1\": {\"ref\": \"a/1\", \"requires\": [\"1\"]},"),
        ("paket.lock", "NUGET\n", "    A (1)\n      A (>= 1)\n"),
        ("Shop.deps.json", "{\"targets\": {", "\"a\": {\"b/1\": {\"dependencies\": {\"b\": \"1\"}}},"),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (path, begin, piece) in repeated {
        let text = format!("{begin}{}", piece.repeat(100_000 / piece.len()));
        let start = Instant::now();
        scan(folder.path(), &[(path, text.as_bytes())]);
        fs::remove_dir_all(folder.path().join(path.split('/').next().unwrap()))
            .or_else(|_| fs::remove_file(folder.path().join(path)))
            .unwrap();
        assert!(start.elapsed() < Duration::from_secs(5), "{path}: {piece}");
    }
}
