//! A large repository, which several sandboxes of one worker share.

#![expect(clippy::disallowed_methods, reason = "tests touch files on their own")]

use std::fs;

use e2e::forge::ForgeKind;
use e2e::{Finished, Forge, Fumehood, Repo};

/// More than [`fumehood::limits::SHARED_FILES_MIN`], and not a multiple of what sandboxes take at once.
const FILES: usize = 700;

/// So many sources, each with calls of its own, some of which are too large to be read.
fn sources() -> impl Iterator<Item = (String, String)> {
    (0..FILES).map(|number| {
        let text = match number % 100 {
            7 => "x = 'https://a.example'\n\u{feff}".repeat(60_000),
            _ => format!("import requests\nrequests.get('https://api.example/{number}')\n").repeat(1 + number % 3),
        };
        (format!("src/{}/m{number}.py", number % 7), text)
    })
}

fn large(repo: Repo) -> Repo {
    sources().fold(repo, |repo, (path, text)| repo.file(&path, &text))
}

fn report(scan: &Finished) -> String {
    fs::read_to_string(scan.job().join("repos/0/a1/status/report.jsonl")).unwrap()
}

#[test]
fn the_report_is_the_same_however_many_share_the_files() {
    let repo = large(Repo::with_package("left-pad"));
    let scan = |sandboxes: u32| Fumehood::new().arg(&format!("--sandboxes={sandboxes}")).scan(&[&repo]);
    let alone = scan(1);
    assert_eq!(report(&alone).matches("over_limit").count(), FILES / 100);
    assert_eq!(alone.file("repo_0.json")["api_calls_found"], 1385);
    for sandboxes in [2, 3, 8] {
        let shared = scan(sandboxes);
        assert_eq!(report(&shared), report(&alone), "{sandboxes} sandboxes");
        let status = shared.file("repo_0.json");
        assert_eq!((&status["status"], &status["api_calls_found"]), (&"completed".into(), &1385.into()));
        let left: Vec<_> = fs::read_dir(shared.job().join("repos/0/a1/status")).unwrap().collect();
        assert_eq!(left.len(), 2, "no part is left over: {left:?}");
    }
}

/// The threads were there when it was fetched, and each has given up what the first has.
#[test]
fn what_was_fetched_is_shared_as_well() {
    let Some(forge) = Forge::start() else { return };
    forge.repository("acme/large", |repo| sources().fold(repo, |repo, (path, text)| repo.file(&path, text)));
    forge.repository("acme/count", |repo| {
        let repo = repo.file("attack/shards-count", "");
        sources().fold(repo, |repo, (path, _)| repo.file(&path, ""))
    });
    let config = forge.config(ForgeKind::Git);
    let scan = |sandboxes: u32| {
        let fumehood = Fumehood::new().config(&config).arg(&format!("--sandboxes={sandboxes}"));
        fumehood.scan(&[&forge.url("acme/large")])
    };
    assert_eq!(report(&scan(3)), report(&scan(1)));
    let counted = hostile().config(&config).scan(&[&forge.url("acme/count")]).exits(0);
    assert_eq!(counted.problems(0), ["attack: 3 sandboxes took 300 numbers"]);
}

fn hostile() -> Fumehood {
    Fumehood::new().hostile().arg("--sandboxes=3").arg("--fuel=3000000000")
}

fn attacked(name: &str) -> Finished {
    hostile().scan(&[&large(Repo::attack(name))])
}

#[test]
fn they_share_what_is_to_be_done() {
    assert_eq!(attacked("shards-count").exits(0).problems(0), ["attack: 3 sandboxes took 300 numbers"]);
    let small = hostile().scan(&[&Repo::attack("shards-count")]);
    assert_eq!(small.exits(0).problems(0), ["attack: 1 sandboxes took 100 numbers"]);
}

#[test]
fn a09_together_they_burn_the_fuel_of_one() {
    attacked("shards-spin").exits(2).outcome(0, "out_of_fuel").error_says(0, "see --fuel");
}

#[test]
fn a10_together_they_have_the_memory_of_one() {
    let scan = hostile().arg("--memory=64").scan(&[&large(Repo::attack("shards-grow"))]);
    scan.exits(2).outcome(0, "out_of_memory").error_says(0, "see --memory");
}

#[test]
fn one_that_traps_ends_the_scan() {
    attacked("shards-panic").exits(2).outcome(0, "trapped");
}

#[test]
fn what_the_others_do_does_not_keep_the_first() {
    attacked("shards-leave").exits(0);
}

#[test]
fn a_report_that_several_wrote_is_none() {
    attacked("shards-quarrel").exits(2).outcome(0, "protocol_violation");
}
