//! Parts of the scanner, each for itself: `./just bench-parts`. What they are worth is seen in whole scans:
//! `./just bench-peers`.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a benchmark makes its own files")]

use std::fmt::Write as _;
use std::fs;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use guest_scanner::calls::Analyzer;
use guest_scanner::calls::place::Places;
use guest_scanner::scan::extract;
use guest_scanner::select::Selector;
use guest_scanner::tree::Tree;

fn main() {
    divan::main();
}

/// Paths as they are in a repository of many languages, most of them of no interest.
fn paths() -> Vec<String> {
    let names = ["index.js", "types.d.ts", "main.py", "logo.svg", "package.json", "README.md", "values.yaml", "lib.rs"];
    (0..10_000)
        .zip(names.iter().cycle())
        .map(|(at, name)| format!("packages/p{}/src/part{}/{name}", at / 500, at / 50))
        .collect()
}

#[divan::bench]
fn select(bencher: Bencher) {
    let (selector, places, paths) = (Selector::new(), Places::default(), paths());
    bencher
        .counter(ItemsCount::new(paths.len()))
        .bench_local(|| paths.iter().filter(|path| selector.wants(path) || places.wants(path)).count());
}

#[divan::bench]
fn registry() -> Selector {
    Selector::new()
}

const PACKAGES: usize = 2_000;

#[divan::bench(args = ["package-lock.json", "yarn.lock", "Cargo.lock", "pnpm-lock.yaml"])]
fn lockfile(bencher: Bencher, name: &str) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), text(name)).unwrap();
    let (tree, selector) = (Tree::new(folder.path()), Selector::new());
    let extractor = selector.extractor(name).unwrap();
    bencher.counter(ItemsCount::new(PACKAGES)).bench_local(|| extract(name, extractor, &tree).finish());
}

fn text(name: &str) -> String {
    let mut text = match name {
        "package-lock.json" => "{\"lockfileVersion\":3,\"packages\":{\"\":{}".to_owned(),
        "yarn.lock" => "# yarn lockfile v1\n".to_owned(),
        "pnpm-lock.yaml" => "lockfileVersion: '9.0'\npackages:\n".to_owned(),
        _ => "version = 4\n".to_owned(),
    };
    for at in 0..PACKAGES {
        let _ = match name {
            "package-lock.json" => {
                write!(text, ",\"node_modules/p{at}\":{{\"version\":\"1.0.{at}\",\"license\":\"MIT\"}}")
            }
            "yarn.lock" => write!(text, "\np{at}@^1.0.0:\n  version \"1.0.{at}\"\n"),
            "pnpm-lock.yaml" => write!(text, "\n  p{at}@1.0.{at}:\n    resolution: {{integrity: sha512-AA==}}\n"),
            _ => write!(text, "\n[[package]]\nname = \"p{at}\"\nversion = \"1.0.{at}\"\n"),
        };
    }
    if name == "package-lock.json" { text + "}}" } else { text }
}

/// A source with calls, and one that only speaks of an address.
#[divan::bench(args = [true, false])]
fn calls(bencher: Bencher, calls: bool) {
    let line =
        if calls { "    requests.get(BASE + \"/users/\" + str(a))\n" } else { "    # see https://example.com\n" };
    let head = if calls { "import requests\nBASE = \"https://api.example.com\"\n" } else { "" };
    let body: String = (0..200).map(|at| format!("def f{at}(a):\n    b = a + {at}\n{line}    return b\n\n")).collect();
    let (analyzer, text) = (Analyzer::new(), format!("{head}{body}"));
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| analyzer.calls("client.py", black_box(&text)));
}
