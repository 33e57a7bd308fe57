//! Rows C11 to C13, D05 and D08 of the catalogue of attacks: servers that never end, trickle, or lead away.

use std::time::Duration;

use e2e::forge::{Canary, ForgeKind, Misbehaviour};
use e2e::{Finished, Forge, Fumehood};

const TOKEN: &str = "a-token-of-one-test-0123456789";
const MIB: u64 = 1024 * 1024;

/// A forge that misbehaves with one repository of two.
fn forge_with(what: Misbehaviour) -> Option<Forge> {
    let forge = Forge::start()?;
    forge.repository("acme/good", |repo| repo.package("good")).repository("acme/evil", |repo| repo.package("evil"));
    forge.misbehave("acme/evil.git", what);
    Some(forge)
}

/// Scans both, the evil one first. The good one is scanned whatever the other does.
fn scan_both(forge: &Forge, arguments: &[&str], limit: Duration) -> Finished {
    let scan = arguments.iter().fold(Fumehood::new(), |scan, argument| scan.arg(argument));
    let urls = [forge.url("acme/evil"), forge.url("acme/good")];
    let scan = scan.config(forge.config(ForgeKind::Git)).start(&[&urls[0], &urls[1]]).ends_within(limit);
    scan.exits(2).outcome(1, "completed").packages(1, &["good"])
}

/// Expands a group, which cannot be done.
fn expand(forge: &Forge, kind: ForgeKind) -> Finished {
    let scan = Fumehood::new().config(forge.config(kind)).start(&[&forge.group_url("acme")]);
    scan.ends_within(Duration::from_secs(150)).exits(64)
}

fn sent(forge: &Forge, within: &str) -> u64 {
    forge.requests_for(within).iter().map(e2e::forge::Seen::sent_bytes).sum()
}

/// The files of the job, which hold nothing of what was fetched in vain.
fn kept(scan: &Finished) -> u64 {
    scan.files_below_job().iter().filter_map(|path| std::fs::symlink_metadata(path).ok()).map(|file| file.len()).sum()
}

#[test]
fn c10_a_pack_of_four_billion_objects_is_not_taken() {
    let Some(forge) = forge_with(Misbehaviour::OverdeclaredPack) else { return };
    let scan = scan_both(&forge, &[], Duration::from_secs(60)).complete(0, false);
    let outcome = scan.outcomes()[0].1.clone();
    assert!(["fetch_failed", "too_large"].contains(&outcome.as_str()), "{outcome}");
    assert!(sent(&forge, "acme/evil") < 64 * MIB, "{} bytes", sent(&forge, "acme/evil"));
    assert!(kept(&scan) < MIB, "{} bytes", kept(&scan));
}

#[test]
fn c11_an_endless_pack_ends_at_the_deadline_at_the_latest() {
    let Some(forge) = forge_with(Misbehaviour::EndlessPack) else { return };
    let scan = scan_both(&forge, &["--timeout=5s"], Duration::from_secs(60));
    let outcome = scan.outcomes()[0].1.clone();
    assert!(["timed_out", "too_large"].contains(&outcome.as_str()), "{outcome}");
    assert!(kept(&scan) < MIB, "{} bytes", kept(&scan));
}

#[test]
fn c11_endless_progress_ends_at_the_deadline_at_the_latest() {
    let Some(forge) = forge_with(Misbehaviour::EndlessProgress) else { return };
    let scan = scan_both(&forge, &["--timeout=5s"], Duration::from_secs(60));
    let outcome = scan.outcomes()[0].1.clone();
    assert!(["timed_out", "too_large"].contains(&outcome.as_str()), "{outcome}");
    let memory = scan.report(0)["peak_memory_bytes"].as_u64().unwrap_or(0) / MIB;
    assert!(memory < 256, "{memory} MiB");
}

#[test]
fn c12_a_server_that_trickles_is_given_up_at_the_deadline() {
    for what in [Misbehaviour::SlowBody, Misbehaviour::SlowHeaders] {
        let Some(forge) = forge_with(what) else { return };
        scan_both(&forge, &["--timeout=3s"], Duration::from_secs(60)).outcome(0, "timed_out");
    }
}

/// Even where there is time: a server that is too slow is not worth it.
#[test]
fn c12_a_server_that_trickles_is_given_up_before_the_deadline() {
    let Some(forge) = forge_with(Misbehaviour::SlowBody) else { return };
    let scan = scan_both(&forge, &[], Duration::from_secs(150));
    scan.outcome(0, "fetch_failed").error_says(0, "bytes a second");
}

#[test]
fn c12_a_list_whose_headers_trickle_is_given_up() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 1).misbehave("/api/", Misbehaviour::SlowHeaders);
    expand(&forge, ForgeKind::GitLab);
}

#[test]
fn c12_a_list_that_trickles_is_given_up() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 1).misbehave("/api/", Misbehaviour::SlowBody);
    expand(&forge, ForgeKind::GitLab);
}

#[test]
fn c13_an_endless_list_of_references_is_cut() {
    let Some(forge) = forge_with(Misbehaviour::EndlessRefs) else { return };
    let scan = scan_both(&forge, &[], Duration::from_secs(120)).outcome(0, "too_large").error_says(0, "references");
    assert!(sent(&forge, "acme/evil") < 128 * MIB, "{} bytes", sent(&forge, "acme/evil"));
    let memory = scan.report(0)["peak_memory_bytes"].as_u64().unwrap_or(0) / MIB;
    assert!(memory < 512, "{memory} MiB");
}

