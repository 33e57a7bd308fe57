//! Whatever the bytes are, go.mod, go.sum and poms are read to the end: without a panic, in time, and
//! within the limits of the contract.

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
            "\n"
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
