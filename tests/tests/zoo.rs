//! The zoo: small good and broken repositories under `repos/<name>/tree`, scanned by the real binary, and
//! what is expected of each in `expected.json` beside it.
//! `FUMEHOOD_ACCEPT=1 cargo nextest run -p e2e --test zoo` writes what was found as expected: review it.

#![expect(clippy::disallowed_methods, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};

use e2e::Fumehood;
use serde_json::{Value, json};

#[test]
fn every_animal_is_as_expected() {
    let accept = std::env::var_os("FUMEHOOD_ACCEPT").is_some();
    let mut wrong = Vec::new();
    let animals = animals();
    assert!(animals.len() >= 7, "the zoo is nearly empty: {animals:?}");
    for animal in animals {
        let found = format!("{:#}\n", scan(&animal.join("tree")));
        let file = animal.join("expected.json");
        if accept {
            fs::write(&file, &found).unwrap();
        } else if fs::read_to_string(&file).ok().as_deref() != Some(&found) {
            wrong.push(format!("{}:\n{found}", animal.display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} repositories differ from their expected.json. If they are right now, accept them with \
         FUMEHOOD_ACCEPT=1 cargo nextest run -p e2e --test zoo\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What matters of a scan, in few words.
fn scan(tree: &Path) -> Value {
    let scan = Fumehood::new().scan(&[&tree]).exits(0);
    let report = scan.report(0);
    let files = report["files"].as_array().cloned().unwrap_or_default();
    let each = |key: &str, in_words: &dyn Fn(&Value, &Value) -> String| -> Vec<String> {
        let entries =
            files.iter().flat_map(|file| file[key].as_array().into_iter().flatten().map(move |it| (file, it)));
        entries.map(|(file, entry)| in_words(file, entry)).collect()
    };
    let skipped = report["skipped"].as_array().cloned().unwrap_or_default();
    json!({
        "outcome": report["outcome"],
        "complete": report["complete"],
        "files_listed": report["files_listed"],
        "packages": each("packages", &package),
        "problems": each("problems", &|file, problem| {
            format!("{}:{} {} {}", word(&file["path"]), word(&problem["line"]), word(&problem["kind"]), word(&problem["message"]))
        }),
        "skipped": skipped.iter().map(|skip| format!("{} × {}: {}", skip["count"], word(&skip["what"]), skip["names"])).collect::<Vec<_>>(),
    })
}

fn package(file: &Value, package: &Value) -> String {
    let words = ["requirement", "scope", "relation", "license"].map(|field| word(&package[field]));
    let words: Vec<_> = words.into_iter().filter(|word| word != "-").collect();
    format!("{} {} ({}:{})", word(&package["purl"]), words.join(" "), word(&file["path"]), word(&package["line"]))
}

fn word(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn animals() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("repos");
    let mut found: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}
