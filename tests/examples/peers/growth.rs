//! How time and memory grow with the number of files.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use e2e::measure::{self, Cost};

/// Files of a tree, and how often it is scanned.
const SIZES: &[(usize, usize)] = &[(1_000, 3), (10_000, 3), (100_000, 3), (1_000_000, 1)];

/// Files of a folder; one of them is a lockfile, one a source.
const FOLDER: usize = 50;

/// Trees of small files, each ten times the one before. They grow in place, so that a million is written once.
pub fn files() {
    let folder = tempfile::tempdir().expect("a folder");
    let tree = folder.path().join("tree");
    let mut begun = 0;
    let mut points = Vec::new();
    println!("| files | time | processor | memory | a file |");
    println!("|---|---|---|---|---|");
    for (files, runs) in SIZES {
        (begun..files / FOLDER).for_each(|number| fill(&tree.join(format!("{}/{number}", number % 97)), number));
        begun = files / FOLDER;
        let _cost = scan(&tree, folder.path());
        let cost = measure::median((0..*runs).map(|_| scan(&tree, folder.path())).collect());
        let (ms, cpu, mib) = (cost.time.as_millis(), cost.cpu.as_millis(), cost.memory / 1024);
        let each = cost.cpu.as_secs_f64() * 1e6 / *files as f64;
        println!("| {files} | {ms} ms | {cpu} ms | {mib} MiB | {each:.1} µs |");
        points.push((*files as f64, cost));
    }
    let slope = |of: fn(&Cost) -> f64| {
        measure::exponent(&points.iter().map(|(files, cost)| (*files, of(cost))).collect::<Vec<_>>())
    };
    println!(
        "time grows with files to the power of {:.2}, processor time {:.2}, memory {:.2}",
        slope(|cost| cost.time.as_secs_f64()),
        slope(|cost| cost.cpu.as_secs_f64()),
        slope(|cost| cost.memory as f64)
    );
}

fn fill(folder: &Path, number: usize) {
    fs::create_dir_all(folder).expect("a folder");
    fs::write(folder.join("Cargo.lock"), e2e::cargo_lock("p")).expect("a file");
    fs::write(folder.join("main.rs"), format!("fn main() {{ println!(\"{number}\") }}\n")).expect("a file");
    for file in 2..FOLDER {
        fs::write(folder.join(format!("data-{file}.txt")), "text\n").expect("a file");
    }
}

fn scan(tree: &Path, folder: &Path) -> Cost {
    let data = tempfile::tempdir_in(folder).expect("a folder");
    let mut command = Command::new(e2e::binary());
    command.args(["scan", "--quiet", "--format", "json", "--data-dir"]).arg(data.path());
    command.arg("--output").arg(data.path().join("report.json")).arg(tree).stdin(Stdio::null());
    measure::run(&mut command, None)
}
