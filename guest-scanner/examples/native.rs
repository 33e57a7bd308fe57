//! The scanner without its sandbox: `native DIR` reads the tree below DIR in one pass, and prints the
//! purls it found as a JSON list. The yardstick for what the sandbox costs, and a short way to try an
//! extractor. For trusted trees only: nothing here bounds what is read.

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a developer's tool for trusted trees")]

use std::fs;
use std::io;
use std::path::Path;

use guest_scanner::scan::extract;
use guest_scanner::select::Selector;
use guest_scanner::tree::Tree;

fn main() -> io::Result<()> {
    let root = std::env::args_os().nth(1).ok_or_else(|| io::Error::other("usage: native DIR"))?;
    let root = Path::new(&root);
    let (selector, tree) = (Selector::new(), Tree::new(root));
    let mut paths = Vec::new();
    list(root, "", &mut paths)?;
    paths.sort();
    let mut purls = Vec::new();
    for path in paths {
        let Some(extractor) = selector.extractor(&path) else { continue };
        let (packages, problems, _) = extract(&path, extractor, &tree).finish();
        purls.extend(packages.into_iter().map(|package| package.purl));
        for problem in problems {
            eprintln_problem(&path, &problem.message);
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
