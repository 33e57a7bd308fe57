//! JUnit XML, as CI servers read it: a suite a repository, a test that fails for each restricted thing.

use std::fmt;
use std::io::{self, Write};

use super::RepoReport;
use super::words::status;
use crate::policy::{CategoryStatus, Finding, Status, Subject, Verdict};

/// Writes all repositories.
pub fn write(out: &mut dyn Write, reports: &[RepoReport]) -> io::Result<()> {
    let suites: Vec<(&RepoReport, Vec<Case>)> = reports.iter().map(|report| (report, cases(report))).collect();
    let all = || suites.iter().flat_map(|(_, cases)| cases);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"fumehood\"{}>", Counts::of(all()))?;
    for (report, cases) in &suites {
        writeln!(out, "  <testsuite name=\"{}\"{}>", Xml(&report.name), Counts::of(cases.iter()))?;
        if let Some(sandbox) = report.sandbox() {
            let value = sandbox.to_string();
            writeln!(out, "    <properties><property name=\"sandbox\" value=\"{}\"/></properties>", Xml(&value))?;
        }
        for case in cases {
            case.write(out, &report.name)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")?;
    out.flush()
}

struct Case {
    name: String,
    file: Option<(String, Option<u32>)>,
    end: End,
}

enum End {
    Passed,
    /// Something restricted: what, and all that is known of it.
    Failed(String, String),
    /// The scan itself went wrong.
    Broken(String),
    /// It cannot be told.
    Skipped(String),
}

fn cases(report: &RepoReport) -> Vec<Case> {
    let mut cases = vec![Case { name: "scan".to_owned(), file: None, end: scan(report) }];
    if let Some(verdict) = &report.verdict {
        cases.extend(categories(verdict));
        cases.extend(verdict.findings.iter().map(finding));
    }
    cases
}

fn scan(report: &RepoReport) -> End {
    match &report.ended.error {
        Some(error) => End::Broken(error.clone()),
        None if report.ended.complete => End::Passed,
        None => {
            let problems = report.problem_count();
            End::Skipped(format!("incomplete: something was passed over; {problems} problems in files"))
        }
    }
}

/// Restricted categories of which nothing was found pass.
fn categories(verdict: &Verdict) -> impl Iterator<Item = Case> {
    let restricted = verdict.categories.iter().filter(|info| info.status == CategoryStatus::Restricted);
    let clean = restricted.filter(|info| !verdict.findings.iter().any(|finding| finding.category == info.name));
    clean.map(|info| {
        let end = match verdict.status {
            Status::CannotDetermine => {
                let open = verdict.counts.cannot_determine;
                End::Skipped(format!("nothing of it was found, but {open} of all that was cannot be determined"))
            }
            Status::Allowed | Status::Restricted => End::Passed,
        };
        Case { name: info.name.clone(), file: None, end }
    })
}

fn finding(finding: &Finding) -> Case {
    let what = match &finding.subject {
        Subject::Dependency { name, version, .. } => {
            format!("{name}{}", version.as_ref().map_or_else(String::new, |version| format!(" {version}")))
        }
        Subject::ApiCall { method, url } => {
            format!("{}{url}", method.as_ref().map_or_else(String::new, |method| format!("{method} ")))
        }
    };
    let line = finding.line.map_or_else(String::new, |line| format!(":{line}"));
    let exception = finding.exception.as_ref().map_or_else(String::new, |exception| {
        let word = if exception.expired { "was over on" } else { "holds until" };
        format!("\nexception ({}) {word} {}", exception.reason, exception.expires)
    });
    let summary = format!("{what} is {}: {}", status(finding.status), finding.category);
    let end = match finding.status {
        Status::Restricted => End::Failed(summary.clone(), format!("{summary}\n{}{line}{exception}", finding.file)),
        Status::Allowed | Status::CannotDetermine => End::Passed,
    };
    let name = format!("{}: {what} at {}{line}", finding.category, finding.file);
    Case { name, file: Some((finding.file.clone(), finding.line)), end }
}

impl Case {
    fn write(&self, out: &mut dyn Write, class: &str) -> io::Result<()> {
        write!(out, "    <testcase name=\"{}\" classname=\"{}\" time=\"0\"", Xml(&self.name), Xml(class))?;
        if let Some((file, line)) = &self.file {
            write!(out, " file=\"{}\"", Xml(file))?;
            if let Some(line) = line {
                write!(out, " line=\"{line}\"")?;
            }
        }
        match &self.end {
            End::Passed => writeln!(out, "/>"),
            End::Failed(summary, all) => {
                writeln!(
                    out,
                    "><failure message=\"{}\" type=\"restricted\">{}</failure></testcase>",
                    Xml(summary),
                    Xml(all)
                )
            }
            End::Broken(why) => writeln!(out, "><error message=\"{}\" type=\"scan\"/></testcase>", Xml(why)),
            End::Skipped(why) => writeln!(out, "><skipped message=\"{}\"/></testcase>", Xml(why)),
        }
    }
}

/// The attributes that count the cases of a suite.
#[derive(Default)]
struct Counts {
    tests: u64,
    failures: u64,
    errors: u64,
    skipped: u64,
}

impl Counts {
    fn of<'a>(cases: impl Iterator<Item = &'a Case>) -> Self {
        let mut counts = Self::default();
        for case in cases {
            counts.tests += 1;
            match case.end {
                End::Passed => {}
                End::Failed(..) => counts.failures += 1,
                End::Broken(_) => counts.errors += 1,
                End::Skipped(_) => counts.skipped += 1,
            }
        }
        counts
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tests, failures, errors, skipped } = self;
        write!(f, " tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"0\"")
    }
}

/// Text in XML 1.0 and in HTML. What XML cannot hold becomes U+FFFD.
pub(super) struct Xml<'a>(pub(super) &'a str);

impl fmt::Display for Xml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        for letter in self.0.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' => f.write_str("&#10;")?,
                '\u{FFFE}' | '\u{FFFF}' => f.write_char('\u{FFFD}')?,
                control if control.is_control() => f.write_char('\u{FFFD}')?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Xml;

    #[test]
    fn nothing_breaks_out_of_an_attribute() {
        let hostile = "\"><x a='1'>&\u{0}\u{FFFE}\n]]>";
        assert_eq!(Xml(hostile).to_string(), "&quot;&gt;&lt;x a=&#39;1&#39;&gt;&amp;\u{FFFD}\u{FFFD}&#10;]]&gt;");
    }
}
