//! The attacks, one function each.

mod calls;
mod folder;
mod shards;

use std::fs::{self, OpenOptions};
use std::hint::black_box;
use std::time::Duration;

use fumehood_contract::RepoState;

use crate::bindings::fumehood::scanner::types::{Failure, Request};
use crate::notes::{self, note, note_read};

/// Runs the attack of that name.
pub(crate) fn run(attack: &str, request: &Request) -> Result<(), Failure> {
    match attack {
        "spin" => spin(request),
        "grow" => grow(),
        "recurse" => drop(black_box(recurse(1))),
        "panic" => panic!("on purpose"),
        "exit" => std::process::exit(7),
        "sleep" => sleep(request),
        "flood" => flood(),
        "give-up" => return Err(Failure::Report("on\u{1b}[31m purpose".to_owned())),
        "half" => half(request),
        "half-then-spin" => half_then_spin(request),
        "escape" => escape(request),
        "write-repo" => write_repo(request),
        "environment" => environment(request),
        "plant-link" => plant_link(request),
        "plant-folder" => plant_folder(request),
        "lie" => lie(request),
        "nothing" => {}
        "nothing-but-whole" => notes::whole_scan(request, &[]),
        "garbage" => garbage(request),
        "escapes-in-names" => escapes_in_names(request),
        "huge-random" => calls::huge_random(),
        "long-path" => calls::long_path(request),
        "poll-millions" => calls::poll_millions(request),
        "open-many" => calls::open_many(request),
        "neighbour" => calls::neighbour(request),
        "fill-disk" => folder::fill_disk(request),
        "sparse" => folder::sparse(request),
        "many-files" => folder::many_files(request),
        "nested-folders" => folder::nested_folders(request),
        "status-folder" => folder::status_folder(request),
        "status-huge" => folder::status_huge(request),
        "status-hard-link" => folder::status_hard_link(request),
        "rename-storm" => folder::rename_storm(request),
        "until-told" => folder::until_told(request),
        "as-told" => folder::as_told(request),
        "shards-count" => shards::count(request),
        "shards-spin" => shards::spin(),
        "shards-leave" => shards::leave(request),
        "shards-grow" => shards::grow(),
        "shards-panic" => shards::panic(),
        "shards-quarrel" => shards::quarrel(request),
        "back-to-life" => folder::back_to_life(request),
        other => return Err(Failure::Request(format!("no such attack: {other}"))),
    }
    Ok(())
}

/// A09: never returns.
fn spin(request: &Request) {
    notes::write_status(request, &notes::status(request, RepoState::Scanning));
    let mut number = 0u64;
    loop {
        number = black_box(number.wrapping_add(1));
    }
}

/// A10: takes memory until there is none.
fn grow() {
    let mut blocks = Vec::new();
    loop {
        blocks.push(vec![1u8; 16 << 20]);
        black_box(&blocks);
    }
}

/// A11: never returns, and keeps something on the stack each time.
fn recurse(depth: u64) -> u64 {
    let block = black_box([depth; 64]);
    recurse(depth + 1).wrapping_add(block.iter().sum())
}

/// A15: waits in the host.
fn sleep(request: &Request) {
    notes::write_status(request, &notes::status(request, RepoState::Scanning));
    std::thread::sleep(Duration::from_secs(100 * 365 * 24 * 3600));
}

/// A24: more output than anybody reads.
fn flood() {
    #[expect(clippy::print_stderr, reason = "the attack")]
    loop {
        eprintln!("{}", "x".repeat(8192));
    }
}

/// What was found before the trap must survive it.
fn half(request: &Request) {
    notes::write_status(request, &notes::status(request, RepoState::Scanning));
    notes::report(&[notes::header(), notes::package("found-before-the-trap")]);
    panic!("half-way");
}

/// The same before a kill.
fn half_then_spin(request: &Request) {
    notes::report(&[notes::header(), notes::package("found-before-the-kill")]);
    spin(request);
}

