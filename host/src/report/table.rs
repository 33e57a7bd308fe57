//! What a person at a terminal reads.

use std::io::{self, Write};

use comfy_table::presets;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use fumehood_contract::{FileRecord, Package, Relation, Scope};

use super::RepoReport;
use crate::text::count;

/// Writes every repository's packages, what was wrong with it, and a summary. Fits the terminal's
/// width if there is one.
pub fn write(out: &mut dyn Write, reports: &[RepoReport], terminal: bool) -> io::Result<()> {
    for report in reports {
        repository(out, report, terminal)?;
    }
    if reports.len() > 1 {
        summary(out, reports, terminal)?;
    }
    out.flush()
}

fn repository(out: &mut dyn Write, report: &RepoReport, terminal: bool) -> io::Result<()> {
    writeln!(out, "{}: {}", report.name, verdict(report))?;
    let mut table = new_table(terminal, &["Package", "Version", "Type", "Relation", "Scope", "Where"]);
    for (file, package) in report.packages() {
        table.add_row(row(file, package));
    }
    if !table.is_empty() {
        writeln!(out, "{}", indented(&table))?;
    }
    problems(out, report)?;
    skipped(out, report)?;
    writeln!(out)
}

/// What was found, and whether it is all.
fn verdict(report: &RepoReport) -> String {
    let ended = &report.ended;
    let files = report.files.iter().filter(|file| !file.packages.is_empty()).count();
    let found = format!("{} in {}", count(report.package_count(), "package"), count(files as u64, "file"));
    match (&ended.error, ended.complete) {
        (Some(error), _) => {
            let before = if files > 0 { format!("; before that, {found}") } else { String::new() };
            format!("{}: {error}{before}", ended.outcome.replace('_', " ").to_uppercase())
        }
        (None, true) => format!("{found}, complete"),
        (None, false) => format!("{found}, INCOMPLETE: something was passed over, see below"),
    }
}

fn row(file: &FileRecord, package: &Package) -> [String; 6] {
    // The project itself often has no version; anything else without one is unknown.
    let unknown = if package.relation == Relation::Project { "" } else { "?" };
    let version = package.version.as_deref().or(package.requirement.as_deref()).unwrap_or(unknown).to_owned();
    let line = package.line.map_or_else(String::new, |line| format!(":{line}"));
    let kind = package.purl.strip_prefix("pkg:").and_then(|rest| rest.split_once('/')).map_or("", |(kind, _)| kind);
    [
        package.name.clone(),
        version,
        kind.to_owned(),
        relation(package.relation).to_owned(),
        scope(package.scope).to_owned(),
        format!("{}{line}", file.path),
    ]
}

fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Project => "project",
        Relation::Direct => "direct",
        Relation::Transitive => "transitive",
        Relation::Unknown => "",
    }
}

fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Runtime => "",
        Scope::Dev => "dev",
        Scope::Optional => "optional",
        Scope::Build => "build",
        Scope::Test => "test",
        Scope::Peer => "peer",
    }
}

fn problems(out: &mut dyn Write, report: &RepoReport) -> io::Result<()> {
    for file in &report.files {
        for problem in &file.problems {
            let line = problem.line.map_or_else(String::new, |line| format!(":{line}"));
            writeln!(out, "  problem in {}{line}: {}", file.path, problem.message)?;
        }
    }
    // Of a scan that failed nobody expects a whole report.
    if let Some(defect) = report.defect.as_ref().filter(|_| report.ended.error.is_none()) {
        writeln!(out, "  problem with the report: {defect}")?;
    }
    for line in report.ended.stderr.iter().flat_map(|stderr| stderr.lines()) {
        writeln!(out, "  its worker said: {line}")?;
    }
    Ok(())
}

/// Names at most this many entries of a kind; the JSON report has more.
const NAMED: usize = 5;

fn skipped(out: &mut dyn Write, report: &RepoReport) -> io::Result<()> {
    for (what, skips, incomplete) in report.listing.iter().flat_map(|listing| listing.skips()) {
        if skips.count == 0 {
            continue;
        }
        let named: Vec<_> = skips.names.iter().take(NAMED).map(String::as_str).collect();
        let more = if skips.count > named.len() as u64 { ", …" } else { "" };
        let mark = if incomplete { "not read" } else { "left out" };
        writeln!(out, "  {mark}: {} ({}{more})", count_of(skips.count, what), named.join(", "))?;
    }
    Ok(())
}

/// [`count`] for the names of skips, whose noun is not always the last word.
fn count_of(number: u64, what: &str) -> String {
    let (noun, rest) = what.split_once(' ').unwrap_or((what, ""));
    match noun {
        "folder" | "link" | "entry" => format!("{} {rest}", count(number, noun)).trim_end().to_owned(),
        _ => count(number, what),
    }
}

fn summary(out: &mut dyn Write, reports: &[RepoReport], terminal: bool) -> io::Result<()> {
    let mut table = new_table(terminal, &["Repository", "Outcome", "Files", "Packages", "Problems"]);
    for report in reports {
        table.add_row([
            report.name.clone(),
            report.ended.outcome.replace('_', " "),
            report.files.len().to_string(),
            report.package_count().to_string(),
            report.problem_count().to_string(),
        ]);
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    writeln!(out, "{}", indented(&table))
}

fn new_table(terminal: bool, header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header.iter().map(|name| name.to_uppercase()));
    let arrangement = if terminal { ContentArrangement::Dynamic } else { ContentArrangement::Disabled };
    table.set_content_arrangement(arrangement);
    table
}

fn indented(table: &Table) -> String {
    table.lines().map(|line| format!(" {}", line.trim_end())).collect::<Vec<_>>().join("\n")
}
