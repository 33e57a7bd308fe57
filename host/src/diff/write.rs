//! A difference as a table, as JSON, and as Markdown for a merge request.

use std::io::{self, Write};

use super::compare::{Changed, Difference, Finding, Summary};
use crate::report::markdown::Code;
use crate::report::table::{indented, new_table};
use crate::text::count;

/// For people at a terminal.
pub(super) fn table(out: &mut dyn Write, difference: &Difference) -> io::Result<()> {
    for changed in &difference.repositories {
        writeln!(out, "{}:", changed.repo_name)?;
        for finding in &changed.newly_restricted {
            writeln!(out, "  NEWLY RESTRICTED: {}", plain(finding))?;
        }
        for finding in &changed.no_longer_restricted {
            writeln!(out, "  no longer restricted: {}", plain(finding))?;
        }
        for (word, hosts) in hosts(changed) {
            writeln!(out, "  {word}: {}", hosts.join(", "))?;
        }
        packages(out, changed)?;
        writeln!(out)?;
    }
    for note in &difference.notes {
        writeln!(out, "note: {note}")?;
    }
    writeln!(out, "{}", sentence(&difference.summary))?;
    out.flush()
}

/// For programs.
pub(super) fn json(mut out: &mut dyn Write, difference: &Difference) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, difference)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// For merge requests.
pub(super) fn markdown(out: &mut dyn Write, difference: &Difference) -> io::Result<()> {
    writeln!(out, "## Changed dependencies\n\n{}\n", sentence(&difference.summary))?;
    for note in &difference.notes {
        writeln!(out, "> {}\n", Code(note))?;
    }
    for changed in &difference.repositories {
        writeln!(out, "### {}\n", Code(&changed.repo_name))?;
        findings(out, "⛔ newly restricted", &changed.newly_restricted)?;
        findings(out, "no longer restricted", &changed.no_longer_restricted)?;
        for (word, hosts) in hosts(changed) {
            writeln!(out, "- {word}: {}", codes(hosts))?;
        }
        let has_list = hosts(changed).next().is_some()
            || !(changed.newly_restricted.is_empty() && changed.no_longer_restricted.is_empty());
        if has_list {
            writeln!(out)?;
        }
        if changed.packages.is_empty() {
            continue;
        }
        writeln!(out, "| package | change | before | after |\n|---|---|---|---|")?;
        for package in &changed.packages {
            let (name, change) = (Code(&package.name), package.change.name());
            writeln!(out, "| {name} | {change} | {} | {} |", codes(&package.before), codes(&package.after))?;
        }
        writeln!(out)?;
    }
    out.flush()
}

fn packages(out: &mut dyn Write, changed: &Changed) -> io::Result<()> {
    if changed.packages.is_empty() {
        return Ok(());
    }
    let mut table = new_table(false, &["Package", "Change", "Before", "After", "Purl"]);
    for package in &changed.packages {
        table.add_row([
            package.name.clone(),
            package.change.name().to_owned(),
            package.before.join(", "),
            package.after.join(", "),
            package.purl.clone(),
        ]);
    }
    writeln!(out, "{}", indented(&table))
}

fn findings(out: &mut dyn Write, word: &str, findings: &[Finding]) -> io::Result<()> {
    for finding in findings {
        let version = finding.version.as_ref().map_or_else(String::new, |version| format!(" {}", Code(version)));
        let (name, category, place) = (Code(&finding.name), Code(&finding.category), place(finding));
        writeln!(out, "- {word}: {name}{version} ({category}) in {}", Code(&place))?;
    }
    Ok(())
}

/// What changed of whom it talks to, if anything did.
fn hosts(changed: &Changed) -> impl Iterator<Item = (&'static str, &[String])> {
    let all = [("now talks to", changed.new_hosts.as_slice()), ("talks no more to", &changed.gone_hosts)];
    all.into_iter().filter(|(_, hosts)| !hosts.is_empty())
}

fn plain(finding: &Finding) -> String {
    let version = finding.version.as_ref().map_or_else(String::new, |version| format!(" {version}"));
    format!("{}{version} ({}) in {}", finding.name, finding.category, place(finding))
}

fn place(finding: &Finding) -> String {
    finding.line.map_or_else(|| finding.file.clone(), |line| format!("{}:{line}", finding.file))
}

fn codes(versions: &[String]) -> String {
    versions.iter().map(|version| Code(version).to_string()).collect::<Vec<_>>().join(", ")
}

/// `2 added, 1 upgraded`.
fn sentence(summary: &Summary) -> String {
    let counts = [
        (summary.added, "added"),
        (summary.removed, "removed"),
        (summary.upgraded, "upgraded"),
        (summary.downgraded, "downgraded"),
        (summary.changed, "changed"),
        (summary.newly_restricted, "newly restricted"),
        (summary.no_longer_restricted, "no longer restricted"),
    ];
    let hosts = [(summary.new_hosts, "new host"), (summary.gone_hosts, "former host")];
    let plain = counts.into_iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}"));
    let counted = hosts.into_iter().filter(|(number, _)| *number > 0).map(|(number, noun)| count(number, noun));
    let some: Vec<String> = plain.chain(counted).collect();
    if some.is_empty() { "nothing changed".to_owned() } else { some.join(", ") }
}
