//! Do the servers misbehave as they are told to? As curl and git see them.

#![expect(clippy::disallowed_methods, reason = "a test")]

use std::io::Read as _;
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use e2e::Forge;
use e2e::forge::{Canary, Misbehaviour};
use serde_json::Value;

#[test]
fn rates_are_limited_as_each_forge_does() {
    let Some(forge) = Forge::start() else { return };
    forge.group("acme").misbehave_times(1, "/api/v4", Misbehaviour::RateLimit).misbehave_times(
        2,
        "/api/v3",
        Misbehaviour::RateLimit,
    );
    let Some(limited) = forge.curl("/api/v4/groups/acme", &[]) else { return };
    assert_eq!((limited.status, limited.header("retry-after")), (429, Some("1")));
    let get = |path: &str| forge.curl(path, &[]).unwrap();
    assert_eq!(get("/api/v4/groups/acme").status, 200);
    let limited = get("/api/v3/orgs/acme");
    assert_eq!((limited.status, limited.header("x-ratelimit-remaining")), (403, Some("0")));
    assert!(limited.header("x-ratelimit-reset").unwrap().parse::<u64>().unwrap() > 1_700_000_000);
    assert_eq!((get("/api/v3/orgs/acme").status, get("/api/v3/orgs/acme").status), (403, 200));
}

#[test]
fn redirects_and_links_lead_where_they_are_told_to() {
    let Some(forge) = Forge::start() else { return };
    let canary = Canary::new();
    let other = forge.neighbour();
    forge.repositories("acme", 3);
    other.repositories("acme", 1);
    let list = "/api/v4/groups/acme/projects?per_page=2";
    forge.misbehave_times(1, "/api/", Misbehaviour::Redirect(307, forge.moved()));
    let Some(moved) = forge.curl(list, &["--location"]) else { return };
    assert_eq!((moved.status, moved.texts("path").len()), (200, 2));
    canary.stays_silent();

    let get = |path: &str, args: &[&str]| forge.curl(path, args).unwrap();
    forge.misbehave_times(1, "/api/", Misbehaviour::Redirect(302, other.origin().to_owned()));
    assert_eq!(get(list, &["--location"]).texts("path").len(), 1);
    forge.misbehave_times(1, "/api/", Misbehaviour::Redirect(301, canary.origin()));
    assert_eq!(get(list, &["--location"]).body, "[]");
    assert_eq!(canary.requests()[0].target, list);

    forge.misbehave_times(1, "/api/", Misbehaviour::NextPageAt(canary.origin()));
    assert!(get(list, &[]).next().unwrap().starts_with(&canary.origin()));
    forge.misbehave_times(1, "/api/", Misbehaviour::CloneUrlsAt(canary.origin()));
    assert_eq!(get(list, &[]).texts("http_url_to_repo")[0], format!("{}/acme/repo-02.git", canary.origin()));
    forge.misbehave_times(1, "/api/", Misbehaviour::EndlessPages);
    assert!(get(&format!("{list}&page=1000"), &[]).next().unwrap().contains("page=1001"));
    assert_eq!(get(list, &[]).texts("path").len(), 2);

    forge.misbehave("acme/repo-00", Misbehaviour::Redirect(301, forge.moved()));
    assert!(forge.git().args(["ls-remote", &forge.url("acme/repo-00")]).output().unwrap().status.success());
}

