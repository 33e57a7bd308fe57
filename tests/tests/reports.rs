//! Reports as others read them: every format, twice the same, valid, and a page that is safe in a browser.

#![expect(clippy::disallowed_methods, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::{Finished, Fumehood, Repo};
use serde_json::Value;
use tempfile::TempDir;

const IMAGE: &str = "<img src=x onerror=alert(1)>";

/// Every format that can be written to the same bytes again, with the end of its files' names.
const FORMATS: [(&str, &str); 7] = [
    ("cyclonedx", "cdx.json"),
    ("spdx", "spdx.json"),
    ("sarif", "sarif"),
    ("junit", "xml"),
    ("markdown", "md"),
    ("csv", "csv"),
    ("html", "html"),
];

/// Names that mean something to a terminal, a browser, a spreadsheet, a forge or a URL.
fn hostile() -> Repo {
    let names = [
        IMAGE,
        "</script><script>window.hacked=1</script>",
        "=HYPERLINK(0)",
        "@mention/x",
        "a|b`c",
        "[x](https://evil.example)",
        "a'b&c;d",
        "ü 日本",
        "100% #?",
    ];
    let lock = lock(&names.map(|name| (name, "1.0.0")));
    let json = serde_json::json!({
        "name": "web", "version": "1.0.0", "lockfileVersion": 3,
        "packages": {
            "": { "name": "web", "dependencies": { "left-pad": "1", "gpl": "2", "odd": "3" } },
            "node_modules/left-pad": { "version": "1.3.0", "license": "WTFPL" },
            "node_modules/gpl": { "version": "2.0.0", "license": "GPL-3.0-only", "dependencies": { "odd": "3" },
                "integrity": "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==" },
            "node_modules/odd": { "version": "3.0.0", "license": "see <LICENSE> & \"more\"", "dev": true },
        }
    });
    Repo::new()
        .file("Cargo.lock", &lock)
        .file("web dir/#1/package-lock.json", &serde_json::to_string_pretty(&json).unwrap())
        .file("cut/Cargo.lock", "version = 4\n[[package]]\nname = \"cut")
}

/// A lockfile that names these packages in these versions.
fn lock(packages: &[(&str, &str)]) -> String {
    let package = |(name, version): &(&str, &str)| {
        format!(
            "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"registry+https://index.crates.example/\"\n"
        )
    };
    format!("version = 4\n{}", packages.iter().map(package).collect::<String>())
}

fn policy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/strict.yaml")
}

/// The cases, all of which every format must be able to tell of.
fn cases() -> Vec<(&'static str, Vec<Repo>, bool)> {
    vec![
        ("hostile", vec![hostile()], true),
        ("no-policy", vec![hostile()], false),
        ("empty", vec![Repo::new()], true),
        ("several", vec![hostile(), Repo::with_package("serde"), Repo::new()], true),
        ("failed", vec![Repo::attack("spin"), Repo::with_package("x")], false),
    ]
}

fn scan(repos: &[Repo], with_policy: bool, format: &'static str, output: &Path) -> Finished {
    let mut fumehood = Fumehood::new().format(format).arg(&format!("--output={}", output.display()));
    fumehood = fumehood.env("SOURCE_DATE_EPOCH", "1700000000");
    if with_policy {
        fumehood = fumehood.arg(&format!("--policy={}", policy().display()));
    }
    if repos[0].path().join("attack").exists() {
        fumehood = fumehood.hostile().arg("--fuel=1000000");
    }
    let paths: Vec<&dyn AsRef<Path>> = repos.iter().map(|repo| repo as &dyn AsRef<Path>).collect();
    fumehood.scan(&paths)
}

