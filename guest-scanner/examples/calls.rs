//! The analysis of API calls without its sandbox: `calls DIR` prints what the tree below DIR talks to, a line a
//! call, and to standard error how long it took. With `--all`, nothing is left out. For trusted trees only.

#![expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a developer's tool for trusted trees")]

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Instant;

use guest_scanner::calls::place::Places;
use guest_scanner::calls::{Analyzer, SOURCE_BYTES_MAX};
use guest_scanner::tree::Tree;

fn main() -> io::Result<()> {
    let mut arguments: Vec<_> = std::env::args().skip(1).collect();
    let all = arguments.iter().position(|argument| argument == "--all").map(|at| arguments.remove(at)).is_some();
    let root = arguments.first().ok_or_else(|| io::Error::other("usage: calls [--all] DIR"))?;
    let begin = Instant::now();
    let places = if all { Places::new([]) } else { Places::default() };
    let (tree, analyzer) = (Tree::new(root), Analyzer::new());
    let mut paths = Vec::new();
    list(Path::new(root), "", &mut paths)?;
    paths.sort();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let (mut files, mut bytes, mut count) = (0u64, 0, 0);
    for path in paths.iter().filter(|path| places.wants(path)) {
        let Ok(text) = tree.text_within(path, SOURCE_BYTES_MAX) else { continue };
        files += 1;
        bytes += text.len();
        let Some(found) = analyzer.calls(path, &text) else { continue };
        for call in found.calls {
            count += 1;
            let library = call.library.as_deref().unwrap_or("-");
            let method = call.method.as_deref().unwrap_or("-");
            writeln!(
                out,
                "{path}:{} {method} {:?} {} [{library} {:?} {:?}]",
                call.line, call.kind, call.url, call.authentication, call.confidence
            )?;
        }
    }
    out.flush()?;
    let seconds = begin.elapsed().as_secs_f64();
    eprintln!("{files} files of {} MiB in {seconds:.3} s: {count} calls", bytes / 1024 / 1024);
    Ok(())
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
