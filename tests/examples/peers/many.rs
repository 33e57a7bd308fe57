//! Many small repositories as one job, and how long one takes to begin.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use e2e::measure;

/// Repositories of one job.
const REPOSITORIES: usize = 1_000;

/// How often a beginning is measured.
const BEGINNINGS: usize = 21;

/// How many small repositories a second one job gets through.
pub fn repositories() {
    let folder = tempfile::tempdir().expect("a folder");
    for number in 0..REPOSITORIES {
        small(&folder.path().join("repositories").join(format!("r{number}")), number);
    }
    let mut rates: Vec<f64> = Vec::new();
    for turn in 0..3 {
        let mut command = scan(&folder.path().join(format!("data{turn}")));
        command.arg("--each").arg(folder.path().join("repositories"));
        let cost = measure::run(&mut command, None);
        rates.push(REPOSITORIES as f64 / cost.time.as_secs_f64());
        println!(
            "{REPOSITORIES} repositories as one job: {:.2} s, {:.2} s of processors, {:.0} a second",
            cost.time.as_secs_f64(),
            cost.cpu.as_secs_f64(),
            rates[turn]
        );
    }
}

/// How long it takes from a worker's process to its first status.
pub fn spawn() {
    let folder = tempfile::tempdir().expect("a folder");
    small(&folder.path().join("repository"), 0);
    let mut times: Vec<Duration> = (0..BEGINNINGS).filter_map(|turn| first_status(folder.path(), turn)).collect();
    times.sort();
    println!(
        "from a worker's process to its first status: {:.1} ms (median of {}; the fastest {:.1}, the slowest {:.1})",
        times[times.len() / 2].as_secs_f64() * 1e3,
        times.len(),
        times[0].as_secs_f64() * 1e3,
        times[times.len() - 1].as_secs_f64() * 1e3
    );
}

/// Looks without a pause, which takes a core; what it looks for is there in some tenths of a millisecond.
fn first_status(folder: &Path, turn: usize) -> Option<Duration> {
    let data = folder.join(format!("data{turn}"));
    let mut child = scan(&data).arg(folder.join("repository")).spawn().expect("our binary");
    let mut begin = None;
    let jobs = data.join("tenants/local/jobs");
    let mut status: Option<PathBuf> = None;
    let found = loop {
        if begin.is_none() && has_worker(child.id()) {
            begin = Some(Instant::now());
        }
        if status.is_none() {
            let job = fs::read_dir(&jobs).ok().and_then(|mut jobs| jobs.next()?.ok());
            status = job.map(|job| job.path().join("repos/0/a1/status/repo_0.json"));
        }
        if status.as_ref().is_some_and(|status| status.exists()) {
            break begin.map(|begin: Instant| begin.elapsed());
        }
        if child.try_wait().expect("a status").is_some() {
            break None;
        }
    };
    child.wait().expect("an end");
    found
}

fn has_worker(pid: u32) -> bool {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    threads.into_iter().any(|thread| {
        fs::read_to_string(thread.path().join("children")).is_ok_and(|children| !children.trim().is_empty())
    })
}

/// A repository with a lockfile of twenty packages and a few sources. `--each` knows it by its `.git`.
fn small(folder: &Path, number: usize) {
    fs::create_dir_all(folder.join(".git")).expect("a folder");
    fs::write(folder.join(".git/HEAD"), "ref: refs/heads/main\n").expect("a file");
    fs::write(folder.join("Cargo.lock"), lockfile(number)).expect("a file");
    for file in 0..5 {
        fs::write(folder.join(format!("part{file}.rs")), format!("pub fn f() -> usize {{ {number} }}\n"))
            .expect("a file");
    }
}

fn lockfile(number: usize) -> String {
    (0..20)
        .map(|package| e2e::cargo_lock(&format!("p{package}-{number}")))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("\nversion = 4\n", "\n")
}

fn scan(data: &Path) -> Command {
    let mut command = Command::new(e2e::binary());
    command.args(["scan", "--quiet", "--format", "json", "--data-dir"]).arg(data);
    command.arg("--output").arg(data.with_extension("json")).stdin(Stdio::null());
    command
}
