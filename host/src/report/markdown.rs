//! Markdown as forges show it: a summary for merge requests and wikis.
//!
//! Names from repositories stand in code, so that none becomes a link, an image, a mention or a cell's end.

use std::fmt;
use std::io::{self, Write};

use fumehood_contract::Package;

use super::words::{relation, scope, status};
use super::{RepoReport, sandboxes};
use crate::policy::{Finding, Rollup, Status, Subject, kind};
use crate::text::count;

/// Writes all repositories.
pub fn write(out: &mut dyn Write, reports: &[RepoReport]) -> io::Result<()> {
    writeln!(out, "# Dependencies\n")?;
    summary(out, reports)?;
    if let Some(rollup) = Rollup::of(reports) {
        policy(out, &rollup)?;
        findings(out, reports)?;
    }
    for report in reports {
        repository(out, report)?;
    }
    out.flush()
}

/// Text from outside, as code in a table.
pub(crate) struct Code<'a>(pub(crate) &'a str);

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0;
        if text.is_empty() {
            return Ok(());
        }
        let is_plain = !text.contains(['`', '|', '\\', '\n', '\r']) && text.trim() == text;
        if is_plain {
            return write!(f, "`{text}`");
        }
        // In a code span a cell's end cannot be written in a way that all readers share; in an entity it can.
        f.write_str("<code>")?;
        for letter in text.chars() {
            if letter.is_alphanumeric() || letter == ' ' {
                write!(f, "{letter}")?
            } else {
                write!(f, "&#{};", letter as u32)?
            }
        }
        f.write_str("</code>")
    }
}

fn summary(out: &mut dyn Write, reports: &[RepoReport]) -> io::Result<()> {
    writeln!(out, "| repository | outcome | packages | problems | policy |\n|---|---|--:|--:|---|")?;
    for report in reports {
        let complete = if report.ended.complete { "" } else { ", **incomplete**" };
        let outcome = report.ended.outcome.replace('_', " ");
        let outcome = if outcome == "incomplete" { String::new() } else { outcome };
        let outcome = format!("{outcome}{complete}");
        let (packages, problems) = (report.package_count(), report.problem_count());
        let policy = report.verdict.as_ref().map_or("", |verdict| status(verdict.status));
        let outcome = outcome.trim_start_matches(", ");
        writeln!(out, "| {} | {outcome} | {packages} | {problems} | {policy} |", Code(&report.name))?;
    }
    for sandbox in sandboxes(reports) {
        writeln!(out, "\n{sandbox}")?;
    }
    writeln!(out)
}

fn policy(out: &mut dyn Write, rollup: &Rollup) -> io::Result<()> {
    let counts = rollup.counts;
    writeln!(
        out,
        "## Policy {}: {}\n\n{} restricted, {} allowed ({} by exception), {} cannot be determined.\n",
        Code(&rollup.policy),
        status(rollup.status),
        counts.restricted,
        counts.allowed,
        counts.excepted,
        counts.cannot_determine
    )?;
    writeln!(out, "| category | means | dependencies | API calls | repositories |\n|---|---|--:|--:|--:|")?;
    for category in rollup.categories.iter().filter(|category| category.present) {
        let means = match category.status {
            crate::policy::CategoryStatus::Allowed => "allowed",
            crate::policy::CategoryStatus::Restricted => "**restricted**",
        };
        let (found, repositories) = (category.found, category.repositories.len());
        let (dependencies, calls) = (found.dependencies, found.api_calls);
        writeln!(out, "| {} | {means} | {dependencies} | {calls} | {repositories} |", Code(&category.name))?;
    }
    writeln!(out)
}

fn findings(out: &mut dyn Write, reports: &[RepoReport]) -> io::Result<()> {
    let all = || reports.iter().flat_map(|report| report.verdict.iter().map(move |verdict| (report, verdict)));
    if all().all(|(_, verdict)| verdict.findings.is_empty()) {
        return Ok(());
    }
    writeln!(out, "## Restricted\n\n| what | category | where | exception |\n|---|---|---|---|")?;
    for (report, verdict) in all() {
        let repository = if reports.len() > 1 { format!("{} ", Code(&report.name)) } else { String::new() };
        for found in &verdict.findings {
            let line = found.line.map_or_else(String::new, |line| format!(":{line}"));
            let place = format!("{}{line}", found.file);
            writeln!(
                out,
                "| {} | {} | {repository}{} | {} |",
                what(found),
                Code(&found.category),
                Code(&place),
                exception(found)
            )?;
        }
    }
    writeln!(out)
}

