//! CSV (RFC 4180): a row for each package, API call and problem.
//!
//! A cell that a spreadsheet would take for a formula begins with an apostrophe: a package may be called `=cmd|…`.

use std::borrow::Cow;
use std::io::{self, Write};

use super::RepoReport;
use super::words::{relation, scope};
use crate::policy::{Ruling, Verdict, kind};

/// Writes all repositories.
pub fn write(out: &mut dyn Write, reports: &[RepoReport]) -> io::Result<()> {
    row(out, HEADER.iter().copied())?;
    for report in reports {
        packages(out, report)?;
        calls(out, report)?;
        problems(out, report)?;
    }
    out.flush()
}

const HEADER: [&str; 17] = [
    "repository",
    "record",
    "type",
    "name",
    "version",
    "requirement",
    "method",
    "client",
    "purl_or_url",
    "relation",
    "scope",
    "license",
    "file",
    "line",
    "policy",
    "categories",
    "message",
];

fn packages(out: &mut dyn Write, report: &RepoReport) -> io::Result<()> {
    for (file, package, ruling) in report.judged_packages() {
        let (status, categories) = ruled(ruling, report.verdict.as_ref());
        let cells = [
            &report.name,
            "dependency",
            &kind(&package.purl),
            &package.name,
            package.version.as_deref().unwrap_or_default(),
            package.requirement.as_deref().unwrap_or_default(),
            "",
            "",
            &package.purl,
            relation(package.relation),
            scope(package.scope),
            package.license.as_deref().unwrap_or_default(),
            &file.path,
            &number(package.line),
            status,
            &categories,
            "",
        ];
        row(out, cells.into_iter())?;
    }
    Ok(())
}

fn calls(out: &mut dyn Write, report: &RepoReport) -> io::Result<()> {
    for (call, ruling) in report.judged_calls() {
        let (status, categories) = ruled(ruling, report.verdict.as_ref());
        let cells = [
            &report.name,
            "api_call",
            &call.kind,
            call.host.as_deref().unwrap_or_default(),
            "",
            "",
            call.method.as_deref().unwrap_or_default(),
            call.library.as_deref().unwrap_or_default(),
            &call.url,
            "",
            "",
            "",
            &call.file,
            &number(call.line),
            status,
            &categories,
            "",
        ];
        row(out, cells.into_iter())?;
    }
    Ok(())
}

fn problems(out: &mut dyn Write, report: &RepoReport) -> io::Result<()> {
    let mut problem = |file: &str, line: Option<u32>, message: &str| {
        let line = number(line);
        let cells = ["", "", "", "", "", "", "", "", "", "", file, &line, "", "", message];
        row(out, [report.name.as_str(), "problem"].into_iter().chain(cells))
    };
    for file in &report.files {
        for found in &file.problems {
            problem(&file.path, found.line, &found.message)?;
        }
    }
    for whole in report.ended.error.iter().chain(&report.defect) {
        problem("", None, whole)?;
    }
    for (what, skips, incomplete) in report.listing.iter().flat_map(|listing| listing.skips()) {
        if incomplete && skips.count > 0 {
            problem("", None, &format!("not read: {} × {what}", skips.count))?;
        }
    }
    Ok(())
}

fn ruled(ruling: Option<&Ruling>, verdict: Option<&Verdict>) -> (&'static str, String) {
    let (Some(ruling), Some(verdict)) = (ruling, verdict) else { return ("", String::new()) };
    (ruling.status.name(), verdict.names(ruling).collect::<Vec<_>>().join("; "))
}

fn number(line: Option<u32>) -> String {
    line.map_or_else(String::new, |line| line.to_string())
}

fn row<'a>(out: &mut dyn Write, cells: impl Iterator<Item = &'a str>) -> io::Result<()> {
    for (at, text) in cells.enumerate() {
        let comma = if at == 0 { "" } else { "," };
        write!(out, "{comma}{}", cell(text))?;
    }
    out.write_all(b"\r\n")
}

fn cell(text: &str) -> Cow<'_, str> {
    let first = text.trim_start().chars().next();
    let is_formula = first.is_some_and(|letter| "=+-@|%＝＋－＠".contains(letter)) || text.starts_with(['\t', '\r']);
    let is_plain = !is_formula && !text.contains(['"', ',', '\n', '\r', ';']) && text.trim() == text;
    if is_plain {
        return Cow::Borrowed(text);
    }
    let apostrophe = if is_formula { "'" } else { "" };
    Cow::Owned(format!("\"{apostrophe}{}\"", text.replace('"', "\"\"")))
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn formulas_become_text() {
        assert_eq!(cell("left-pad"), "left-pad");
        assert_eq!(cell("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\"");
        for hostile in ["@babel/core", "+1", "-1", " =1", "\t=1", "＝1", "|x", "%0a"] {
            assert!(cell(hostile).starts_with("\"'"), "{hostile}");
        }
        assert_eq!(cell("a, b"), "\"a, b\"");
    }
}
