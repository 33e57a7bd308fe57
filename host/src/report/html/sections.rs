//! The page's parts: numbers at a glance, then a table for each sort of thing.

use std::io::{self, Write};

use super::{Cell, Table, Xml};
use crate::policy::{CategoryStatus, Rollup, Ruling, Status, Subject, Verdict, kind};
use crate::report::RepoReport;
use crate::report::words::{relation, scope, status};
use crate::text::count;

/// The numbers that matter most.
pub(super) fn tiles(out: &mut dyn Write, reports: &[RepoReport], rollup: Option<&Rollup>) -> io::Result<()> {
    let sum = |count: fn(&RepoReport) -> u64| reports.iter().map(count).sum::<u64>();
    let incomplete = sum(|report| u64::from(!report.ended.complete));
    writeln!(out, "<ul class=\"tiles\">")?;
    tile(out, "", reports.len() as u64, "repository")?;
    tile(out, "", sum(RepoReport::package_count), "package")?;
    let calls = sum(|report| report.calls.len() as u64);
    if calls > 0 {
        tile(out, "", calls, "API call")?;
    }
    if let Some(rollup) = rollup {
        let counts = rollup.counts;
        let class = if counts.restricted > 0 { "restricted" } else { "allowed" };
        state(out, class, counts.restricted, "restricted")?;
        state(out, "", counts.allowed, "allowed")?;
        state(out, "", counts.cannot_determine, "cannot determine")?;
    }
    state(out, if incomplete > 0 { "unknown" } else { "" }, incomplete, "incomplete")?;
    tile(out, "", sum(RepoReport::problem_count), "problem")?;
    writeln!(out, "</ul>")
}

/// A number of things.
fn tile(out: &mut dyn Write, class: &str, number: u64, noun: &str) -> io::Result<()> {
    let counted = count(number, noun);
    let what = counted.split_once(' ').map_or("", |(_, what)| what);
    state(out, class, number, what)
}

/// A number of things in some state.
fn state(out: &mut dyn Write, class: &str, number: u64, what: &str) -> io::Result<()> {
    writeln!(out, "<li class=\"{class}\"><b>{number}</b> {}</li>", Xml(what))
}

pub(super) fn repositories(out: &mut dyn Write, reports: &[RepoReport]) -> io::Result<()> {
    let mut columns = vec!["Repository", "Outcome", "Complete", "Files#", "Packages#", "Problems#"];
    let judged = reports.iter().any(|report| report.verdict.is_some());
    columns.extend(judged.then_some("Policy"));
    let mut table = Table::begin(out, "repositories", "Repositories", &columns)?;
    for report in reports {
        let ended = &report.ended;
        let complete = if ended.complete { Cell::Mark("allowed", "yes") } else { Cell::Mark("unknown", "no") };
        let outcome = ended.outcome.replace('_', " ");
        let cells = [
            Cell::Code(&report.name),
            Cell::Text(&outcome),
            complete,
            Cell::Number(report.files.len() as u64),
            Cell::Number(report.package_count()),
            Cell::Number(report.problem_count()),
        ];
        let verdict = judged.then(|| marked(report.verdict.as_ref().map(|verdict| verdict.status)));
        table.row(out, cells.into_iter().chain(verdict))?;
    }
    table.end(out)
}

pub(super) fn categories(out: &mut dyn Write, rollup: &Rollup) -> io::Result<()> {
    let title = format!("Categories of {}", rollup.policy);
    let columns = ["Category", "Means", "Found", "Dependencies#", "API calls#", "Repositories#", "Description"];
    let mut table = Table::begin(out, "categories", &title, &columns)?;
    for category in &rollup.categories {
        let means = match category.status {
            CategoryStatus::Allowed => Cell::Mark("allowed", "allowed"),
            CategoryStatus::Restricted => Cell::Mark("restricted", "restricted"),
        };
        let cells = [
            Cell::Text(&category.name),
            means,
            Cell::Text(if category.present { "yes" } else { "no" }),
            Cell::Number(category.found.dependencies),
            Cell::Number(category.found.api_calls),
            Cell::Number(category.repositories.len() as u64),
            Cell::Text(category.description.as_deref().unwrap_or_default()),
        ];
        table.row(out, cells)?;
    }
    table.end(out)
}

pub(super) fn findings(out: &mut dyn Write, reports: &[RepoReport]) -> io::Result<()> {
    let columns = ["What", "Version or method", "Category", "Status", "Repository", "Where", "Exception"];
    let mut table = Table::begin(out, "findings", "Restricted, or allowed by exception", &columns)?;
    for report in reports {
        for finding in report.verdict.iter().flat_map(|verdict| &verdict.findings) {
            let (what, version) = match &finding.subject {
                Subject::Dependency { name, version, .. } => (name, version),
                Subject::ApiCall { method, url } => (url, method),
            };
            let place = place(&finding.file, finding.line);
            let exception = finding.exception.as_ref().map_or_else(String::new, |exception| {
                let when = if exception.expired { "over since" } else { "until" };
                format!("{when} {}: {}", exception.expires, exception.reason)
            });
            let cells = [
                Cell::Code(what),
                Cell::Text(version.as_deref().unwrap_or_default()),
                Cell::Text(&finding.category),
                marked(Some(finding.status)),
                Cell::Code(&report.name),
                Cell::Code(&place),
                Cell::Text(&exception),
            ];
            table.row(out, cells)?;
        }
    }
    table.end(out)
}

