#![expect(clippy::disallowed_methods, reason = "a test")]

use std::fs;
use std::os::unix::fs::symlink;

use fumehood_contract::{RepoState, Timestamp};
use serde_json::json;

use super::*;

fn known() -> RepoStatus {
    let mut known = RepoStatus::new(3, "a/b", 1, 4711, Timestamp::from_unix_seconds(1_700_000_000));
    known.status = RepoState::Scanning;
    known
}

fn said(change: impl FnOnce(&mut serde_json::Value)) -> Result<RepoStatus, String> {
    let mut value = serde_json::to_value(known()).unwrap();
    change(&mut value);
    check(value.to_string().as_bytes(), &known())
}

#[test]
fn identity_is_the_hosts() {
    let lies = said(|value| {
        value["repo_index"] = json!(0);
        value["repo_name"] = json!("other");
        value["pid"] = json!(1);
        value["attempt"] = json!(9);
        value["started_at"] = json!("1999-01-01T00:00:00Z");
        value["percentage"] = json!(77.7);
    });
    assert_eq!(lies.unwrap(), known());
}

#[test]
fn illegal_words_are_refused() {
    assert!(said(|value| value["status"] = json!("starting")).unwrap_err().contains("went from"));
    assert!(said(|value| value["current_file"] = json!(7)).unwrap_err().contains("file 7 of 0"));
    assert!(said(|value| value["status"] = json!("owned")).is_err());
    assert!(said(|value| value["extra"] = json!(1)).unwrap_err().contains("unknown field"));
    assert!(said(|value| value["pid"] = json!("x")).is_err());
    assert!(said(|value| value["errors"] = json!(vec!["x"; 21])).is_err());
    assert!(said(|value| value["message"] = json!("x".repeat(5000))).is_err());
    assert!(said(|value| value["last_update"] = json!("soon")).is_err());
}

#[test]
fn hostile_json_is_refused() {
    let good = serde_json::to_string(&known()).unwrap();
    let doubled = good.replacen("\"pid\":4711", "\"pid\":4711,\"pid\":4712", 1);
    assert!(check(doubled.as_bytes(), &known()).unwrap_err().contains("duplicate"));
    let huge = good.replacen("\"percentage\":0.0", "\"percentage\":1e999", 1);
    assert!(check(huge.as_bytes(), &known()).is_err());
    assert!(check("[".repeat(60_000).as_bytes(), &known()).is_err());
    assert!(check(&vec![b' '; STATUS_BYTES_MAX + 1], &known()).is_err());
    assert!(check(b"", &known()).is_err());
    assert!(check(b"\xff", &known()).is_err());
}

#[test]
fn escapes_do_not_come_through() {
    let status = said(|value| value["message"] = json!("a\u{1b}[2Jb")).unwrap();
    assert_eq!(status.message.as_deref(), Some("a\u{FFFD}[2Jb"));
}

#[test]
fn only_plain_files_are_opened() {
    let folder = tempfile::tempdir().unwrap();
    let reader = Reader::open(folder.path()).unwrap();
    assert!(matches!(reader.read(&known()), Ok(None)));

    let path = folder.path().join("repo_3.json");
    let refused = |what: &str| {
        let found = reader.read(&known());
        assert!(matches!(found, Err(Refused::NotPlain(_))), "{what}: {found:?}");
    };
    symlink("/etc/passwd", &path).unwrap();
    refused("link");
    fs::remove_file(&path).unwrap();

    fs::create_dir(&path).unwrap();
    refused("folder");
    fs::remove_dir(&path).unwrap();

    rustix::fs::mknodat(rustix::fs::CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    refused("FIFO");
    fs::remove_file(&path).unwrap();

    fs::write(&path, serde_json::to_vec(&known()).unwrap()).unwrap();
    fs::hard_link(&path, folder.path().join("second")).unwrap();
    refused("hard link");
    fs::remove_file(folder.path().join("second")).unwrap();
    assert!(reader.read(&known()).unwrap().is_some());

    File::options().write(true).open(&path).unwrap().set_len(1 << 30).unwrap();
    assert!(matches!(reader.read(&known()), Err(Refused::TooLarge { .. })));
}