#[test]
fn c13_an_endless_json_answer_is_cut() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 1).misbehave("/api/", Misbehaviour::EndlessJson);
    for kind in [ForgeKind::GitLab, ForgeKind::GitHub] {
        expand(&forge, kind).says("more than");
    }
    assert!(sent(&forge, "/api/") < 256 * MIB, "{} bytes", sent(&forge, "/api/"));
}

/// Each page says that there is another; after as many as a job may have repositories it is enough.
#[test]
fn c13_endless_pages_are_not_followed_forever() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 100).misbehave("/api/", Misbehaviour::EndlessPages);
    for kind in [ForgeKind::GitLab, ForgeKind::GitHub] {
        expand(&forge, kind).says("more repositories than");
    }
}

#[test]
fn c13_a_server_that_closes_fails_alone() {
    let Some(forge) = forge_with(Misbehaviour::Close) else { return };
    scan_both(&forge, &[], Duration::from_secs(120)).outcome(0, "fetch_failed").error_says(0, "server");
}

#[test]
fn c13_what_is_no_git_fails_as_that() {
    let Some(forge) = forge_with(Misbehaviour::InvalidJson) else { return };
    scan_both(&forge, &[], Duration::from_secs(60)).outcome(0, "fetch_failed").error_says(0, "no git repository");
}

#[test]
fn d05_redirects_within_the_origin_are_followed() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 2);
    for status in [301, 302, 307] {
        forge.behave().misbehave("/api/", Misbehaviour::Redirect(status, forge.moved()));
        forge.misbehave("acme/repo-00.git", Misbehaviour::Redirect(status, forge.moved()));
        let scan = Fumehood::new().config(forge.config(ForgeKind::GitLab)).scan(&[&forge.group_url("acme")]);
        scan.exits(0).packages(0, &["repo-00"]).packages(1, &["repo-01"]);
    }
}

#[test]
fn d05_redirects_in_a_circle_end() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 1).misbehave("/", Misbehaviour::Redirect(302, forge.origin().to_owned()));
    expand(&forge, ForgeKind::GitLab);
    let scan = Fumehood::new().config(forge.config(ForgeKind::Git)).scan(&[&forge.url("acme/repo-00")]).exits(2);
    scan.outcome(0, "fetch_failed");
    assert!(forge.requests().len() < 30, "{}", forge.requests().len());
}

/// Another port, another scheme, and another forge that has what was asked for and a good certificate.
#[test]
fn d05_redirects_to_another_origin_are_not_followed() {
    let Some(forge) = Forge::start() else { return };
    let (canary, other) = (Canary::new(), forge.neighbour());
    forge.private("acme/repo-00", TOKEN).with_token(TOKEN);
    other.repositories("acme", 1);
    let by_address = other.origin().replace("localhost", "127.0.0.1");
    let user = other.origin().replace("localhost", "user:pass@localhost");
    for to in [canary.origin(), other.origin().to_owned(), by_address, user, "//evil.example".to_owned()] {
        for status in [301, 302, 307, 308] {
            forge.behave().misbehave("/", Misbehaviour::Redirect(status, to.clone()));
            expand(&forge, ForgeKind::GitLab).says("not followed");
            let scan = Fumehood::new().config(forge.config(ForgeKind::Git)).scan(&[&forge.url("acme/repo-00")]);
            scan.exits(2).outcome(0, "fetch_failed").error_says(0, "not followed");
        }
    }
    canary.stays_silent();
    assert_eq!(other.connections(), 0, "{:#?}", other.requests());
}

#[test]
fn d05_a_redirect_of_the_pack_alone_is_not_followed() {
    let Some(forge) = Forge::start() else { return };
    let other = forge.neighbour();
    forge.private("acme/a", TOKEN).with_token(TOKEN);
    forge.misbehave("acme/a.git/git-upload-pack", Misbehaviour::Redirect(307, other.origin().to_owned()));
    other.repository("acme/a", |repo| repo.package("a"));
    let scan = Fumehood::new().config(forge.config(ForgeKind::Git)).scan(&[&forge.url("acme/a")]).exits(2);
    scan.outcome(0, "fetch_failed").error_says(0, "not followed");
    assert_eq!(other.connections(), 0, "{:#?}", other.requests());
}

#[test]
fn d08_next_pages_and_clone_urls_of_another_origin_are_refused() {
    let Some(forge) = Forge::start() else { return };
    let (canary, other) = (Canary::new(), forge.neighbour());
    forge.repositories("acme", 3).private("acme/secret", TOKEN).with_token(TOKEN);
    other.repositories("acme", 3);
    for kind in [ForgeKind::GitLab, ForgeKind::GitHub] {
        for to in
            [canary.origin(), other.origin().to_owned(), "file://".to_owned(), "ssh://git@evil.example".to_owned()]
        {
            forge.behave().misbehave("/api/", Misbehaviour::NextPageAt(to.clone()));
            expand(&forge, kind).says("not followed");
            forge.behave().misbehave("/api/", Misbehaviour::CloneUrlsAt(to));
            expand(&forge, kind);
        }
    }
    canary.stays_silent();
    assert_eq!(other.connections(), 0, "{:#?}", other.requests());
    assert!(forge.requests_for(".git").is_empty(), "nothing of a group that lies is fetched");
}
