//! Is git served rightly? Git itself says so.

#![expect(clippy::disallowed_methods, reason = "a test")]

use std::path::{Path, PathBuf};
use std::process::Output;

use e2e::Forge;
use e2e::forge::GitRepository;

const TOKEN: &str = "a-token-of-one-test-0123456789";

/// Runs git against the forge; what it says is in the output.
fn git(forge: &Forge, args: &[&str]) -> Output {
    forge.git().args(args).output().unwrap()
}

/// Clones with these arguments; the folder keeps the clone.
fn clone(forge: &Forge, url: &str, args: &[&str]) -> (tempfile::TempDir, PathBuf, Output) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clone");
    let output = git(forge, &[&["clone", "--quiet"], args, &[url, path.to_str().unwrap()]].concat());
    (folder, path, output)
}

fn inside(forge: &Forge, clone: &Path, args: &[&str]) -> String {
    let output = git(forge, &[&["-C", clone.to_str().unwrap()], args].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// With a token for the user `any`.
fn with_token(forge: &Forge, path: &str) -> String {
    forge.url(path).replace("https://", &format!("https://any:{TOKEN}@"))
}

#[test]
fn git_clones_a_repository() {
    let Some(forge) = Forge::start() else { return };
    forge.repository("acme/tools/lint", |repo| {
        repo.file("src/deep/one.txt", "one").executable("run", "#!/bin/sh\n").link("link", "src").package("lint")
    });
    let (_folder, path, output) = clone(&forge, &forge.url("acme/tools/lint"), &[]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(std::fs::read_to_string(path.join("src/deep/one.txt")).unwrap(), "one");
    assert_eq!(inside(&forge, &path, &["rev-parse", "HEAD"]), forge.head("acme/tools/lint"));
    assert_eq!(inside(&forge, &path, &["fsck", "--strict"]), "");
    // With and without the suffix.
    let (_folder, _, output) = clone(&forge, &forge.group_url("acme/tools/lint"), &[]);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn every_version_of_the_protocol_is_spoken() {
    let Some(forge) = Forge::start() else { return };
    forge.repository("acme/a", |repo| repo.package("a"));
    for version in ["0", "1", "2"] {
        let output = git(&forge, &["-c", &format!("protocol.version={version}"), "ls-remote", &forge.url("acme/a")]);
        let refs = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(refs.contains(&format!("{}\trefs/heads/main", forge.head("acme/a"))), "{version}: {output:?}");
    }
    let versions: Vec<_> =
        forge.requests_for("/info/refs").iter().map(|seen| seen.header("git-protocol").map(str::to_owned)).collect();
    assert_eq!(versions, [None, Some("version=1".to_owned()), Some("version=2".to_owned())]);
}

#[test]
fn a_shallow_clone_has_one_commit() {
    let Some(forge) = Forge::start() else { return };
    forge.repository("acme/a", |repo| {
        repo.file("one", "1").commit().file("two", "2").commit().without("one").package("a")
    });
    for version in ["0", "2"] {
        let version = format!("protocol.version={version}");
        let (_folder, path, output) = clone(&forge, &forge.url("acme/a"), &["-c", &version, "--depth=1"]);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(inside(&forge, &path, &["rev-list", "--count", "HEAD"]), "1");
        assert!(!path.join("one").exists() && path.join("two").exists());
    }
}

#[test]
fn a_repository_has_branches_and_tags_and_grows() {
    let Some(forge) = Forge::start() else { return };
    forge.repository("acme/a", |repo| repo.default_branch("trunk").file("one", "1").tag("v1").branch("old"));
    let first = forge.head("acme/a");
    forge.repository("acme/a", |repo| repo.file("two", "2").annotated_tag("v2"));
    let (_folder, path, output) = clone(&forge, &forge.url("acme/a"), &[]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(inside(&forge, &path, &["branch", "--show-current"]), "trunk");
    assert_eq!(inside(&forge, &path, &["rev-parse", "v1", "origin/old", "HEAD~1"]), [first.as_str(); 3].join("\n"));
    assert_eq!(inside(&forge, &path, &["rev-parse", "v2^{commit}"]), forge.head("acme/a"));
    assert_eq!(inside(&forge, &path, &["cat-file", "-t", "v2"]), "tag");
    assert_eq!(std::fs::read_to_string(path.join("one")).unwrap(), "1");
}

#[test]
fn an_empty_repository_can_be_cloned() {
    let Some(forge) = Forge::start() else { return };
    forge.empty("acme/empty");
    let (_folder, path, output) = clone(&forge, &forge.url("acme/empty"), &[]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(std::fs::read_dir(path).unwrap().count(), 1, ".git alone");
}

#[test]
fn a_private_repository_needs_its_token() {
    let Some(forge) = Forge::start() else { return };
    forge.private("acme/secret", TOKEN);
    let (_folder, _, output) = clone(&forge, &forge.url("acme/secret"), &[]);
    assert!(!output.status.success());
    let wrong = with_token(&forge, "acme/secret").replace(TOKEN, "wrong");
    assert!(!git(&forge, &["ls-remote", &wrong]).status.success());
    assert!(!git(&forge, &["ls-remote", &forge.url("acme/nowhere")]).status.success());
    assert!(!forge.requests().iter().any(|seen| seen.mentions(TOKEN)));

    let (_folder, path, output) = clone(&forge, &with_token(&forge, "acme/secret"), &["--depth=1"]);
    assert!(output.status.success() && path.join("Cargo.lock").exists(), "{output:?}");
    assert!(forge.requests().iter().any(|seen| seen.credentials() == [TOKEN]));
}

#[test]
fn nobody_can_push() {
    let Some(forge) = Forge::start() else { return };
    forge.repository("acme/a", |repo| repo.package("a"));
    let (_folder, path, _) = clone(&forge, &forge.url("acme/a"), &[]);
    let output = git(&forge, &["-C", path.to_str().unwrap(), "push", "origin", "HEAD:refs/heads/new"]);
    assert!(!output.status.success());
}

#[test]
fn a_large_request_comes_compressed_or_in_chunks() {
    let Some(forge) = Forge::start() else { return };
    // So many branches that asking for them takes more than git sends at once.
    let branches = |repo| {
        (0..300).fold(repo, |repo: GitRepository, number| {
            repo.file("number", number.to_string()).branch(&format!("b{number}"))
        })
    };
    forge.repository("acme/a", branches);
    let (_folder, path, output) =
        clone(&forge, &forge.url("acme/a"), &["-c", "http.postBuffer=4096", "-c", "protocol.version=0"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(inside(&forge, &path, &["rev-list", "--count", "--all"]), "300");
    let (_folder, _, output) = clone(&forge, &forge.url("acme/a"), &["-c", "protocol.version=0"]);
    assert!(output.status.success(), "{output:?}");
    let seen = forge.requests_for("/git-upload-pack");
    assert!(seen.iter().any(|seen| seen.header("transfer-encoding") == Some("chunked")), "{seen:#?}");
    assert!(seen.iter().any(|seen| seen.header("content-encoding") == Some("gzip")), "{seen:#?}");
}