pub(super) fn packages(out: &mut dyn Write, reports: &[RepoReport]) -> io::Result<()> {
    let all =
        ["Package", "Version", "Type", "Relation", "Scope", "License", "Policy", "Categories", "Repository", "Where"];
    let judged = reports.iter().any(|report| report.verdict.is_some());
    // Columns in which nothing would stand are left out.
    let shown = |name: &str| match name {
        "Policy" | "Categories" => judged,
        "Repository" => reports.len() > 1,
        _ => true,
    };
    let columns: Vec<&'static str> = all.into_iter().filter(|name| shown(name)).collect();
    let mut table = Table::begin(out, "packages", "Packages", &columns)?;
    for report in reports {
        for (file, package, ruling) in report.judged_packages() {
            let (kind, place) = (kind(&package.purl), place(&file.path, package.line));
            let version = package.version.as_deref().or(package.requirement.as_deref()).unwrap_or_default();
            let categories = categories_of(ruling, report.verdict.as_ref());
            let cells = [
                Cell::Code(&package.name),
                Cell::Text(version),
                Cell::Text(&kind),
                Cell::Text(relation(package.relation)),
                Cell::Text(scope(package.scope)),
                Cell::Text(package.license.as_deref().unwrap_or_default()),
                marked(ruling.map(|ruling| ruling.status)),
                Cell::Text(&categories),
                Cell::Code(&report.name),
                Cell::Code(&place),
            ];
            table.row(out, all.into_iter().zip(cells).filter(|(name, _)| shown(name)).map(|(_, cell)| cell))?;
        }
    }
    table.end(out)
}

pub(super) fn calls(out: &mut dyn Write, reports: &[RepoReport]) -> io::Result<()> {
    if reports.iter().all(|report| report.calls.is_empty()) {
        return Ok(());
    }
    let columns =
        ["Method", "URL", "Host", "Kind", "Client", "Authentication", "Policy", "Categories", "Repository", "Where"];
    let mut table = Table::begin(out, "calls", "API calls", &columns)?;
    for report in reports {
        for (call, ruling) in report.judged_calls() {
            let (categories, place) = (categories_of(ruling, report.verdict.as_ref()), call.place());
            let cells = [
                Cell::Text(call.method.as_deref().unwrap_or_default()),
                Cell::Code(&call.url),
                Cell::Text(call.host.as_deref().unwrap_or_default()),
                Cell::Text(&call.kind),
                Cell::Text(call.library.as_deref().unwrap_or_default()),
                Cell::Text(call.authentication.as_deref().unwrap_or_default()),
                marked(ruling.map(|ruling| ruling.status)),
                Cell::Text(&categories),
                Cell::Code(&report.name),
                Cell::Code(&place),
            ];
            table.row(out, cells)?;
        }
    }
    table.end(out)
}

pub(super) fn problems(out: &mut dyn Write, reports: &[RepoReport]) -> io::Result<()> {
    let mut table =
        Table::begin(out, "problems", "Problems, and what was passed over", &["Repository", "Where", "What"])?;
    for report in reports {
        let name = || Cell::Code(&report.name);
        for file in &report.files {
            for problem in &file.problems {
                let place = place(&file.path, problem.line);
                table.row(out, [name(), Cell::Code(&place), Cell::Text(&problem.message)])?;
            }
        }
        for whole in report.ended.error.iter().chain(&report.defect) {
            table.row(out, [name(), Cell::Code(""), Cell::Text(whole)])?;
        }
        for (what, skips, incomplete) in report.listing.iter().flat_map(|listing| listing.skips()) {
            let first = skips.names.first().map_or("", String::as_str);
            let word = if incomplete { "not read" } else { "left out" };
            if skips.count > 0 {
                let what = format!("{word}: {} × {what}", skips.count);
                table.row(out, [name(), Cell::Code(first), Cell::Text(&what)])?;
            }
        }
    }
    table.end(out)
}

fn marked(judged: Option<Status>) -> Cell<'static> {
    match judged {
        None => Cell::Text(""),
        Some(Status::Allowed) => Cell::Mark("allowed", status(Status::Allowed)),
        Some(Status::CannotDetermine) => Cell::Mark("unknown", status(Status::CannotDetermine)),
        Some(Status::Restricted) => Cell::Mark("restricted", status(Status::Restricted)),
    }
}

fn categories_of(ruling: Option<&Ruling>, verdict: Option<&Verdict>) -> String {
    let names = ruling.zip(verdict).map(|(ruling, verdict)| verdict.names(ruling).collect::<Vec<_>>());
    names.unwrap_or_default().join(", ")
}

fn place(file: &str, line: Option<u32>) -> String {
    line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"))
}
