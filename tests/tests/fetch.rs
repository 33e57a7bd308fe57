//! Repositories fetched from git servers, groups from GitLab and organisations from GitHub.

#![expect(clippy::disallowed_methods, reason = "a test")]

use e2e::forge::{ForgeKind, Misbehaviour};
use e2e::{Finished, Forge, Fumehood, cargo_lock};

const TOKEN: &str = "a-token-of-one-test-0123456789";

fn scan(forge: &Forge, kind: ForgeKind, url: &str) -> Finished {
    Fumehood::new().config(forge.config(kind)).scan(&[&url])
}

/// How many packs were asked for.
fn packs(forge: &Forge) -> usize {
    forge
        .requests_for("/git-upload-pack")
        .iter()
        .filter(|seen| seen.method == "POST" && seen.sent_bytes() > 100)
        .count()
}

#[test]
fn a_repository_is_fetched_and_scanned() {
    let Some(forge) = Forge::start() else { return };
    forge.repository("acme/tools/lint", |repo| {
        repo.package("lint").file("sub/deep/Cargo.lock", cargo_lock("deep")).file("src/main.rs", "fn main() {}\n")
    });
    let scan = scan(&forge, ForgeKind::Git, &forge.url("acme/tools/lint"));
    let scan = scan.exits(0).outcome(0, "completed").complete(0, true).packages(0, &["lint", "deep"]);
    assert_eq!(scan.report(0)["files_listed"], 3);
    assert_eq!(scan.report(0)["commit"], forge.head("acme/tools/lint"));
    assert_eq!(scan.report(0)["repo_name"], format!("{}/acme/tools/lint", forge.host()));
    assert_eq!(packs(&forge), 1);
}

#[test]
fn branches_tags_and_commits_are_named_behind_a_hash() {
    let Some(forge) = Forge::start() else { return };
    forge.repository("acme/a", |repo| repo.package("first").tag("v1").branch("old/one"));
    let first = forge.head("acme/a");
    forge.repository("acme/a", |repo| repo.package("second").annotated_tag("v2").commit().package("third"));
    let names = ["", "#v1", "#old/one", "#v2", "#main", "#refs/tags/v1", &format!("#{first}")];
    let urls = names.map(|name| format!("{}{name}", forge.url("acme/a")));
    let sources: Vec<&dyn AsRef<std::path::Path>> = urls.iter().map(|url| url as _).collect();
    let scan = Fumehood::new().config(forge.config(ForgeKind::Git)).scan(&sources).exits(0);
    let found = ["third", "first", "first", "second", "third", "first", "first"];
    found.iter().enumerate().fold(scan, |scan, (index, package)| scan.packages(index, &[package]));
}

#[test]
fn what_is_not_there_fails_as_that() {
    let Some(forge) = Forge::start() else { return };
    forge.repository("acme/a", |repo| repo.package("a")).empty("acme/empty");
    let urls = [format!("{}#nowhere", forge.url("acme/a")), forge.url("acme/none"), forge.url("acme/empty")];
    let scan = Fumehood::new().config(forge.config(ForgeKind::Git)).scan(&[&urls[0], &urls[1], &urls[2]]).exits(2);
    let scan = scan.outcome(0, "fetch_failed").error_says(0, "nowhere");
    scan.outcome(1, "fetch_failed")
        .error_says(1, "does not exist")
        .outcome(2, "fetch_failed")
        .error_says(2, "no commit");
}

#[test]
fn a_group_of_fifty_expands_and_is_scanned() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 20).repositories("acme/tools", 20).repositories("acme/tools/deep", 10);
    forge.repositories("other", 2);
    let scan = scan(&forge, ForgeKind::GitLab, &forge.group_url("acme")).exits(0);
    assert_eq!(scan.json()["reports"].as_array().map(Vec::len), Some(50));
    for index in 0..50 {
        let report = scan.report(index);
        let name = report["repo_name"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        assert_eq!((&report["outcome"], &report["complete"]), (&"completed".into(), &true.into()), "{report:#}");
        let packages: Vec<_> = scan.each_package(index).map(|package| package["name"].clone()).collect();
        assert_eq!(packages, [name]);
    }
    assert_eq!(packs(&forge), 50);
}

#[test]
fn a_group_is_listed_page_by_page() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 205);
    let scan = Fumehood::new().config(forge.config(ForgeKind::GitLab)).arg("--include=acme/repo-2??");
    let scan = scan.scan(&[&forge.group_url("acme")]).exits(0).says("200 not included");
    assert_eq!(scan.outcomes().len(), 5);
    assert_eq!(forge.requests_for("/projects?").len(), 3);
}

