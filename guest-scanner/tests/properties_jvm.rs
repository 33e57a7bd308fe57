//! Whatever the bytes are, the files of the JVM, of Clojure, of Bazel and of Go are read to the end:
//! without a panic, in time, and within the limits of the contract.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

use std::fs;
use std::path::Path;

use fumehood_contract::limits::PURL_BYTES_MAX;
use guest_scanner::scan::extract;
use guest_scanner::select::Selector;
use guest_scanner::tree::Tree;
use proptest::prelude::*;

const GO_MOD: &str = include_str!("fixtures/go-mod/odd-lines/tree/go.mod");
const GO_SUM: &str = include_str!("fixtures/go-mod/go-1.16-sums-name-the-rest/tree/go.sum");
const POMS: [&str; 4] = [
    include_str!("fixtures/pom-xml/expressions/tree/pom.xml"),
    include_str!("fixtures/pom-xml/lineage/tree/pom.xml"),
    include_str!("fixtures/pom-xml/profiles/tree/pom.xml"),
    include_str!("fixtures/pom-xml/imports/tree/cart/pom.xml"),
];

/// Files of other formats: where they lie, and what they hold before they are damaged.
const OTHERS: [(&str, &str); 13] = [
    ("gradle.lockfile", include_str!("fixtures/gradle-lockfile/unified/tree/gradle.lockfile")),
    (
        "gradle/verification-metadata.xml",
        include_str!("fixtures/verification-metadata/project/tree/gradle/verification-metadata.xml"),
    ),
    ("gradle/libs.versions.toml", include_str!("fixtures/libs-versions-toml/project/tree/gradle/libs.versions.toml")),
    ("app/build.gradle", include_str!("fixtures/build-gradle/groovy/tree/app/build.gradle")),
    ("app/build.gradle.kts", include_str!("fixtures/build-gradle/kotlin/tree/app/build.gradle.kts")),
    ("build.gradle", include_str!("fixtures/build-gradle/spring/tree/build.gradle")),
    ("build.sbt.lock", include_str!("fixtures/build-sbt-lock/project/tree/build.sbt.lock")),
    ("deps.edn", include_str!("fixtures/deps-edn/project/tree/deps.edn")),
    ("project.clj", include_str!("fixtures/project-clj/project/tree/project.clj")),
    ("MODULE.bazel", include_str!("fixtures/bazel-module/module/tree/MODULE.bazel")),
    ("go.work", include_str!("fixtures/go-work/workspace/tree/go.work")),
    ("vendor/modules.txt", include_str!("fixtures/vendor-modules/modules/tree/vendor/modules.txt")),
    ("Gopkg.lock", include_str!("fixtures/gopkg-lock/project/tree/Gopkg.lock")),
];

/// What is cut out, and what is put there.
fn mutation() -> impl Strategy<Value = (prop::sample::Index, usize, Vec<u8>)> {
    let pieces = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..8),
        prop::sample::select(vec![
            "<",
            "/>",
            "</",
            "${",
            "}",
            "&a;",
            "<![CDATA[",
            "\"",
            "`",
            "(",
            ")",
            "=>",
            "//",
            "/*",
            "\n",
            "'",
            "\"\"\"",
            "[",
            "]",
            "{",
            "#_",
            "^",
            "$",
            "\\",
            " + ",
            "="
        ])
        .prop_map(|piece| piece.as_bytes().to_vec()),
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
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let folder = tempfile::tempdir().unwrap();
        scan(folder.path(), &[("go.mod", &bytes), ("go.sum", &bytes), ("pom.xml", &bytes)]);
    }

    #[test]
    fn any_letters(letters in "[a-c:.,'\"$(){}\\[\\]#_^~@/*=+%\\\\ \n-]{0,120}") {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<_> = OTHERS.iter().map(|(path, _)| (*path, letters.as_bytes())).collect();
        scan(folder.path(), &files);
    }

    #[test]
    fn damaged_others(changes in prop::collection::vec(mutation(), 1..6)) {
        let folder = tempfile::tempdir().unwrap();
        let damaged: Vec<_> = OTHERS.iter().map(|(path, text)| (*path, mutated(text, &changes))).collect();
        let files: Vec<_> = damaged.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect();
        scan(folder.path(), &files);
    }

    #[test]
    fn damaged_go_files(changes in prop::collection::vec(mutation(), 1..6)) {
        let folder = tempfile::tempdir().unwrap();
        scan(folder.path(), &[("go.mod", &mutated(GO_MOD, &changes)), ("go.sum", &mutated(GO_SUM, &changes))]);
    }

    #[test]
    fn damaged_poms(which in prop::sample::select(POMS.to_vec()), changes in prop::collection::vec(mutation(), 1..6)) {
        let folder = tempfile::tempdir().unwrap();
        let bytes = mutated(which, &changes);
        scan(folder.path(), &[("pom.xml", &bytes), ("cart/pom.xml", &mutated(POMS[3], &changes)), ("a.pom", &bytes)]);
    }
}
