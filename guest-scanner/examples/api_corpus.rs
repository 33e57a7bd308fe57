//! Scores the analysis of API calls against labelled files: `api_corpus HANDWRITTEN [LIST CACHE]`. Prints precision and
//! recall, for all files and for those that were added when the analyzer was finished. A call counts as found if
//! line, method, kind and URL are all as labelled, but for the names of what is
//! not known. With `--verbose`, prints what is missing and what is too much.

#![expect(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr, reason = "a developer's tool")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use guest_scanner::calls::Analyzer;

/// What precision and recall must reach.
const GOAL: f64 = 0.9;

#[derive(Clone, Copy, Default)]
struct Score {
    files: u32,
    right: u32,
    wrong: u32,
    missed: u32,
}

/// A labelled file.
struct Case {
    /// Where it lies, and by what name the analyzer is asked.
    path: PathBuf,
    name: String,
    is_published: bool,
    is_held_out: bool,
    expected: Vec<String>,
}

fn main() -> io::Result<ExitCode> {
    let mut arguments: Vec<_> = std::env::args().skip(1).collect();
    let verbose =
        arguments.iter().position(|argument| argument == "--verbose").map(|at| arguments.remove(at)).is_some();
    let mut cases = Vec::new();
    if let Some(folder) = arguments.first() {
        handwritten(Path::new(folder), &mut cases)?;
    }
    if let [_, list, cache] = arguments.as_slice() {
        published(Path::new(list), Path::new(cache), &mut cases)?;
    }
    let analyzer = Analyzer::new();
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    let mut languages = BTreeSet::new();
    for case in &cases {
        let Ok(text) = fs::read_to_string(&case.path) else {
            eprintln!("{} is not there, and not scored", case.name);
            continue;
        };
        let score = score(case, &text, &analyzer, &mut languages, verbose);
        let origin = if case.is_published { "published" } else { "written" };
        let groups = [
            Some("all"),
            case.is_held_out.then_some("held out"),
            Some(origin),
            (case.is_held_out && case.is_published).then_some("published, held out"),
        ];
        for group in groups.into_iter().flatten() {
            scores.entry(group).or_default().add(score);
        }
    }
    println!("{:20} {:>5} {:>6} {:>9} {:>7}", "files", "", "calls", "precision", "recall");
    for (name, score) in &scores {
        println!(
            "{name:20} {:>5} {:>6} {:>9.3} {:>7.3}",
            score.files,
            score.right + score.missed,
            score.precision(),
            score.recall()
        );
    }
    println!("languages: {}", languages.into_iter().collect::<Vec<_>>().join(", "));
    let reached = scores
        .iter()
        .filter(|(name, _)| matches!(**name, "all" | "held out"))
        .all(|(_, score)| score.precision() >= GOAL && score.recall() >= GOAL);
    Ok(if reached { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Score {
    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.right += other.right;
        self.wrong += other.wrong;
        self.missed += other.missed;
    }

    fn precision(self) -> f64 {
        ratio(self.right, self.wrong)
    }

    fn recall(self) -> f64 {
        ratio(self.right, self.missed)
    }
}

fn ratio(right: u32, other: u32) -> f64 {
    if right + other == 0 { 1.0 } else { f64::from(right) / f64::from(right + other) }
}

fn score(case: &Case, text: &str, analyzer: &Analyzer, languages: &mut BTreeSet<&'static str>, verbose: bool) -> Score {
    let found = analyzer.calls(&case.name, text);
    languages.extend(found.as_ref().map(|found| found.language));
    let mut missing = case.expected.clone();
    let mut score = Score { files: 1, ..Score::default() };
    for call in found.map(|found| found.calls).unwrap_or_default() {
        let kind = format!("{:?}", call.kind).to_lowercase();
        let line = format!("{} {} {kind} {}", call.line, call.method.as_deref().unwrap_or("-"), call.url);
        if let Some(at) = missing.iter().position(|expected| unnamed(expected) == unnamed(&line)) {
            missing.remove(at);
            score.right += 1;
        } else {
            score.wrong += 1;
            if verbose {
                println!("{}: too much: {line}", case.name);
            }
        }
    }
    if verbose {
        missing.iter().for_each(|line| println!("{}: missing:  {line}", case.name));
    }
    score.missed = u32::try_from(missing.len()).unwrap_or(u32::MAX);
    score
}

/// A label without the names of what is not known: what they are called is a matter of taste.
fn unnamed(label: &str) -> String {
    let mut depth = 0usize;
    let mut made = String::new();
    for letter in label.chars() {
        depth = depth.saturating_sub(usize::from(letter == '}'));
        if depth == 0 {
            made.push(letter);
        }
        depth += usize::from(letter == '{');
    }
    made
}

/// The files that have their labels beside them.
fn handwritten(folder: &Path, cases: &mut Vec<Case>) -> io::Result<()> {
    let mut entries: Vec<_> = fs::read_dir(folder)?.filter_map(Result::ok).map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            handwritten(&path, cases)?;
        } else if path.extension().is_some_and(|extension| extension == "expected") {
            let labels = fs::read_to_string(&path)?;
            let source = path.with_extension("");
            let is_held_out = labels.starts_with("# held-out");
            let expected = labels.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
            cases.push(Case {
                name: source.display().to_string(),
                path: source,
                is_published: false,
                is_held_out,
                expected,
            });
        }
    }
    Ok(())
}

/// The files of published packages, as `scripts/api-corpus` has put them into `cache`: a line with origin, package,
/// version, path and checksum, then the labels, indented.
fn published(list: &Path, cache: &Path, cases: &mut Vec<Case>) -> io::Result<()> {
    for line in fs::read_to_string(list)?.lines() {
        if let Some(label) = line.strip_prefix("  ") {
            if let Some(case) = cases.last_mut() {
                case.expected.push(label.to_owned());
            }
            continue;
        }
        let words: Vec<_> = line.split_whitespace().collect();
        let [_, package, _, path, checksum, flags @ ..] = words.as_slice() else { continue };
        if line.starts_with('#') {
            continue;
        }
        cases.push(Case {
            path: cache.join("files").join(checksum),
            name: format!("{package}/{path}"),
            is_published: true,
            is_held_out: flags.contains(&"held-out"),
            expected: Vec::new(),
        });
    }
    Ok(())
}