/// Curl gives up after a while or a size; without that it would never end.
#[test]
fn what_never_ends_goes_on_until_the_client_leaves() {
    let Some(forge) = Forge::start() else { return };
    forge.repository("acme/a", |repo| repo.package("a"));
    let refs = "/acme/a.git/info/refs?service=git-upload-pack";
    let cases = [
        ("/api/v4/groups/acme", Misbehaviour::EndlessJson, 10_000_000),
        (refs, Misbehaviour::EndlessRefs, 10_000_000),
        ("/api/v4/groups/acme", Misbehaviour::SlowBody, 5),
        (refs, Misbehaviour::SlowBody, 5),
        ("/api/v4/groups/acme", Misbehaviour::SlowHeaders, 0),
    ];
    for (url, what, at_least) in cases {
        forge.behave().misbehave("/", what.clone());
        let Some(_cut) = forge.curl(url, &["--max-time", "1", "--max-filesize", "20000000", "-o", "/dev/null"]) else {
            return;
        };
        let sent = forge.requests().last().unwrap().sent_bytes();
        assert!(sent >= at_least, "{what:?}: {sent} bytes");
    }
    let get = |path: &str| forge.curl(path, &[]).unwrap();
    forge.behave().misbehave("/", Misbehaviour::Close);
    assert_eq!(get("/api/v4/groups/acme").status, 0);
    forge.behave().misbehave("/", Misbehaviour::InvalidJson);
    assert!(serde_json::from_str::<Value>(&get("/api/v4/groups/acme").body).is_err());
    forge.behave().misbehave_times(2, "/", Misbehaviour::Status(500));
    let statuses = [(); 3].map(|()| get("/api/v4/groups/acme").status);
    assert_eq!(statuses, [500, 500, 200]);
}

/// Git takes the endless pack for a pack: it goes on reading until it is killed.
#[test]
fn an_endless_pack_is_one_that_git_reads() {
    let Some(forge) = Forge::start() else { return };
    forge.repository("acme/a", |repo| repo.package("a"));
    for what in [Misbehaviour::EndlessPack, Misbehaviour::EndlessProgress] {
        forge.behave().misbehave("acme/a", what.clone());
        for depth in [&["--depth=1"] as &[&str], &[]] {
            let folder = tempfile::tempdir().unwrap();
            let before = forge.requests().len();
            let mut cloning = forge
                .git()
                .args(["clone", "--quiet"])
                .args(depth)
                .arg(forge.url("acme/a"))
                .arg(folder.path().join("clone"))
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let read_much = || forge.requests()[before..].iter().any(|seen| seen.sent_bytes() > 20_000_000);
            let going_on = e2e::soon(Duration::from_secs(60), read_much);
            assert!(cloning.try_wait().unwrap().is_none(), "{what:?} {depth:?}: git has given up");
            cloning.kill().unwrap();
            cloning.wait().unwrap();
            assert!(going_on, "{what:?} {depth:?}");
        }
    }
}

/// What says nothing and leaves at once is seen too.
#[test]
fn every_connection_is_counted() {
    let Some(forge) = Forge::start() else { return };
    let canary = Canary::new();
    assert_eq!((forge.connections(), canary.connections()), (0, 0));
    for host in [forge.host(), canary.host(), canary.host()] {
        TcpStream::connect(host.replace("localhost", "127.0.0.1")).unwrap();
    }
    assert_eq!((forge.connections(), canary.connections()), (1, 2));
    assert!(forge.requests().is_empty() && canary.requests().is_empty());
}

/// A connection that waits, one that trickles and one that never ends are no reason to stay.
#[test]
fn a_forge_that_is_dropped_ends_its_connections() {
    let Some(forge) = Forge::start() else { return };
    forge.misbehave("slow", Misbehaviour::SlowHeaders).misbehave("endless", Misbehaviour::EndlessJson);
    let silent = TcpStream::connect(forge.host().replace("localhost", "127.0.0.1")).unwrap();
    let ask = |path: &str| {
        let url = format!("{}/{path}", forge.origin());
        let mut curl = Command::new("curl");
        curl.args(["--disable", "--silent", "--noproxy", "*", "--cacert"]);
        curl.arg(forge.ca_file()).arg(url).stdout(Stdio::null()).spawn()
    };
    let (Ok(mut slow), Ok(mut endless)) = (ask("slow"), ask("endless")) else { return };
    assert!(e2e::soon(Duration::from_secs(30), || forge.requests().len() == 2));
    drop(forge);
    assert_eq!((&silent).read(&mut [0]).unwrap_or(0), 0, "it is closed");
    // Both end, whatever curl makes of it.
    let _cut = (slow.wait().unwrap(), endless.wait().unwrap());
}
