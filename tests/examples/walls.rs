//! What the operating system's layers of the sandbox cost a worker: `./just bench-walls`.
//!
//! A job of many tiny repositories, one worker at a time, in turn with all layers and with none. Printed is the time of a
//! repository, and what the layers add to it. Nothing is judged here.

#![expect(clippy::disallowed_methods, reason = "a benchmark runs the binary on files that it made")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use e2e::{Repo, measure};

const REPOSITORIES: u32 = 100;
const PAIRS: usize = 7;

fn main() {
    let repos: Vec<_> = (0..REPOSITORIES).map(|_| Repo::with_package("a")).collect();
    // The first run compiles the scanner, if nobody did before.
    run(&repos, "strict");
    let mut pairs: Vec<_> = (0..PAIRS).map(|_| (run(&repos, "strict"), run(&repos, "off"))).collect();
    pairs.sort_by_key(|(with, without)| with.saturating_sub(*without));
    for (with, without) in &pairs {
        println!(
            "{:>8.2} ms with, {:>8.2} ms without: {:>6.2} ms more",
            ms(*with),
            ms(*without),
            ms(*with) - ms(*without)
        );
    }
    let (with, without) = pairs[PAIRS / 2];
    println!("median: the layers add {:.2} ms to a worker's start", ms(with) - ms(without));
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The time of one repository.
fn run(repos: &[Repo], sandbox: &str) -> Duration {
    let data = tempfile::tempdir().expect("a folder");
    let mut scan = Command::new(e2e::binary());
    scan.args(["scan", "--quiet", "--format=json", "--output=/dev/null", "--jobs=1", "--sandbox", sandbox])
        .arg("--data-dir")
        .arg(data.path())
        .args(repos.iter().map(AsRef::<Path>::as_ref))
        .stdin(Stdio::null());
    measure::run(&mut scan, None).time / REPOSITORIES
}