/// A01, A02: files outside the preopened folders.
fn escape(request: &Request) {
    let paths = [
        "/etc/passwd",
        "/repo/../etc/passwd",
        "/repo/../../../../../../../../etc/passwd",
        "../../etc/passwd",
        "/repo/link-to-etc-passwd",
        "/repo/link-to-root/etc/passwd",
        "/repo/link-to-proc/environ",
        "/repo/link-loop",
        "/status/../../../../master.json",
        "/proc/self/environ",
        "/dev/null",
    ];
    notes::whole_scan(request, &paths.map(note_read));
}

/// A05, A06: changes in the repository.
fn write_repo(request: &Request) {
    let open = |options: &mut OpenOptions, path| options.open(path);
    let found = [
        note("create", fs::write("/repo/new", "x")),
        note("truncate", open(OpenOptions::new().write(true).truncate(true), "/repo/attack/write-repo")),
        note("append", open(OpenOptions::new().append(true), "/repo/attack/write-repo")),
        note("mkdir", fs::create_dir("/repo/folder")),
        note("unlink", fs::remove_file("/repo/attack/write-repo")),
        note("rmdir", fs::remove_dir("/repo/attack")),
        note("rename within", fs::rename("/repo/attack/write-repo", "/repo/attack/other")),
        note("rename out", fs::rename("/repo/attack/write-repo", "/status/other")),
        note("hard link out", fs::hard_link("/repo/attack/write-repo", "/status/other")),
        note("hard link in", {
            let made = fs::write("/status/mine", "x");
            made.and_then(|()| fs::hard_link("/status/mine", "/repo/mine"))
        }),
    ];
    notes::whole_scan(request, &found);
}

/// A23: what the process may tell about its host.
fn environment(request: &Request) {
    let variables: Vec<_> = std::env::vars_os().map(|(name, _)| name).collect();
    let arguments: Vec<_> = std::env::args_os().collect();
    let found = [format!("environment: {variables:?}"), format!("arguments: {arguments:?}")];
    notes::whole_scan(request, &found);
}

/// A07, B06: a link where the status is expected.
fn plant_link(request: &Request) {
    notes::whole_scan(request, &[]);
    let name = format!("/status/repo_{}.json", request.repo_index);
    let _gone = fs::remove_file(&name);
    let linked = symlink("../../../../master.json", &name);
    notes::report(&[notes::package(&note("plant", linked))]);
}

/// B06: a folder where the report is expected.
fn plant_folder(request: &Request) {
    notes::write_status(request, &notes::status(request, RepoState::Completed));
    let _made = fs::create_dir("/status/report.jsonl");
}

/// B10: words about somebody else.
fn lie(request: &Request) {
    notes::whole_scan(request, &[]);
    let mut status = notes::status(request, RepoState::Completed);
    status.repo_index = request.repo_index + 1;
    status.repo_name = "somebody else's".to_owned();
    status.pid = 1;
    status.attempt = 99;
    status.percentage = 1e9;
    notes::write_status(request, &status);
}

/// B08: a report that is none.
fn garbage(request: &Request) {
    notes::write_status(request, &notes::status(request, RepoState::Completed));
    let _written = fs::write("/status/report.jsonl", "{\"header\":".repeat(10_000));
}

/// B09: names that would steer a terminal.
fn escapes_in_names(request: &Request) {
    let footer = fumehood_contract::report::Footer { files: 1, packages: 1, problems: 0, calls: 0 };
    let name = "\u{1b}]0;owned\u{7}\u{202E}evil<img src=x>";
    notes::report(&[notes::header(), notes::package(name), fumehood_contract::ReportLine::Footer(footer)]);
    notes::write_status(request, &notes::status(request, RepoState::Completed));
}

#[expect(unsafe_code, reason = "the standard library has no stable way to make a link on this target")]
fn symlink(target: &str, path: &str) -> std::io::Result<()> {
    let (Ok(target), Ok(path)) = (std::ffi::CString::new(target), std::ffi::CString::new(path)) else {
        return Err(std::io::ErrorKind::InvalidInput.into());
    };
    // SAFETY: both are strings that end with a NUL and live until the call returns.
    let made = unsafe { libc::symlink(target.as_ptr(), path.as_ptr()) };
    if made == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}
