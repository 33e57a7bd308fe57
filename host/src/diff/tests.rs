use serde_json::{Value, json};

use super::compare::{Change, compare};
use super::read::{Bad, Report, parse};
use super::write;

fn package(name: &str, version: &str) -> Value {
    json!({ "name": name, "version": version, "purl": format!("pkg:npm/{name}@{version}"), "line": 1 })
}

fn document(name: &str, packages: &[Value], findings: &Value) -> Value {
    json!({
        "job_id": "x",
        "reports": [{
            "repo_name": name,
            "complete": true,
            "files": [{ "path": "lock", "extractor": "npm", "packages": packages }],
            "policy": { "findings": findings },
        }],
    })
}

fn report(document: &Value) -> Report {
    parse(document.to_string().as_bytes()).unwrap()
}

#[test]
fn every_sort_of_change_is_told() {
    let old = ["gone", "up", "down", "same"].map(|name| package(name, "2.0.0"));
    let new = [package("come", "1"), package("up", "10.0.0"), package("down", "1.9"), package("same", "2.0.0")];
    let finding = json!([
        { "category": "Old", "kind": "dependency", "status": "restricted", "name": "up", "version": "10.0.0",
          "purl": "pkg:npm/up@10.0.0", "file": "lock", "line": 7, "exception": null },
        { "category": "Old", "kind": "dependency", "status": "allowed", "name": "come", "version": "1",
          "purl": "pkg:npm/come@1", "file": "lock", "line": 8, "exception": null },
    ]);
    let before = report(&document("a", &old, &json!([])));
    let after = report(&document("elsewhere/a", &new, &finding));
    let difference = compare(before, after);
    let changes: Vec<_> =
        difference.repositories[0].packages.iter().map(|package| (package.name.as_str(), package.change)).collect();
    let expected =
        [("come", Change::Added), ("down", Change::Downgraded), ("gone", Change::Removed), ("up", Change::Upgraded)];
    assert_eq!(changes, expected);
    assert_eq!(difference.summary.newly_restricted, 1);
    assert!(difference.notes.is_empty(), "{:?}", difference.notes);
    let mut out = Vec::new();
    write::markdown(&mut out, &difference).unwrap();
    let markdown = String::from_utf8(out).unwrap();
    assert!(markdown.contains("1 added, 1 removed, 1 upgraded, 1 downgraded, 1 newly restricted"), "{markdown}");
    assert!(markdown.contains("| `up` | upgraded | `2.0.0` | `10.0.0` |"), "{markdown}");
    assert!(markdown.contains("newly restricted: `up` `10.0.0` (`Old`) in `lock:7`"), "{markdown}");
}

#[test]
fn whom_it_talks_to_is_compared() {
    let mut documents = ["old.example", "new.example"].map(|host| {
        let mut document = document("a", &[], &json!([]));
        document["reports"][0]["api_calls"] = json!([{ "host": host, "url": "x" }, { "host": "same.example" }, {}]);
        report(&document)
    });
    let [before, after] = &mut documents;
    let difference = compare(std::mem::take(before), std::mem::take(after));
    let mut out = Vec::new();
    write::table(&mut out, &difference).unwrap();
    let table = String::from_utf8(out).unwrap();
    assert!(table.contains("now talks to: new.example\n  talks no more to: old.example"), "{table}");
    assert!(table.ends_with("1 new host, 1 former host\n"), "{table}");
}

#[test]
fn what_may_not_have_been_read_is_said() {
    let before = report(&document("a", &[package("x", "1")], &json!([])));
    let mut cut_short = document("a", &[], &json!([]));
    cut_short["reports"][0]["complete"] = json!(false);
    let difference = compare(before, report(&cut_short));
    assert!(difference.notes[0].contains("incomplete in the later report"), "{:?}", difference.notes);
}

#[test]
fn hostile_reports_are_refused_or_made_harmless() {
    for text in ["", "[]", "{}", "{\"reports\": 3}", "{\"reports\": [{}]}", &"[".repeat(100_000)] {
        assert!(matches!(parse(text.as_bytes()), Err(Bad::Other(_))), "{text:.20}");
    }
    let long = "x".repeat(100_000);
    let hostile = report(&document("a\u{1b}[2J", &[package("\u{202e}evil", &long)], &json!([])));
    let difference = compare(Report::default(), hostile);
    let mut out = Vec::new();
    write::table(&mut out, &difference).unwrap();
    let table = String::from_utf8(out).unwrap();
    assert!(!table.contains(['\u{1b}', '\u{202e}']), "{table}");
    assert!(table.len() < 50_000);
}
