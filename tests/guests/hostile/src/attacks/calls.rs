//! Calls to the host that ask for more than there is.

use std::fs::{self, File};

use crate::bindings::fumehood::scanner::types::Request;
use crate::notes::{self, note};
use crate::preview1::{self, Subscription};

/// A17: random bytes for a fifth of the memory.
pub(crate) fn huge_random() {
    let mut buffer = vec![0_u8; 200 << 20];
    let refused = preview1::random(&mut buffer);
    panic!("a call for {} random bytes came back: {refused}", buffer.len());
}

/// A18: a path of 127 MiB.
pub(crate) fn long_path(request: &Request) {
    let path = format!("/repo/{}", "x".repeat(127 << 20));
    notes::whole_scan(request, &[note("open", File::open(path))]);
}

/// A19: two million clocks to wait for.
pub(crate) fn poll_millions(request: &Request) {
    let subscriptions = vec![Subscription::default(); 2_000_000];
    let errno = preview1::poll(&subscriptions);
    notes::whole_scan(request, &[format!("poll: refused ({errno})")]);
}

/// A20: opens a file until it cannot, then shows that the rest still works.
pub(crate) fn open_many(request: &Request) {
    let mut open = Vec::new();
    let last = loop {
        match File::open("/repo/attack/open-many") {
            Ok(file) => open.push(file),
            Err(error) => break error,
        }
    };
    let found = [format!("opened more than 10: {}", open.len() > 10), note::<()>("open", Err(last))];
    drop(open);
    notes::whole_scan(request, &found);
}

/// A08: the statuses of the repositories beside it.
pub(crate) fn neighbour(request: &Request) {
    let other = request.repo_index + 1;
    let paths = [
        format!("/status/../../../{other}/a1/status/repo_{other}.json"),
        format!("/status/../repo_{other}.json"),
        format!("/status/../../../../repo_{other}.json"),
        "/status/../../../../master.json".to_owned(),
        "/status/../listing.json".to_owned(),
        format!("../{other}/a1/status/report.jsonl"),
    ];
    // In its own folder it may write what it likes; nobody looks for a neighbour's file there.
    let _unread = fs::write(format!("/status/repo_{other}.json"), r#"{"status":"failed"}"#);
    notes::whole_scan(request, &paths.map(|path| note(&path, fs::write(&path, "{}"))));
}
