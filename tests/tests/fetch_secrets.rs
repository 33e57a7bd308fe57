//! Row D10 of the catalogue of attacks: where a token is, and where it never is.

#![expect(clippy::disallowed_methods, reason = "a test")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use e2e::forge::{ForgeKind, Misbehaviour, Seen};
use e2e::{Forge, Fumehood, Running};

const TOKEN: &str = "a-token-of-one-test-0123456789";

/// The token as it is, and as it stands in a Basic authorization after any user.
fn disguises() -> Vec<Vec<u8>> {
    // Base64 depends on where in a group of three the token begins; what stands before and after it is cut.
    let encoded = (0..3).map(|before| {
        let text = format!("{}{TOKEN}", "x".repeat(before));
        let encoded = data_encoding::BASE64.encode(text.as_bytes()).into_bytes();
        encoded[4..encoded.len() - 4].to_vec()
    });
    encoded.chain([TOKEN.as_bytes().to_vec()]).collect()
}

fn holds_token(bytes: &[u8]) -> bool {
    disguises().iter().any(|token| bytes.windows(token.len()).any(|window| window == token))
}

/// Asserts that no file below the folder holds the token, nor any name of one.
fn clean(folder: &Path) {
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            assert!(!holds_token(entry.file_name().as_encoded_bytes()), "{}", entry.path().display());
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                waiting.push(entry.path());
            } else if kind.is_file() {
                // What the worker removes meanwhile is looked at in the other tests, at the end.
                let content = fs::read(entry.path()).unwrap_or_default();
                assert!(!holds_token(&content), "the token is in {}", entry.path().display());
            }
        }
    }
}

/// The processes that our binary has started.
fn workers(running: &Running) -> Vec<String> {
    let pid = running.pid().as_raw_nonzero();
    // Whichever of its threads started them.
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap().map(Result::unwrap);
    let children = threads.map(|thread| fs::read_to_string(thread.path().join("children")).unwrap_or_default());
    children.collect::<String>().split_whitespace().map(str::to_owned).collect()
}

fn private_forge() -> Option<Forge> {
    let forge = Forge::start()?;
    forge.private("acme/secret", TOKEN).private("acme/other", TOKEN).with_token(TOKEN);
    Some(forge)
}

#[test]
fn d10_a_token_is_nowhere_after_a_scan() {
    let Some(forge) = private_forge() else { return };
    let cache = tempfile::tempdir().unwrap();
    for kind in [ForgeKind::GitLab, ForgeKind::GitHub] {
        let scan = Fumehood::new().config(forge.config(kind)).arg(&format!("--cache={}", cache.path().display()));
        let scan = scan.scan(&[&forge.group_url("acme")]).exits(0).outcome(0, "completed").outcome(1, "completed");
        clean(scan.data());
        assert!(!holds_token(scan.stdout().as_bytes()) && !holds_token(scan.stderr().as_bytes()));
    }
    clean(cache.path());
    // Otherwise this test would show nothing: every request had the token, in a disguise that we know.
    let shown = |seen: &Seen| holds_token(seen.header("authorization").unwrap_or_default().as_bytes());
    assert!(forge.requests().iter().all(shown), "{:#?}", forge.requests());
}

#[test]
fn d10_a_token_is_nowhere_after_a_failure() {
    for what in [
        Misbehaviour::Status(500),
        Misbehaviour::Status(401),
        Misbehaviour::Close,
        Misbehaviour::InvalidJson,
        Misbehaviour::OverdeclaredPack,
        Misbehaviour::Redirect(302, "https://elsewhere.example".to_owned()),
    ] {
        let Some(forge) = private_forge() else { return };
        forge.misbehave("acme/secret.git", what.clone()).misbehave("/api/", what);
        let scan = Fumehood::new().config(forge.config(ForgeKind::GitLab)).scan(&[&forge.url("acme/secret")]).exits(2);
        clean(scan.data());
        assert!(!holds_token(scan.stdout().as_bytes()) && !holds_token(scan.stderr().as_bytes()));
        forge.behave().misbehave("/api/", Misbehaviour::Status(403));
        let scan = Fumehood::new().config(forge.config(ForgeKind::GitLab)).scan(&[&forge.group_url("acme")]).exits(64);
        assert!(!holds_token(scan.stderr().as_bytes()), "{}", scan.stderr());
    }
}

/// While a worker fetches: in no argument, no environment and no file.
#[test]
fn d10_a_token_is_nowhere_during_a_fetch() {
    let Some(forge) = private_forge() else { return };
    forge.misbehave("acme/secret.git", Misbehaviour::EndlessPack);
    let variable = "FUMEHOOD_TEST_TOKEN";
    let by_variable = forge.config_of(
        &forge
            .entry(ForgeKind::Git)
            .lines()
            .map(|line| match line {
                line if line.starts_with("token_file") => format!("token_env = \"{variable}\"\n"),
                line => format!("{line}\n"),
            })
            .collect::<String>(),
    );
    for config in [forge.config(ForgeKind::Git), by_variable] {
        let before = forge.requests().len();
        let scan = Fumehood::new().config(config).env(variable, TOKEN).arg("--status-interval=20ms");
        let running = scan.start(&[&forge.url("acme/secret")]).until("started");
        let receives = || forge.requests()[before..].iter().any(|seen| seen.sent_bytes() > 1_000_000);
        assert!(e2e::soon(Duration::from_secs(60), receives), "nothing was fetched");
        let workers = workers(&running);
        assert_eq!(workers.len(), 1, "one repository, one worker");
        for pid in workers.iter().chain([&running.pid().as_raw_nonzero().to_string()]) {
            let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap();
            assert!(!holds_token(&arguments), "{}", String::from_utf8_lossy(&arguments));
        }
        let environment = fs::read(format!("/proc/{}/environ", workers[0])).unwrap_or_default();
        assert!(!holds_token(&environment), "{}", String::from_utf8_lossy(&environment));
        clean(running.data());
    }
    assert!(forge.requests_for("acme/secret").iter().all(|seen| seen.mentions(TOKEN)));
}

/// A token belongs to its host and port; the neighbour has the same name, and a certificate that is trusted.
#[test]
fn d10_a_token_goes_to_its_own_forge_alone() {
    let Some(forge) = private_forge() else { return };
    let other = forge.neighbour();
    other.repositories("acme", 2);
    let ours = forge.entry(ForgeKind::GitLab);
    let theirs =
        other.entry(ForgeKind::GitLab).lines().filter(|line| !line.starts_with("token")).collect::<Vec<_>>().join("\n");
    let config = forge.config_of(&format!("{ours}\n{theirs}\n"));
    let scan = Fumehood::new().config(config).scan(&[&forge.group_url("acme"), &other.group_url("acme")]).exits(0);
    assert_eq!(scan.outcomes().len(), 4);
    assert!(!other.requests().is_empty());
    let told: Vec<_> =
        other.requests().into_iter().filter(|seen| seen.mentions(TOKEN) || !seen.credentials().is_empty()).collect();
    assert!(told.is_empty(), "{told:#?}");
}

#[test]
fn d10_a_token_that_is_no_token_is_refused_without_being_shown() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 1);
    for wrong in ["", "two\nlines-of-secrets", "with\u{1b}escape-secret", "späte-secret"] {
        forge.with_token(wrong);
        let scan = Fumehood::new().config(forge.config(ForgeKind::GitLab)).scan(&[&forge.group_url("acme")]);
        assert!(!scan.stderr().contains("secret"), "{}", scan.stderr());
        assert!(forge.requests().is_empty(), "{wrong:?} was sent");
    }
}