#[test]
fn a_group_is_filtered() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme/sub", 2).archived("acme/old").fork("acme/copy").empty("acme/empty");
    let names = |arguments: &[&str]| {
        let scan = arguments.iter().fold(Fumehood::new(), |scan, argument| scan.arg(argument));
        let scan = scan.config(forge.config(ForgeKind::GitLab)).scan(&[&forge.group_url("acme")]).exits(0);
        let mut names: Vec<String> = scan.outcomes().into_iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(names(&[]), ["copy", "old", "repo-00", "repo-01"]);
    assert_eq!(names(&["--no-archived", "--no-forks"]), ["repo-00", "repo-01"]);
    assert_eq!(names(&["--include=acme/sub/*", "--exclude=**/repo-00"]), ["repo-01"]);
    assert_eq!(names(&["--include=acme/*"]), ["copy", "old"]);
}

#[test]
fn an_organisation_and_a_person_of_github_expand() {
    let Some(forge) = Forge::start() else { return };
    forge.person("dana").repositories("acme", 3).repositories("dana", 2).archived("acme/old").fork("acme/copy");
    let organisation = scan(&forge, ForgeKind::GitHub, &forge.group_url("acme")).exits(0);
    assert_eq!(organisation.outcomes().len(), 5);
    let person = Fumehood::new().config(forge.config(ForgeKind::GitHub)).arg("--no-forks");
    assert_eq!(person.scan(&[&forge.group_url("dana")]).exits(0).outcomes().len(), 2);
    let one = scan(&forge, ForgeKind::GitHub, &forge.group_url("acme/old")).exits(0);
    one.outcome(0, "completed").packages(0, &["old"]);
}

#[test]
fn a_person_and_a_project_of_gitlab_expand() {
    let Some(forge) = Forge::start() else { return };
    forge.person("dana").repositories("dana", 3).repositories("acme/sub", 2);
    assert_eq!(scan(&forge, ForgeKind::GitLab, &forge.group_url("dana")).exits(0).outcomes().len(), 3);
    let project = scan(&forge, ForgeKind::GitLab, &forge.group_url("acme/sub/repo-01")).exits(0);
    project.packages(0, &["repo-01"]);
    assert_eq!(scan(&forge, ForgeKind::GitLab, &forge.group_url("acme/sub")).exits(0).outcomes().len(), 2);
}

#[test]
fn sources_stand_in_a_file() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 3);
    let list = tempfile::NamedTempFile::new().unwrap();
    let lines = [&forge.url("acme/repo-00"), "# no", "", &forge.url("acme/repo-02"), &forge.url("acme/repo-00")];
    std::fs::write(list.path(), lines.join("\n")).unwrap();
    let scan = Fumehood::new().config(forge.config(ForgeKind::Git)).arg(&format!("--from={}", list.path().display()));
    let scan = scan.scan(&[]).exits(0);
    assert_eq!(scan.outcomes().len(), 2, "each once: {:?}", scan.outcomes());
}

#[test]
fn a_rate_limit_is_waited_for() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 3);
    for (kind, api) in [(ForgeKind::GitLab, "/api/v4/"), (ForgeKind::GitHub, "/api/v3/")] {
        forge.misbehave_times(1, api, Misbehaviour::RateLimit);
        let scan = scan(&forge, kind, &forge.group_url("acme")).exits(0);
        assert_eq!(scan.outcomes().len(), 3);
        assert_eq!(forge.requests_for(api).len(), 2, "one that was refused, one that was not");
    }
}

#[test]
fn a_rate_limit_of_a_day_is_not_waited_for() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 1).misbehave("/api/", Misbehaviour::RateLimitFor(86_400));
    for kind in [ForgeKind::GitLab, ForgeKind::GitHub] {
        scan(&forge, kind, &forge.group_url("acme")).exits(64).says("limits its rate");
    }
}

#[test]
fn trouble_that_passes_is_waited_for_and_other_trouble_is_said() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 2).misbehave_times(2, "/api/", Misbehaviour::Status(500));
    assert_eq!(scan(&forge, ForgeKind::GitLab, &forge.group_url("acme")).exits(0).outcomes().len(), 2);
    forge.behave().misbehave("/api/", Misbehaviour::Status(503));
    scan(&forge, ForgeKind::GitLab, &forge.group_url("acme")).exits(64).says("status 503");
    forge.behave().misbehave("/api/", Misbehaviour::InvalidJson);
    scan(&forge, ForgeKind::GitLab, &forge.group_url("acme")).exits(64).says("does not answer as its API should");
    forge.behave().misbehave("info/refs", Misbehaviour::Status(500));
    scan(&forge, ForgeKind::Git, &forge.url("acme/repo-00")).exits(2).outcome(0, "fetch_failed").error_says(0, "500");
    forge.behave();
    scan(&forge, ForgeKind::GitLab, &forge.group_url("nobody")).exits(64).says("has no group");
}

