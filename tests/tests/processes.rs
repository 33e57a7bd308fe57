//! Workers that die, hang or are in the way, and what becomes of the job.

#![expect(clippy::disallowed_methods, reason = "a test looks into /proc")]

use std::time::Duration;

use e2e::{Fumehood, Repo, Running};
use rustix::process::{Pid, Signal, test_kill_process};

/// Two repositories of which the first is scanned without end.
fn endless_and_good() -> (Running, [Repo; 2]) {
    let repos = [Repo::attack("spin"), Repo::attack("nothing-but-whole")];
    let running = Fumehood::new()
        .hostile()
        .arg("--jobs=2")
        .arg("--fuel=9000000000000000000")
        .arg("--retries=0")
        .arg("--status-interval=20ms")
        .start(&[&repos[0], &repos[1]]);
    (running, repos)
}

#[test]
fn a_killed_worker_fails_alone() {
    let (running, _repos) = endless_and_good();
    let running = running.until("[1/2]").until_scanning(0);
    let worker = running.worker(0);
    let scan = running.signal(worker, Signal::KILL).wait().exits(2);
    let scan = scan.outcome(0, "killed").error_says(0, "signal 9").outcome(1, "completed");
    assert_eq!(scan.report(0)["complete"], false);
    let master = scan.file("master.json");
    assert_eq!(master["ended"]["0"]["exit"], "signal: 9 (SIGKILL)");
    assert_eq!(master["summary"]["failed"], 1);
    assert_eq!(master["status"], "completed_with_errors");
}

#[test]
fn a09_a_deadline_ends_a_worker() {
    let repo = Repo::attack("spin");
    let scan = Fumehood::new().hostile().arg("--fuel=9000000000000000000").arg("--timeout=300ms").scan(&[&repo]);
    let scan = scan.exits(2).outcome(0, "timed_out").error_says(0, "see --timeout");
    assert_eq!(scan.json()["failed_repositories"].as_array().map(Vec::len), Some(1));
    assert_eq!(scan.file("master.json")["ended"]["0"]["state"], "timeout");
}

#[test]
fn what_was_found_before_a_kill_is_kept_and_marked_incomplete() {
    let repo = Repo::attack("half-then-spin");
    let running = Fumehood::new()
        .hostile()
        .arg("--fuel=9000000000000000000")
        .arg("--retries=0")
        .arg("--status-interval=20ms")
        .start(&[&repo])
        .until("started")
        .until_scanning(0);
    let worker = running.worker(0);
    let scan = running.signal(worker, Signal::KILL).wait().exits(2).outcome(0, "killed").complete(0, false);
    scan.packages(0, &["found-before-the-kill"]);
}

#[test]
fn an_interrupt_cancels_and_leaves_nothing_behind() {
    for signal in [Signal::INT, Signal::TERM] {
        let (running, _repos) = endless_and_good();
        let running = running.until("[1/2]").until_scanning(0);
        let (worker, ours) = (running.worker(0), running.pid());
        let scan = running.signal(ours, signal).wait().exits(130).outcome(0, "cancelled").outcome(1, "completed");
        assert_gone(worker);
        assert_eq!(scan.json()["status"], "cancelled");
        let names = scan.files_below_job();
        assert!(!names.iter().any(|name| name.ends_with(".tmp") || name.ends_with(".new")), "{names:?}");
    }
}

#[test]
fn f05_no_worker_outlives_a_killed_host() {
    let (running, _repos) = endless_and_good();
    let running = running.until("[1/2]").until_scanning(0);
    let (worker, ours) = (running.worker(0), running.pid());
    drop(running.signal(ours, Signal::KILL));
    let gone = e2e::soon(Duration::from_secs(10), || test_kill_process(worker).is_err());
    assert!(gone, "worker {worker:?} is still there 10 s after its host was killed");
}

#[test]
fn b11_a_worker_that_gives_no_sign_of_life_is_given_up() {
    let repo = Repo::attack("spin");
    let scan = Fumehood::new()
        .hostile()
        .arg("--fuel=9000000000000000000")
        .arg("--retries=0")
        .arg("--stale=200ms")
        .arg("--status-interval=10ms")
        .scan(&[&repo]);
    scan.exits(2).outcome(0, "stale").error_says(0, "no sign of life");
}

fn assert_gone(process: Pid) {
    let gone = e2e::soon(Duration::from_secs(10), || test_kill_process(process).is_err());
    assert!(gone, "{process:?} is still there");
}

/// A part of F01: the kernel holds a worker to its seccomp filters, and lets it gain no rights.
#[test]
fn f01_a_worker_is_locked_down_while_it_scans() {
    let (running, _repos) = endless_and_good();
    let running = running.until("[1/2]").until_scanning(0);
    let worker = running.worker(0).as_raw_nonzero();
    for thread in std::fs::read_dir(format!("/proc/{worker}/task")).unwrap().flatten() {
        let status = std::fs::read_to_string(thread.path().join("status")).unwrap();
        let says =
            |line: &str| status.lines().any(|found| found.split_whitespace().collect::<Vec<_>>().join(" ") == line);
        assert!(says("NoNewPrivs: 1") && says("Seccomp: 2"), "{status}");
    }
    let limits = std::fs::read_to_string(format!("/proc/{worker}/limits")).unwrap();
    assert!(limits.lines().any(|line| line.starts_with("Max core file size") && line.contains(" 0 ")), "{limits}");
}
