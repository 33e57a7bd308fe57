//! A worker that was taken over, against what stands around it: rows F of the catalogue of attacks, and what each layer
//! is for.

#![expect(clippy::disallowed_methods, reason = "tests look into /proc and start programs on their own")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use e2e::{Doctor, Fumehood, Repo, Running, soon};
use rustix::process::Signal;

/// What came of each attempt, with every layer on: never `succeeded`.
const WALLED_IN: &[(&str, &str)] = &[
    ("read-outside", "refused"),
    ("write-outside", "refused"),
    ("write-repository", "refused"),
    ("read-parent", "refused"),
    ("inherited", "refused"),
    ("fork", "killed"),
    ("thread", "killed"),
    ("execute", "killed"),
    ("gain-rights", "killed"),
    ("socket", "killed"),
    ("connect", "killed"),
    ("abstract-socket", "killed"),
    ("signal", "killed"),
    ("trace", "killed"),
    ("memfd", "killed"),
    ("executable-memory", "killed"),
    ("make-executable", "killed"),
    ("namespace", "killed"),
    ("bpf", "killed"),
    ("memory", "refused"),
    ("addresses", "refused"),
    ("many-files", "refused"),
    ("large-file", "killed"),
];

/// F01: fork, exec, socket, memfd, ptrace, new executable memory. F02: the parent. F04: what was left open.
#[test]
fn f01_f02_f04_a_worker_that_was_taken_over_gets_nowhere() {
    let doctor = Doctor::new().examine();
    let Some(tried) = doctor.tried_in_a_whole_sandbox() else { return };
    let expected: BTreeMap<_, _> =
        WALLED_IN.iter().map(|(probe, came)| ((*probe).to_owned(), (*came).to_owned())).collect();
    assert_eq!(tried, expected);
    assert!(doctor.is_sound());
}

/// Each layer is there for something: without it that succeeds, or is stopped by the next, which `tests/layers.txt`
/// names. A row that this test does not find to be true is a layer that does not do what is said of it.
#[test]
fn no_layer_is_decoration() {
    let Some(_) = Doctor::new().attempt("read-outside").examine().tried_in_a_whole_sandbox() else { return };
    let mut wrong = Vec::new();
    let mut layers = BTreeMap::new();
    for row in include_str!("../layers.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let [probe, without, expected] = row.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{row}") };
        let doctor = Doctor::new().attempt(probe).without(without).examine();
        let came = doctor.came(probe);
        if came != expected {
            wrong.push(format!("{row}: {came}"));
        }
        for layer in without.split(',') {
            layers.entry(layer.to_owned()).or_insert_with(Vec::new).push(came.clone());
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Parent-death is tried with a real parent, not-dumpable by another user, both below.
    for layer in Doctor::new().attempt("read-outside").examine().layers() {
        let is_elsewhere = ["parent-death", "not-dumpable", "control-group"].contains(&layer.as_str());
        let is_guests = ["read-only-repository", "wasi-functions", "status-budget", "guest-memory", "fuel"];
        if !is_elsewhere && !is_guests.contains(&layer.as_str()) {
            let came = layers.get(&layer);
            assert!(came.is_some_and(|came| came.iter().any(|came| came == "succeeded")), "{layer}: {came:?}");
        }
    }
}

/// A repository that is scanned without end.
fn endless() -> (Running, Repo) {
    let repo = Repo::attack("spin");
    let running = Fumehood::new()
        .hostile()
        .env("SECRET", "of-the-parent")
        .arg("--fuel=9000000000000000000")
        .arg("--retries=0")
        .start(&[&repo])
        .until("started")
        .until_scanning(0);
    (running, repo)
}

/// F04: nothing of the parent's environment, and three pipes.
#[test]
fn f04_nothing_is_inherited() {
    let (running, repo) = endless();
    let worker = running.worker(0).as_raw_nonzero();
    assert_eq!(std::fs::read(format!("/proc/{worker}/environ")).unwrap(), b"");
    let files = std::fs::read_dir(format!("/proc/{worker}/fd")).unwrap().flatten();
    let targets: Vec<_> = files.map(|file| (file.file_name(), std::fs::read_link(file.path()).unwrap())).collect();
    for (number, target) in targets {
        let number: u32 = number.to_string_lossy().parse().unwrap();
        let target = target.to_string_lossy();
        let is_pipe = target.starts_with("pipe:") && number < 3;
        // The compiled scanner stays open while it is mapped.
        let is_its_own = target.contains("/tenants/local/jobs/")
            || target.ends_with(".cwasm")
            || target == repo.path().to_string_lossy()
            || target == format!("/proc/{worker}/status");
        assert!(is_pipe || is_its_own, "{number} -> {target}");
    }
}

/// F07: no core, and for other users nothing to see. Only root can become another user, so only root tests that.
#[test]
fn f07_a_worker_leaves_no_core_and_cannot_be_looked_into() {
    let (running, _repo) = endless();
    let worker = running.worker(0).as_raw_nonzero();
    let limits = std::fs::read_to_string(format!("/proc/{worker}/limits")).unwrap();
    assert!(limits.lines().any(|line| line.starts_with("Max core file size") && line.contains(" 0 ")), "{limits}");
    let job = running.job();
    let scan = running.signal(rustix::process::Pid::from_raw(worker.get()).unwrap(), Signal::ABORT).wait();
    scan.exits(2).outcome(0, "killed");
    let cores = Command::new("find").arg(job).args(["-name", "core*"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&cores.stdout), "");
}

