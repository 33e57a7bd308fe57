//! Hostile repositories on disk: rows C and G of the catalogue of attacks that a local folder can hold.

#![expect(clippy::disallowed_methods, reason = "a test")]

use e2e::{Fumehood, Repo, cargo_lock};
use serde_json::Value;

fn skipped<'a>(report: &'a Value, what: &str) -> &'a Value {
    let all = report["skipped"].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().find(|entry| entry["what"].as_str().is_some_and(|name| name.contains(what))).unwrap_or(&Value::Null)
}

#[test]
fn c02_odd_names_are_named_and_the_rest_is_scanned() {
    use std::os::unix::ffi::OsStrExt as _;
    let repo = Repo::with_package("good").file("esc\u{1b}[31m/Cargo.lock", &cargo_lock("hidden"));
    let undecodable = repo.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    std::fs::create_dir(undecodable).unwrap();
    let scan = Fumehood::new().scan(&[&repo]).exits(0).outcome(0, "incomplete").packages(0, &["good"]);
    let report = scan.report(0);
    assert_eq!(skipped(&report, "odd name")["count"], 2, "{report:#}");
    assert!(!scan.stdout().contains('\u{1b}'));
}

#[test]
fn a02_c05_links_are_not_followed() {
    let outside = Repo::with_package("outside");
    let target = outside.path().display().to_string();
    let repo = Repo::with_package("good")
        .link("absolute", &target)
        .link("lock", &format!("{target}/Cargo.lock"))
        .link("dangling", "nowhere")
        .link("inner", "Cargo.lock");
    let scan = Fumehood::new().scan(&[&repo]).exits(0).outcome(0, "incomplete").packages(0, &["good"]);
    let report = scan.report(0);
    assert_eq!(skipped(&report, "outside")["count"], 3, "{report:#}");
    assert_eq!(skipped(&report, "inside the tree")["count"], 1, "{report:#}");
}

#[test]
fn a_lockfile_that_is_a_fifo_does_not_hang_the_scan() {
    let repo = Repo::with_package("good").fifo("go.mod");
    let scan = Fumehood::new().arg("--timeout=60s").scan(&[&repo]).exits(0).packages(0, &["good"]);
    assert_eq!(skipped(&scan.report(0), "special")["count"], 1);
}

#[test]
fn a_file_that_cannot_be_read_is_a_problem() {
    let repo = Repo::with_package("good").file("bad/Cargo.lock", "\u{0}\u{1}").file("latin/Cargo.lock", "x");
    std::fs::write(repo.path().join("latin/Cargo.lock"), b"name = \"caf\xe9\"").unwrap();
    let scan = Fumehood::new().scan(&[&repo]).exits(0).outcome(0, "incomplete").packages(0, &["good"]);
    let problems = scan.problems(0);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[1].contains("latin/Cargo.lock: cannot be read: it is not UTF-8"), "{problems:?}");
}

/// Root may read everything, so this shows itself to others only.
#[test]
fn a_file_without_read_permission_is_a_problem() {
    let repo = Repo::with_package("good").file("shut/Cargo.lock", &cargo_lock("shut")).mode("shut/Cargo.lock", 0);
    let scan = Fumehood::new().scan(&[&repo]).exits(0);
    if rustix::process::geteuid().is_root() {
        scan.packages(0, &["good", "shut"]);
    } else {
        let scan = scan.outcome(0, "incomplete").packages(0, &["good"]);
        assert!(scan.problems(0)[0].starts_with("shut/Cargo.lock: cannot be read"), "{:?}", scan.problems(0));
    }
}

#[test]
fn c07_a_tree_deeper_than_paths_can_be_ends_at_the_budget() {
    let repo = Repo::with_package("good").deep(2_500);
    let scan = Fumehood::new().scan(&[&repo]).exits(0).outcome(0, "incomplete").packages(0, &["good"]);
    assert_eq!(skipped(&scan.report(0), "budget")["count"], 1, "{:#}", scan.report(0));
}

