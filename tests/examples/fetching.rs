//! Fetching and scanning against a shallow clone and a scan of the checkout: `./just bench-fetch`.
//!
//! Both sides fetch over https from git's own server on loopback, in turn, and end with the same report. Printed
//! are the medians of time, peak memory (all processes of a side) and peak disk, and their ratios. Nothing is
//! judged here: a machine's noise is no test.

#![expect(clippy::disallowed_methods, reason = "a benchmark runs commands on files that it made")]

use std::path::Path;
use std::process::{Command, Stdio};

use e2e::forge::{Forge, ForgeKind};
use e2e::measure::{self, Cost};

/// Files of a repository, and how often both sides fetch it.
const SIZES: &[(usize, usize)] = &[(1_000, 7), (10_000, 7), (50_000, 3)];

fn main() {
    let Some(forge) = Forge::start() else { return };
    println!("{:>7}  {:<28} {:>10} {:>10} {:>10}", "files", "", "time", "memory", "disk");
    for (files, runs) in SIZES {
        let name = format!("bench/files-{files}");
        forge.repository(&name, |repo| {
            (0..*files).fold(repo.package("bench"), |repo, number| repo.file(&path(number), content(number)))
        });
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..*runs {
            ours.push(fetch_and_scan(&forge, &name, false));
            theirs.push(clone_and_scan(&forge, &name, false));
        }
        let (mut ours, mut theirs) = (measure::median(ours), measure::median(theirs));
        // A run of its own, because looking at the disk takes time.
        ours.disk = fetch_and_scan(&forge, &name, true).disk;
        theirs.disk = clone_and_scan(&forge, &name, true).disk;
        row(*files, "fetch and scan", ours);
        row(*files, "git clone --depth 1 and scan", theirs);
        let ratio = |left: f64, right: f64| format!("{:.2}", left / right);
        println!(
            "{files:>7}  {:<28} {:>10} {:>10} {:>10}",
            "ratio",
            ratio(ours.time.as_secs_f64(), theirs.time.as_secs_f64()),
            ratio(ours.memory as f64, theirs.memory as f64),
            ratio(ours.disk as f64, theirs.disk as f64)
        );
    }
}

fn row(files: usize, side: &str, cost: Cost) {
    let (ms, memory, disk) = (cost.time.as_millis(), cost.memory / 1024, cost.disk / 1024);
    println!("{files:>7}  {side:<28} {ms:>7} ms {memory:>6} MiB {disk:>6} MiB");
}

fn fetch_and_scan(forge: &Forge, name: &str, disk: bool) -> Cost {
    let data = tempfile::tempdir().expect("a folder");
    let config = forge.config(ForgeKind::Git);
    let mut scan = scan(data.path(), &forge.url(name));
    measure::run(scan.arg("--config").arg(config), disk.then_some(data.path()))
}

fn clone_and_scan(forge: &Forge, name: &str, disk: bool) -> Cost {
    let data = tempfile::tempdir().expect("a folder");
    let checkout = data.path().join("checkout");
    let mut clone = forge.git();
    clone.args(["clone", "--quiet", "--depth", "1", &forge.url(name)]).arg(&checkout);
    let cloned = measure::run(&mut clone, disk.then_some(data.path()));
    let scanned = measure::run(&mut scan(data.path(), &checkout.display().to_string()), disk.then_some(data.path()));
    Cost {
        time: cloned.time + scanned.time,
        cpu: cloned.cpu + scanned.cpu,
        memory: cloned.memory.max(scanned.memory),
        disk: cloned.disk.max(scanned.disk),
    }
}

fn scan(data: &Path, source: &str) -> Command {
    let mut command = Command::new(e2e::binary());
    command
        .args(["scan", "--quiet", "--format", "json", source, "--data-dir"])
        .arg(data)
        .arg("--output")
        .arg(data.join("report.json"))
        .stdin(Stdio::null());
    command
}

/// Folders of 50, as sources lie; some are files that the scanner reads.
fn path(number: usize) -> String {
    let folder = number / 50;
    match number % 500 {
        0 => format!("src/part{}/mod{folder}/Cargo.lock", folder % 40),
        1 => format!("src/part{}/mod{folder}/package.json", folder % 40),
        _ => format!("src/part{}/mod{folder}/file{number}.rs", folder % 40),
    }
}

/// About 5 KB that compress like source text, and differ from file to file.
fn content(number: usize) -> String {
    match number % 500 {
        0 => return e2e::cargo_lock(&format!("lib{number}")),
        1 => return format!("{{\"name\":\"p{number}\",\"dependencies\":{{\"left\":\"^1.{number}.0\"}}}}\n"),
        _ => {}
    }
    let mut text = String::new();
    let mut state = number as u64 + 1;
    while text.len() < 5_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let word = WORDS[(state >> 33) as usize % WORDS.len()];
        text.push_str(word);
        text.push(if state >> 60 == 0 { '\n' } else { ' ' });
    }
    text
}

const WORDS: &[&str] = &[
    "let", "fn", "self", "return", "match", "value", "index", "buffer", "length", "Some", "None", "Ok", "Err", "->",
    "=>", "{", "}", "(", ")", ";", "reader", "writer", "status", "0x1f", "42", "u64", "usize", "&str", "String", "//",
    "parse", "token", "entry", "folder", "count", "limit", "bytes", "offset", "next", "iter", "map", "collect",
];
