//! What a person at a terminal reads.

use std::io::{self, Write};

use comfy_table::presets;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use fumehood_contract::{FileRecord, Package, Relation};

use super::words::{relation, scope, status};
use super::{RepoReport, sandboxes};
use crate::policy::{self, CategoryStatus, Finding, Rollup, Ruling, Status, Subject};
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
    if let Some(rollup) = Rollup::of(reports) {
        categories(out, &rollup, terminal)?;
    }
    for sandbox in sandboxes(reports) {
        writeln!(out, "{}", sandbox.summary())?;
    }
    out.flush()
}

fn repository(out: &mut dyn Write, report: &RepoReport, terminal: bool) -> io::Result<()> {
    writeln!(out, "{}: {}", report.name, verdict(report))?;
    let columns = ["Package", "Version", "Type", "Relation", "Scope", "Where", "Policy"];
    // Without a policy its column is not there.
    let shown = columns.len() - usize::from(report.verdict.is_none());
    let mut table = new_table(terminal, columns.get(..shown).unwrap_or_default());
    for (file, package, ruling) in report.judged_packages() {
        table.add_row(row(file, package, ruling).into_iter().take(shown));
    }
    if !table.is_empty() {
        writeln!(out, "{}", indented(&table))?;
    }
    calls(out, report, terminal)?;
    problems(out, report)?;
    skipped(out, report)?;
    for finding in report.verdict.iter().flat_map(|verdict| &verdict.findings) {
        writeln!(out, "  {}", self::finding(finding))?;
    }
    writeln!(out)
}

/// `RESTRICTED left-pad 1.0 (Old things) in package-lock.json:5`, with the exception.
fn finding(finding: &Finding) -> String {
    let word = if finding.status == Status::Restricted { "RESTRICTED" } else { "allowed by exception" };
    let what = match &finding.subject {
        Subject::Dependency { name, version, .. } => format!("{name} {}", version.as_deref().unwrap_or_default()),
        Subject::ApiCall { method, url } => format!("{} {url}", method.as_deref().unwrap_or_default()),
    };
    let line = finding.line.map_or_else(String::new, |line| format!(":{line}"));
    let exception = finding.exception.as_ref().map_or_else(String::new, |exception| {
        let when = if exception.expired { "over since" } else { "until" };
        format!("; exception {when} {}: {}", exception.expires, exception.reason)
    });
    format!("{word}: {} ({}) in {}{line}{exception}", what.trim(), finding.category, finding.file)
}

/// The categories of which something was found, in all repositories together.
fn categories(out: &mut dyn Write, rollup: &Rollup, terminal: bool) -> io::Result<()> {
    let counts = rollup.counts;
    writeln!(
        out,
        "policy {}: {} ({} restricted, {} allowed, {} of them by exception, {} cannot be determined)",
        rollup.policy,
        status(rollup.status).to_uppercase(),
        counts.restricted,
        counts.allowed,
        counts.excepted,
        counts.cannot_determine
    )?;
    let mut table = new_table(terminal, &["Category", "Means", "Dependencies", "API calls", "Repositories"]);
    for category in rollup.categories.iter().filter(|category| category.present) {
        let means = match category.status {
            CategoryStatus::Allowed => "allowed",
            CategoryStatus::Restricted => "RESTRICTED",
        };
        table.add_row([
            category.name.clone(),
            means.to_owned(),
            category.found.dependencies.to_string(),
            category.found.api_calls.to_string(),
            category.repositories.len().to_string(),
        ]);
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    if table.is_empty() { Ok(()) } else { writeln!(out, "{}", indented(&table)) }
}

fn calls(out: &mut dyn Write, report: &RepoReport, terminal: bool) -> io::Result<()> {
    if report.calls.is_empty() {
        return Ok(());
    }
    let mut table = new_table(terminal, &["API call", "Kind", "Client", "Authentication", "Where", "Policy"]);
    for (call, ruling) in report.judged_calls() {
        table.add_row([
            call.request(),
            call.kind.clone(),
            call.library.clone().unwrap_or_default(),
            call.authentication.clone().unwrap_or_default(),
            call.place(),
            ruling.map_or("", |ruling| status(ruling.status)).to_owned(),
        ]);
    }
    writeln!(out, "{}", indented(&table))
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

fn row(file: &FileRecord, package: &Package, ruling: Option<&Ruling>) -> [String; 7] {
    // The project itself often has no version; anything else without one is unknown.
    let unknown = if package.relation == Relation::Project { "" } else { "?" };
    let version = package.version.as_deref().or(package.requirement.as_deref()).unwrap_or(unknown).to_owned();
    let line = package.line.map_or_else(String::new, |line| format!(":{line}"));
    [
        package.name.clone(),
        version,
        policy::kind(&package.purl),
        relation(package.relation).to_owned(),
        scope(package.scope).to_owned(),
        format!("{}{line}", file.path),
        ruling.map_or("", |ruling| status(ruling.status)).to_owned(),
    ]
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

pub(crate) fn new_table(terminal: bool, header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header.iter().map(|name| name.to_uppercase()));
    let arrangement = if terminal { ContentArrangement::Dynamic } else { ContentArrangement::Disabled };
    table.set_content_arrangement(arrangement);
    table
}

pub(crate) fn indented(table: &Table) -> String {
    table.lines().map(|line| format!(" {}", line.trim_end())).collect::<Vec<_>>().join("\n")
}