#[test]
fn a_private_repository_is_fetched_with_its_token_and_fails_without() {
    let Some(forge) = Forge::start() else { return };
    forge.private("acme/secret", TOKEN).repository("acme/open", |repo| repo.package("open"));
    let without = scan(&forge, ForgeKind::GitLab, &forge.url("acme/secret")).exits(2);
    without.outcome(0, "fetch_failed").error_says(0, "private").error_says(0, "token");
    assert_eq!(scan(&forge, ForgeKind::GitLab, &forge.group_url("acme")).exits(0).outcomes().len(), 1);

    forge.with_token("not-this-one");
    let wrong = scan(&forge, ForgeKind::GitLab, &forge.url("acme/secret")).exits(2);
    wrong.outcome(0, "fetch_failed").error_says(0, "the token was not accepted");
    scan(&forge, ForgeKind::GitLab, &forge.group_url("acme")).exits(64).says("the token was not accepted");

    forge.with_token(TOKEN);
    scan(&forge, ForgeKind::GitLab, &forge.url("acme/secret")).exits(0).packages(0, &["secret"]);
    for kind in [ForgeKind::GitLab, ForgeKind::GitHub] {
        assert_eq!(scan(&forge, kind, &forge.group_url("acme")).exits(0).outcomes().len(), 2);
    }
}

#[test]
fn a_repository_that_fails_does_not_keep_the_others() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 4).misbehave("repo-02.git", Misbehaviour::Close);
    let scan = scan(&forge, ForgeKind::GitLab, &forge.group_url("acme")).exits(2);
    let failed: Vec<_> = scan.outcomes().into_iter().filter(|(_, outcome)| outcome != "completed").collect();
    assert_eq!(failed, [("repo-02".to_owned(), "fetch_failed".to_owned())]);
}

#[test]
fn fetching_shows_in_the_status() {
    let Some(forge) = Forge::start() else { return };
    forge.repository("acme/a", |repo| repo.package("a")).misbehave("acme/a", Misbehaviour::EndlessPack);
    let scan = Fumehood::new().config(forge.config(ForgeKind::Git)).arg("--status-interval=20ms").arg("--timeout=20s");
    let running = scan.start(&[&forge.url("acme/a")]).until("started").until_state(0, "cloning");
    let status = running.job().join("repo_0.json");
    let counts = || std::fs::read_to_string(&status).is_ok_and(|text| text.contains("objects"));
    assert!(e2e::soon(std::time::Duration::from_secs(15), counts), "{}", std::fs::read_to_string(&status).unwrap());
}

#[test]
fn what_was_scanned_is_not_fetched_again() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 2);
    let cache = tempfile::tempdir().unwrap();
    let scan = || {
        let scan = Fumehood::new().config(forge.config(ForgeKind::GitLab));
        scan.arg(&format!("--cache={}", cache.path().display())).scan(&[&forge.group_url("acme")]).exits(0)
    };
    let first = scan();
    assert_eq!((packs(&forge), &first.report(0)["reused"]), (2, &false.into()));
    let second = scan().packages(0, &["repo-00"]).packages(1, &["repo-01"]).complete(0, true);
    assert_eq!((packs(&forge), &second.report(0)["reused"]), (2, &true.into()));
    forge.repository("acme/repo-01", |repo| repo.package("changed"));
    scan().packages(0, &["repo-00"]).packages(1, &["changed"]);
    assert_eq!(packs(&forge), 3);
}

#[test]
fn scans_at_the_same_time_share_a_cache() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 8);
    let cache = tempfile::tempdir().unwrap();
    let start = || {
        let scan = Fumehood::new().config(forge.config(ForgeKind::GitLab)).arg("--jobs=4");
        scan.arg(&format!("--cache={}", cache.path().display())).start(&[&forge.group_url("acme")])
    };
    let running = [start(), start(), start()];
    for scan in running {
        let scan = scan.wait().exits(0);
        (0..8).fold(scan, |scan, index| scan.packages(index, &[&format!("repo-{index:02}")]));
    }
}