#[test]
fn c08_a_wide_folder_is_listed_whole() {
    let mut repo = Repo::with_package("good");
    for number in 0..20_000 {
        repo = repo.file(&format!("wide/{number}"), "");
    }
    let scan = Fumehood::new().scan(&[&repo]).exits(0).outcome(0, "completed");
    assert_eq!(scan.report(0)["files_listed"], 20_001);
}

#[test]
fn g01_bombs_are_problems_of_their_own_file() {
    let deep_json = format!("{{\"packages\":{}", "[".repeat(200_000));
    let deep_toml = format!("x = {}", "[".repeat(200_000));
    let long_line = format!("version = 4\n# {}", "x".repeat(30_000_000));
    let repo = Repo::with_package("good")
        .file("deep-json/package-lock.json", &deep_json)
        .file("deep-toml/Cargo.lock", &deep_toml)
        .file("long-line/Cargo.lock", &long_line);
    let scan = Fumehood::new().scan(&[&repo]).exits(0).outcome(0, "incomplete").packages(0, &["good"]);
    let problems = scan.problems(0);
    assert_eq!(problems.len(), 2, "{problems:?}");
}

/// Each file explodes in a way of its own, beside a good one. Some are a problem, some are merely read; none costs another.
#[test]
fn g01_what_explodes_costs_only_itself() {
    let aliases: String = (1..40).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}, *a{0}]\n", n - 1)).collect();
    let entities: String = (1..40).map(|n| format!("<!ENTITY e{n} '&e{0};&e{0};&e{0};'>", n - 1)).collect();
    let nested_yaml = format!("packages:\n  {}", "- ".repeat(100_000));
    let bombs = [
        ("pnpm-lock.yaml", format!("lockfileVersion: '9.0'\na0: &a0 x\n{aliases}packages: *a39\n")),
        ("pubspec.lock", nested_yaml),
        (
            "pom.xml",
            format!("<!DOCTYPE p [<!ENTITY e0 'x'>{entities}]><project><artifactId>&e39;</artifactId></project>"),
        ),
        ("circle/pom.xml", circle()),
        ("deep/pom.xml", "<a>".repeat(200_000)),
        ("deps.edn", "{:a ".repeat(200_000)),
        ("mix.lock", "[".repeat(200_000)),
        ("flake.lock", "{\"nodes\":".repeat(200_000)),
        ("build.gradle", format!("dependencies {{ implementation {} }}", "(".repeat(200_000))),
        ("Gemfile.lock", format!("GEM\n  specs:\n    {} (1)\n", "x".repeat(10_000_000))),
        ("rebar.lock", "{".repeat(200_000)),
        ("setup.py", format!("install_requires = {}", "[".repeat(200_000))),
        ("app.py", format!("x = {}", "f(".repeat(200_000))),
        ("Package.resolved", "[".repeat(1_000_000)),
    ];
    let mut repo = Repo::with_package("good");
    for (path, content) in &bombs {
        repo = repo.file(path, content);
    }
    let scan = Fumehood::new().scan(&[&repo]).exits(0).outcome(0, "incomplete");
    let names: Vec<_> = scan.each_package(0).filter_map(|package| Some(package["name"].as_str()?.to_owned())).collect();
    assert!(names.iter().any(|name| name == "good"), "{names:?}");
    let problems = scan.problems(0);
    for bomb in ["pnpm-lock.yaml:", "pom.xml:", "deep/pom.xml:", "flake.lock:", "Package.resolved:"] {
        assert!(problems.iter().any(|problem| problem.starts_with(bomb)), "{bomb} {problems:#?}");
    }
}

/// Properties that need each other, and a project that is its own parent.
fn circle() -> String {
    "<project><parent><groupId>g</groupId><artifactId>a</artifactId><version>1</version>\
     <relativePath>pom.xml</relativePath></parent><groupId>g</groupId><artifactId>a</artifactId><version>1</version>\
     <properties><a>${b}${b}</a><b>${a}${a}</b></properties><dependencies><dependency><groupId>g</groupId>\
     <artifactId>needed</artifactId><version>${a}</version></dependency></dependencies></project>"
        .to_owned()
}

