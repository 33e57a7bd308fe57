//! The scanner without its sandbox: `native DIR` scans the tree below DIR and prints the purls it found as a JSON
//! list. The yardstick for what the sandbox costs, and a short way to try an extractor. `--calls` looks for API calls
//! as well; `--report FOLDER` writes into FOLDER what the sandbox would write into its status folder, and prints
//! nothing. For trusted trees only: nothing here bounds what is read.

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a developer's tool for trusted trees")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fumehood_contract::{RepoStatus, Timestamp};
use guest_scanner::calls::place::Places;
use guest_scanner::scan::{extract, scan};
use guest_scanner::select::Selector;
use guest_scanner::shards::Alone;
use guest_scanner::status_file::StatusFile;
use guest_scanner::tree::Tree;

/// Between two writes of the status, as of a scan that nobody watches.
const STATUS_INTERVAL: Duration = Duration::from_secs(30);

fn main() -> io::Result<()> {
    let mut arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let calls = take(&mut arguments, "--calls").is_some();
    let report = take(&mut arguments, "--report").map(|at| PathBuf::from(arguments.remove(at)));
    let root = arguments.first().ok_or_else(|| io::Error::other("usage: native DIR [--calls] [--report FOLDER]"))?;
    let root = Path::new(root);
    let mut paths = Vec::new();
    list(root, "", &mut paths)?;
    paths.sort();
    match report {
        Some(folder) => whole(root, &paths, &folder, calls),
        None => purls(root, &paths),
    }
}

fn take(arguments: &mut Vec<std::ffi::OsString>, flag: &str) -> Option<usize> {
    let at = arguments.iter().position(|argument| argument == flag)?;
    arguments.remove(at);
    Some(at)
}

/// Selects and scans, as the host has it done.
fn whole(root: &Path, paths: &[String], folder: &Path, calls: bool) -> io::Result<()> {
    let (selector, places) = (Selector::new(), calls.then(Places::default));
    let is_place = |path: &str| places.as_ref().is_some_and(|places| places.wants(path));
    let chosen: Vec<String> = paths.iter().filter(|path| selector.wants(path) || is_place(path)).cloned().collect();
    let status = RepoStatus::new(0, "native", 1, std::process::id(), Timestamp::now());
    let status = StatusFile::new(folder.to_owned(), status, STATUS_INTERVAL);
    scan(&chosen, &Tree::new(root), folder, status, places.as_ref(), &Alone::default())
        .map(drop)
        .map_err(io::Error::other)
}

fn purls(root: &Path, paths: &[String]) -> io::Result<()> {
    let (selector, tree) = (Selector::new(), Tree::new(root));
    let mut purls = Vec::new();
    for path in paths {
        let Some(extractor) = selector.extractor(path) else { continue };
        let (packages, problems, _) = extract(path, extractor, &tree).finish();
        purls.extend(packages.into_iter().map(|package| package.purl));
        for problem in problems {
            eprintln_problem(path, &problem.message);
        }
    }
    println!("{}", serde_json::to_string(&purls)?);
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a developer's tool")]
fn eprintln_problem(path: &str, message: &str) {
    eprintln!("{path}: {message}");
}

fn list(root: &Path, folder: &str, paths: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            list(root, &path, paths)?;
        } else if kind.is_file() {
            paths.push(path);
        }
    }
    Ok(())
}