#[test]
fn every_format_is_valid_and_the_same_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut to_validate = Vec::new();
    for (case, repos, with_policy) in cases() {
        for (format, ending) in FORMATS {
            let path = folder.path().join(format!("{case}.{ending}"));
            scan(&repos, with_policy, format, &path);
            let first = fs::read(&path).unwrap_or_else(|error| panic!("{case} as {format}: {error}"));
            scan(&repos, with_policy, format, &path);
            assert!(first == fs::read(&path).unwrap(), "{case} as {format} is not the same twice");
            if !["markdown", "html"].contains(&format) {
                to_validate.push(path);
            }
        }
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/validate-reports");
    let output = Command::new(script).arg(e2e::binary()).args(&to_validate).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{said}");
    assert!(output.status.success(), "{said}");
}

#[test]
fn findings_and_problems_stand_at_their_lines() {
    let repo = [hostile()];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.sarif");
    scan(&repo, true, "sarif", &path).exits(1);
    let log = json(&path);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let of_rule = |rule: &str| results.iter().find(|result| result["ruleId"] == rule).unwrap_or(&Value::Null);
    let copyleft = of_rule("restricted/Strong copyleft");
    assert_eq!(copyleft["level"], "error", "{results:#?}");
    let place = &copyleft["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "web%20dir/%231/package-lock.json");
    assert!(place["region"]["startLine"].as_u64().unwrap() > 1);
    let excepted = of_rule("restricted/Old frameworks");
    assert_eq!(excepted["suppressions"][0]["justification"], "until the new front end is there (until 2999-12-31)");
    let problem = of_rule("problem/unparsable");
    assert_eq!(
        (&problem["level"], &problem["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]),
        (&Value::from("note"), &Value::from("cut/Cargo.lock"))
    );
}

#[test]
fn the_page_is_filled_sorts_and_runs_nothing_of_others() {
    let script = |name| Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts").join(name);
    let found = Command::new(script("chromium")).output().unwrap();
    let python = Command::new("python3").arg("--version").output();
    if !found.status.success() || python.is_err() {
        println!("skipped: needs Chromium and python3");
        return;
    }
    let chromium = String::from_utf8(found.stdout).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    scan(&[hostile(), Repo::with_package("serde")], true, "html", &page).exits(1);
    let output = Command::new("python3")
        .arg("-B")
        .arg(script("check-page.py"))
        .arg(chromium.trim())
        .arg(&page)
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<&str> = seen["names"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(names.contains(&IMAGE), "{names:?}");
    assert_eq!(seen["requests"], serde_json::json!([]));
    assert!(seen["rows"]["findings"].as_u64().unwrap() >= 2 && seen["rows"]["problems"].as_u64().unwrap() >= 1);
}

#[test]
fn spreadsheets_and_forges_get_text() {
    let repo = [hostile()];
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("x.csv");
    scan(&repo, false, "csv", &csv).exits(0);
    let text = fs::read_to_string(&csv).unwrap();
    assert!(text.contains(",\"'=HYPERLINK(0)\",") && text.contains(",\"'@mention/x\","), "{text}");
    let markdown = folder.path().join("x.md");
    scan(&repo, false, "markdown", &markdown).exits(0);
    let text = fs::read_to_string(&markdown).unwrap();
    assert!(text.contains("| `<img src=x onerror=alert(1)>` |"), "{text}");
    assert!(text.contains("| `[x](https://evil.example)` |") && text.contains("| `@mention/x` |"), "{text}");
    assert!(text.contains("<code>a&#124;b&#96;c</code>"), "{text}");
}

#[test]
fn a_policy_is_the_users_and_not_the_repositorys() {
    let restricting = "categories:\n  Bad:\n    status: restricted\n    dependencies: [left-pad]\n";
    let repo = Repo::with_package("left-pad").file("fumehood.yaml", "categories: {}\n");
    let here = Repo::new().file("fumehood.yaml", restricting);
    // Where the command runs.
    let scan = Fumehood::new().inside(&here).scan(&[&repo]).exits(1);
    assert_eq!(scan.json()["policy"]["status"], "restricted");
    assert_eq!(scan.json()["policy"]["categories"][0]["present"], true);
    assert_eq!(scan.report(0)["policy"]["findings"][0]["file"], "Cargo.lock");
    // Not where the repository lies, though the command runs there; unless it is named.
    let own = Repo::with_package("left-pad").file("fumehood.yaml", restricting);
    let scan = Fumehood::new().inside(&own).scan(&[&own]).exits(0).says("does not judge itself");
    assert_eq!(scan.json()["policy"], Value::Null);
    Fumehood::new().inside(&own).arg("--policy=fumehood.yaml").scan(&[&own]).exits(1);
    // No link leads there either.
    let linked = Repo::new().link("fumehood.yaml", own.path().join("fumehood.yaml").to_str().unwrap());
    Fumehood::new().inside(&linked).scan(&[&own]).exits(0);
    // One that is wrong stops the scan before it starts.
    let wrong = Repo::new().file("p.yaml", "categories:\n  A:\n    status: allowed\n    licences: [MIT]\n");
    let wrong = wrong.path().join("p.yaml");
    let scan = Fumehood::new().arg(&format!("--policy={}", wrong.display())).scan(&[&repo]).exits(64);
    assert!(scan.stderr().contains("p.yaml:4:"), "{}", scan.stderr());
}

#[test]
fn policies_are_checked_and_their_schema_is_printed() {
    let run = |args: &[&str]| {
        let output = Command::new(e2e::binary()).arg("policy").args(args).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = run(&["check", policy().to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("5 categories, 2 exceptions") && said.contains("over since 2020-03-31"), "{said}");
    let (code, schema) = run(&["schema"]);
    assert_eq!(code, Some(0));
    let schema: Value = serde_json::from_str(&schema).unwrap();
    assert_eq!(schema["properties"]["version"]["const"], 1);
    let bad = Repo::new().file("p.yaml", "version: 1\ncategories:\n  A:\n    status: restricted\n    licenses: ['']\n");
    let (code, said) = run(&["check", bad.path().join("p.yaml").to_str().unwrap()]);
    assert_eq!(code, Some(64));
    assert!(said.contains("p.yaml:5:16: the pattern is empty"), "{said}");
}

#[test]
fn two_reports_are_compared() {
    let folder: TempDir = tempfile::tempdir().unwrap();
    let report = |file: &str, packages: &[(&str, &str)]| {
        let path = folder.path().join(file);
        let repo = [Repo::new().file("Cargo.lock", &lock(packages))];
        scan(&repo, true, "json", &path);
        path
    };
    let before = report("a.json", &[("gone", "1.0.0"), ("up", "1.9.0")]);
    let after = report("b.json", &[("left-padx", "1.0.0"), ("up", "1.10.0"), ("sinatra", "4.0.0")]);
    let diff = |format: &str, files: [&Path; 2]| {
        let output = Command::new(e2e::binary()).arg("diff").args(files).args(["--format", format]).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, table, _) = diff("table", [&before, &after]);
    assert!(table.contains("NEWLY RESTRICTED: sinatra 4.0.0 (Old frameworks)"), "{table}");
    assert!(table.contains("2 added, 1 removed, 1 upgraded, 1 newly restricted"), "{table}");
    assert_eq!(code, Some(1));
    let (_, text, _) = diff("json", [&before, &after]);
    let parsed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(parsed["summary"]["upgraded"], 1, "{text}");
    let (code, markdown, _) = diff("markdown", [&after, &before]);
    assert!(markdown.contains("| `up` | downgraded | `1.10.0` | `1.9.0` |"), "{markdown}");
    assert_eq!(code, Some(0));
    let (code, _, said) = diff("table", [&before, &folder.path().join("none.json")]);
    assert!(code == Some(64) && said.contains("cannot read the report"), "{said}");
    let (code, _, said) = diff("table", [&before, &policy()]);
    assert!(code == Some(64) && said.contains("is no report"), "{said}");
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}