/// F08: workers that are gone are gone.
#[test]
fn f08_no_zombie_is_left() {
    let repos = [Repo::attack("spin"), Repo::attack("nothing-but-whole"), Repo::attack("panic"), Repo::attack("exit")];
    let running = Fumehood::new()
        .hostile()
        .arg("--jobs=2")
        .arg("--fuel=9000000000000000000")
        .arg("--retries=0")
        .start(&[&repos[0], &repos[1], &repos[2], &repos[3]])
        .until("[3/4]")
        .until_scanning(0);
    let states = || running.children().into_iter().map(|(_, state)| state).collect::<Vec<_>>();
    assert!(soon(Duration::from_secs(10), || states().len() == 1 && states()[0] != 'Z'), "{:?}", states());
}

/// What a worker asks the kernel for once it is locked down, as `strace` sees it.
#[test]
fn after_the_lockdown_a_worker_opens_nothing_but_its_job() {
    if Command::new("strace").arg("--version").output().is_err() {
        println!("skipped: there is no strace");
        return;
    }
    let repo = Repo::new().file("Cargo.lock", &e2e::cargo_lock("a")).file("src/main.py", "import requests\n");
    let traced = Fumehood::new().traced(&[&repo]);
    let calls = traced.after_lockdown();
    assert!(calls.len() > 20, "{calls:#?}");
    let forbidden =
        ["socket(", "connect(", "execve(", "execveat(", "fork(", "vfork(", "clone(", "clone3(", "PROT_EXEC"];
    for call in &calls {
        assert!(!forbidden.iter().any(|name| call.contains(name)), "{call}");
        // What is opened beneath a folder has a relative path; only these may be absolute.
        let path = call.split('"').nth(1).filter(|path| path.starts_with('/'));
        let is_open = ["open(", "openat(", "openat2(", "creat("].iter().any(|name| call.starts_with(name));
        if let (true, Some(path)) = (is_open, path) {
            let is_of_job = [repo.path(), traced.data()].iter().any(|folder| Path::new(path).starts_with(folder));
            assert!(is_of_job, "{call}");
        }
    }
}

/// The walls of WebAssembly and WASI, each left off: who stops the guest then.
mod guest {
    use e2e::{Finished, Fumehood, Repo};

    fn attack(name: &str, without: &str) -> Finished {
        Fumehood::new().arg("--fuel=3000000000").arg(&format!("--without={without}")).attack(name)
    }

    #[test]
    fn without_fuel_a_loop_meets_its_deadline() {
        let repo = Repo::attack("spin");
        let scan = Fumehood::new().hostile().arg("--without=fuel").arg("--timeout=300ms").scan(&[&repo]);
        scan.exits(2).outcome(0, "timed_out");
    }

    #[test]
    fn without_the_guests_memory_cap_the_process_has_one() {
        let repo = Repo::attack("grow");
        let scan = Fumehood::new().hostile().arg("--memory=64").arg("--without=guest-memory").scan(&[&repo]);
        // The kernel gives no more; the guest's own allocator gives up.
        scan.exits(2).outcome(0, "trapped");
    }

    #[test]
    fn without_a_read_only_repository_landlock_keeps_it() {
        let repo = Repo::attack("write-repo").file("zz/other-file", "untouched");
        let before = repo.listing();
        let without = "--without=read-only-repository,namespaces";
        let scan = Fumehood::new().hostile().arg(without).scan(&[&repo]);
        // Links are none of the guest's functions, and the rest Landlock refuses.
        let notes = scan.problems(0);
        assert!(!notes.is_empty() && notes.iter().all(|note| note.contains(": refused (")), "{notes:#?}");
        assert_eq!(repo.listing(), before);
    }

    #[test]
    fn without_any_of_them_the_repository_is_changed() {
        let repo = Repo::attack("write-repo").file("zz/other-file", "untouched");
        let before = repo.listing();
        let without = "--without=read-only-repository,namespaces,landlock-files,seccomp,wasi-functions";
        let scan = Fumehood::new().hostile().arg(without).scan(&[&repo]);
        let notes = scan.problems(0);
        assert!(notes.iter().any(|note| note.ends_with("SUCCEEDED")), "{notes:#?}");
        assert_ne!(repo.listing(), before);
    }

    #[test]
    fn a07_b06_a_link_is_refused_by_one_wall_after_the_other() {
        attack("plant-link", "wasi-functions").exits(2).outcome(0, "sandbox_violation");
        let scan = attack("plant-link", "wasi-functions,seccomp").exits(2);
        assert_ne!(scan.report(0)["outcome"], "completed");
        // Nobody else is left: the reader does not follow it.
        let scan = attack("plant-link", "wasi-functions,seccomp,landlock-files").exits(2);
        scan.outcome(0, "protocol_violation").error_says(0, "not a plain file");
    }

    #[test]
    fn what_is_left_off_is_said_and_a_strict_sandbox_refuses_it() {
        let repo = Repo::with_package("a");
        let scan = Fumehood::new().arg("--without=fuel,namespaces").scan(&[&repo]).exits(0);
        let missing = scan.report(0)["sandbox"]["missing"].as_array().unwrap().clone();
        assert!(missing.contains(&"fuel".into()) && missing.contains(&"namespaces".into()), "{missing:?}");
        let scan = Fumehood::new().arg("--sandbox=strict").arg("--without=seccomp").arg("--retries=0").scan(&[&repo]);
        scan.exits(2).outcome(0, "host_error").error_says(0, "lacks seccomp");
    }
}
