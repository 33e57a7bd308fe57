//! What a guest can do to the folder that it may write.

use std::fs::{self, File};
use std::io::{self, Seek as _, SeekFrom, Write as _};

use fumehood_contract::RepoState;

use crate::bindings::fumehood::scanner::types::Request;
use crate::notes::{self, note};
use crate::preview1;

/// Ends as a guest does that cannot go on, or says that it could.
fn end(request: &Request, what: &str, result: io::Result<()>) {
    if let Err(error) = result {
        panic!("{what}: {error}");
    }
    notes::whole_scan(request, &[format!("{what}: SUCCEEDED")]);
}

/// B01: ten gigabytes, in files that are small enough each, and of which one is there at a time: what was written counts.
pub(crate) fn fill_disk(request: &Request) {
    notes::write_status(request, &notes::status(request, RepoState::Scanning));
    let block = vec![7_u8; 4 << 20];
    let written = (0..20).try_for_each(|number| {
        let name = format!("/status/big-{number}");
        let mut file = File::create(&name)?;
        (0..128).try_for_each(|_| file.write_all(&block))?;
        fs::remove_file(name)
    });
    end(request, "write 10 GB", written);
}

/// B02: a file of eight tebibytes that has nothing in it, made in two ways.
pub(crate) fn sparse(request: &Request) {
    notes::write_status(request, &notes::status(request, RepoState::Scanning));
    let sought = File::create("/status/sought").and_then(|mut file| {
        file.seek(SeekFrom::Start(8 << 40))?;
        file.write_all(b"x")
    });
    let grown = File::create("/status/grown").and_then(|file| file.set_len(8 << 40));
    end(request, "grow to 8 TiB", grown.and(sought));
}

/// B03: a hundred thousand files.
pub(crate) fn many_files(request: &Request) {
    notes::write_status(request, &notes::status(request, RepoState::Scanning));
    let made = (0..100_000).try_for_each(|number| File::create(format!("/status/file-{number}")).map(drop));
    end(request, "make 100,000 files", made);
}

/// B03: twenty thousand folders, each inside the one before.
pub(crate) fn nested_folders(request: &Request) {
    notes::write_status(request, &notes::status(request, RepoState::Scanning));
    end(request, "make 20,000 folders", preview1::nest("/status", 20_000));
}

/// B06: a folder where the status is expected.
pub(crate) fn status_folder(request: &Request) {
    notes::whole_scan(request, &[]);
    let name = format!("/status/repo_{}.json", request.repo_index);
    let _gone = fs::remove_file(&name);
    let _made = fs::create_dir(&name);
}

/// B06: a gigabyte where the status is expected.
pub(crate) fn status_huge(request: &Request) {
    notes::whole_scan(request, &[]);
    let name = format!("/status/repo_{}.json", request.repo_index);
    let _grown = File::options().write(true).open(name).and_then(|file| file.set_len(1 << 30));
}

/// B06, A06: a second name for the status.
pub(crate) fn status_hard_link(request: &Request) {
    let status = notes::status(request, RepoState::Completed);
    notes::write_status(request, &status);
    let name = format!("/status/repo_{}.json", request.repo_index);
    notes::whole_report(&[note("link", fs::hard_link(name, "/status/second-name"))]);
}

/// B07: replaces the status again and again, by turns with two that differ in all they say, until it is told to stop.
pub(crate) fn rename_storm(request: &Request) {
    for round in 0_u64.. {
        let mut status = notes::status(request, RepoState::Scanning);
        status.total_files = 2;
        status.message = Some(if round % 2 == 0 { "a".repeat(3000) } else { "b".repeat(4000) });
        status.current_file = 1 + round % 2;
        notes::write_status(request, &status);
        if fs::exists("/repo/stop").unwrap_or(false) {
            break;
        }
    }
    notes::whole_scan(request, &[]);
}

/// Says that it scans, until it is told to stop; then it leaves a whole report and does not touch its status.
pub(crate) fn until_told(request: &Request) {
    notes::write_status(request, &notes::status(request, RepoState::Scanning));
    while !fs::exists("/repo/stop").unwrap_or(false) {}
    notes::whole_report(&[]);
}

/// B08, B10: whatever the repository says.
pub(crate) fn as_told(request: &Request) {
    notes::whole_scan(request, &[]);
    for (told, place) in
        [("status.json", format!("repo_{}.json", request.repo_index)), ("report.jsonl", "report.jsonl".to_owned())]
    {
        if let Ok(bytes) = fs::read(format!("/repo/told/{told}")) {
            let _written = fs::write(format!("/status/{place}"), bytes);
        }
    }
}

/// B10: an end, and life after it.
pub(crate) fn back_to_life(request: &Request) {
    notes::whole_scan(request, &[]);
    notes::write_status(request, &notes::status(request, RepoState::Scanning));
}
