//! Whatever the lockfiles and manifests of JavaScript hold, and the files that name runtimes, they are
//! read without a panic, and what is reported of them keeps to the contract.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use guest_scanner::extractor::Extractor;
use guest_scanner::extractors::{
    bower_json, bun_lock, deno_json, deno_lock, mise_toml, node_version, nvmrc, package_json, package_lock, pnpm_lock,
    tool_versions, yarn_lock,
};
use guest_scanner::records::Records;
use guest_scanner::source::Source;
use guest_scanner::tree::Tree;
use proptest::prelude::*;
use proptest::sample::Index;

const EXTRACTORS: [Extractor; 12] = [
    bower_json::EXTRACTOR,
    bun_lock::EXTRACTOR,
    deno_json::EXTRACTOR,
    deno_lock::EXTRACTOR,
    mise_toml::EXTRACTOR,
    node_version::EXTRACTOR,
    nvmrc::EXTRACTOR,
    package_json::EXTRACTOR,
    package_lock::EXTRACTOR,
    pnpm_lock::EXTRACTOR,
    tool_versions::EXTRACTOR,
    yarn_lock::EXTRACTOR,
];

/// The fixtures' files, each with its extractor.
static FIXTURES: LazyLock<Vec<(Extractor, String)>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut found = Vec::new();
    for extractor in EXTRACTORS {
        let files = files_below(&root.join(extractor.id));
        let own = files.iter().filter(|path| extractor.files.iter().any(|pattern| pattern.matches(path)));
        found.extend(own.map(|path| (extractor, fs::read_to_string(path).unwrap())));
    }
    found
});

fn files_below(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path.to_str().unwrap().to_owned()] })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_read(text in "\\PC{0,200}", which in 0..EXTRACTORS.len()) {
        check(&EXTRACTORS[which], &text);
    }

    #[test]
    fn any_lines_are_read(lines in prop::collection::vec(line(), 0..30), which in 0..EXTRACTORS.len()) {
        check(&EXTRACTORS[which], &lines.concat());
    }

    #[test]
    fn a_changed_file_is_read(which: Index, from: Index, to: Index, at: Index, with in piece()) {
        let (extractor, text) = which.get(&FIXTURES);
        // One part of it goes to another place, and something else comes in.
        let (mut from, mut to) = (boundary(text, from), boundary(text, to));
        if from > to {
            std::mem::swap(&mut from, &mut to);
        }
        let part = text.get(from..to.min(boundary_at(text, from + 300))).unwrap();
        let at = boundary(text, at);
        let (before, after) = text.split_at(at);
        check(extractor, &format!("{before}{with}{part}{after}"));
        check(extractor, &format!("{before}{with}"));
        check(extractor, &text.replacen(part, &with, 1));
    }
}

fn line() -> impl Strategy<Value = String> {
    ("[ ]{0,8}", piece(), piece(), "[:, ]{0,2}\n").prop_map(|(indent, a, b, end)| format!("{indent}{a}{b}{end}"))
}

fn piece() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        ":",
        ",",
        "@",
        "/",
        "(",
        ")",
        "_",
        "#",
        "? ",
        "- ",
        "---\n",
        "&a ",
        "*a",
        "<<: ",
        "\\",
        "\u{0}",
        "\u{e9}",
        "null",
        "5",
        "1.0",
        "true",
        "__metadata:\n  version: 8\n",
        "lockfileVersion: '9.0'\n",
        "packages:\n",
        "snapshots:\n",
        "importers:\n",
        "node_modules/",
        "\"node_modules/a/node_modules/\": {},",
        "npm:",
        "patch:",
        "workspace:",
        "file:",
        "link:",
        "git+ssh://",
        "a@1.0.0",
        "/a/1.0.0_b@2",
        "@s/a",
        "(b@1)",
        "version",
        "..",
        "dependencies:\n",
        "\"packages\": {",
        "\"a\": [\"a@1.0.0\", \"\", {}],",
        "// ",
        "/*",
        "*/",
        "jsr:@s/a@^1",
        "https://host.example/a@1.0.0/b.ts",
        "\"imports\": {",
        "\"specifiers\": {",
        "\"workspace:a\"",
        "[tools]\n",
        "system",
        "\"dependencies\": {",
    ])
    .prop_map(str::to_owned)
}

fn boundary(text: &str, index: Index) -> usize {
    boundary_at(text, index.index(text.len() + 1))
}

fn boundary_at(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap()
}

const PURL_TYPES: [&str; 8] = ["npm", "jsr", "generic", "bower", "asdf", "cargo", "pypi", "gem"];

fn check(extractor: &Extractor, text: &str) {
    let tree = Tree::new("/nonexistent");
    let mut records = Records::default();
    (extractor.extract)(&Source::new("a/lockfile", text, &tree), &mut records);
    let (packages, problems, _) = records.finish();
    let lines = u32::try_from(text.split('\n').count()).unwrap();
    for package in &packages {
        assert!(PURL_TYPES.iter().any(|kind| package.purl.starts_with(&format!("pkg:{kind}/"))), "{package:?}");
        assert!(package.version.is_none() || package.requirement.is_none(), "{package:?}");
        assert!(package.depends_on.iter().all(|to| (*to as usize) < packages.len()));
        assert!(package.line.is_none_or(|line| (1..=lines).contains(&line)), "{package:?}");
    }
    assert!(problems.iter().all(|problem| problem.line.is_none_or(|line| (1..=lines).contains(&line))), "{problems:?}");
}