/// What a finding is about.
fn what(finding: &Finding) -> String {
    match &finding.subject {
        Subject::Dependency { name, version, .. } => {
            format!("{} {}", Code(name), Code(version.as_deref().unwrap_or_default())).trim_end().to_owned()
        }
        Subject::ApiCall { method, url } => {
            format!("{} {}", Code(method.as_deref().unwrap_or_default()), Code(url)).trim_start().to_owned()
        }
    }
}

fn exception(finding: &Finding) -> String {
    finding.exception.as_ref().map_or_else(String::new, |exception| {
        let word = if finding.status == Status::Allowed { "until" } else { "**over since**" };
        format!("{word} {}: {}", exception.expires, Code(&exception.reason))
    })
}

fn repository(out: &mut dyn Write, report: &RepoReport) -> io::Result<()> {
    writeln!(out, "## {}\n", Code(&report.name))?;
    if let Some(error) = &report.ended.error {
        writeln!(out, "**Not scanned:** {}\n", Code(error))?;
    }
    packages(out, report)?;
    calls(out, report)?;
    problems(out, report)
}

fn packages(out: &mut dyn Write, report: &RepoReport) -> io::Result<()> {
    if report.package_count() == 0 {
        return writeln!(out, "No packages.\n");
    }
    let files = report.files.iter().filter(|file| !file.packages.is_empty()).count() as u64;
    let (packages, files) = (count(report.package_count(), "package"), count(files, "file"));
    writeln!(out, "<details><summary>{packages} in {files}</summary>\n")?;
    writeln!(out, "| package | version | type | relation | scope | where | policy |\n|---|---|---|---|---|---|---|")?;
    for (file, package, ruling) in report.judged_packages() {
        let line = package.line.map_or_else(String::new, |line| format!(":{line}"));
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            Code(&package.name),
            Code(version(package)),
            Code(&kind(&package.purl)),
            relation(package.relation),
            scope(package.scope),
            Code(&format!("{}{line}", file.path)),
            ruling.map_or("", |ruling| status(ruling.status))
        )?;
    }
    writeln!(out, "\n</details>\n")
}

fn calls(out: &mut dyn Write, report: &RepoReport) -> io::Result<()> {
    if report.calls.is_empty() {
        return Ok(());
    }
    writeln!(out, "| API call | client | where | policy |\n|---|---|---|---|")?;
    for (call, ruling) in report.judged_calls() {
        let policy = ruling.map_or("", |ruling| status(ruling.status));
        let client = Code(call.library.as_deref().unwrap_or_default());
        writeln!(out, "| {} | {client} | {} | {policy} |", Code(&call.request()), Code(&call.place()))?;
    }
    writeln!(out)
}

fn problems(out: &mut dyn Write, report: &RepoReport) -> io::Result<()> {
    let mut any = false;
    for file in &report.files {
        for problem in &file.problems {
            let line = problem.line.map_or_else(String::new, |line| format!(":{line}"));
            writeln!(out, "- problem in {}: {}", Code(&format!("{}{line}", file.path)), Code(&problem.message))?;
            any = true;
        }
    }
    for (what, skips, incomplete) in report.listing.iter().flat_map(|listing| listing.skips()) {
        if incomplete && skips.count > 0 {
            let names: Vec<String> = skips.names.iter().take(5).map(|name| Code(name).to_string()).collect();
            writeln!(out, "- not read: {} × {what} ({})", skips.count, names.join(", "))?;
            any = true;
        }
    }
    if any { writeln!(out) } else { Ok(()) }
}

fn version(package: &Package) -> &str {
    package.version.as_deref().or(package.requirement.as_deref()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn names_stay_code() {
        assert_eq!(Code("@babel/core").to_string(), "`@babel/core`");
        assert_eq!(Code("a|b`").to_string(), "<code>a&#124;b&#96;</code>");
        assert_eq!(Code("<img src=x>").to_string(), "`<img src=x>`");
        assert_eq!(Code("").to_string(), "");
    }
}