/// What is named with a path out of the root is not read, whoever names it.
#[test]
fn g01_nothing_outside_the_root_is_included() {
    let outside = Repo::new().file("secret.txt", "secret-package==1.0\n").file(
        "pom.xml",
        "<project><groupId>secret</groupId><artifactId>secret-package</artifactId><version>1</version></project>",
    );
    let up = format!("../{}", outside.path().file_name().unwrap().to_string_lossy());
    let repo = Repo::with_package("good")
        .file(
            "requirements.txt",
            &format!("-r {up}/secret.txt\n-r {}/secret.txt\n-c {up}/secret.txt\n", outside.path().display()),
        )
        .file(
            "pom.xml",
            &format!(
                "<project><parent><groupId>secret</groupId><artifactId>secret-package</artifactId><version>1</version>\
                 <relativePath>{up}/pom.xml</relativePath></parent><artifactId>ours</artifactId></project>"
            ),
        );
    let scan = Fumehood::new().scan(&[&repo]).exits(0).outcome(0, "incomplete");
    let versions: Vec<_> = scan.each_package(0).map(|package| package.to_string()).collect();
    assert!(
        !versions.iter().any(|package| package.contains("secret-package") && package.contains("1.0")),
        "{versions:#?}"
    );
}

/// Whatever would run something leaves a mark when it runs. None may be there afterwards.
#[test]
fn g02_nothing_of_a_repository_runs() {
    let mark = tempfile::tempdir().unwrap();
    let touch = format!("touch {}/ran", mark.path().display());
    let script = format!("#!/bin/sh\n{touch}\n");
    let python =
        format!("import os\nos.system('{touch}')\nfrom setuptools import setup\nsetup(name='x', version='1')\n");
    let mut repo = Repo::with_package("good")
        .file("setup.py", &python)
        .file("conftest.py", &python)
        .file("build.gradle", &format!("exec {{ commandLine '{touch}' }}\n"))
        .file("settings.gradle", "")
        .file("pom.xml", "<project><groupId>g</groupId><artifactId>a</artifactId><version>1</version></project>")
        .file(".npmrc", &format!("script-shell={}/ran\n", mark.path().display()))
        .file(
            "package.json",
            &format!("{{\"name\":\"x\",\"scripts\":{{\"preinstall\":\"{touch}\",\"prepare\":\"{touch}\"}}}}"),
        )
        .file(
            "build.rs",
            &format!("fn main() {{ std::process::Command::new(\"sh\").arg(\"-c\").arg(\"{touch}\").status(); }}"),
        )
        .file("Cargo.toml", "[package]\nname = \"x\"\nversion = \"1.0.0\"\nbuild = \"build.rs\"\n")
        .file("Gemfile", &format!("system '{touch}'\n"))
        .file("x.gemspec", &format!("system '{touch}'\n"))
        .file("mix.exs", &format!("System.cmd(\"sh\", [\"-c\", \"{touch}\"])\n"))
        .file("Package.swift", "// swift-tools-version:5.5\n")
        .file(".git/config", &format!("[core]\n\tfsmonitor = {touch}\n\tsshCommand = {touch}\n"));
    for name in ["gradlew", "mvnw", "configure", ".git/hooks/post-checkout", ".git/hooks/pre-commit", "rebar3", "sbt"] {
        repo = repo.file(name, &script).mode(name, 0o755);
    }
    let scan = Fumehood::new().scan(&[&repo]);
    let names: Vec<_> = scan.each_package(0).filter_map(|package| Some(package["name"].as_str()?.to_owned())).collect();
    assert!(names.iter().any(|name| name == "good"), "{names:?}");
    assert!(!mark.path().join("ran").exists(), "something ran");
}
