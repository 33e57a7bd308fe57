//! `setup.cfg`, the declarative manifest of setuptools.
//!
//! Format: setuptools' documentation, "Configuring setuptools using setup.cfg files", on top of Python's
//! `configparser`. What `file:` refers to is a requirements file that is read by itself.

use fumehood_contract::{ProblemKind, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::python::{is_locked, package};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `setup.cfg`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "setup-cfg",
    ecosystem: "Python",
    files: &[Pattern::Name("setup.cfg")],
    companions: &["poetry.lock", "uv.lock", "pdm.lock", "pylock.toml"],
    extract,
};

/// An option with the lines of its value.
struct Setting<'a> {
    section: &'a str,
    key: &'a str,
    lines: Vec<&'a str>,
}

fn extract(source: &Source<'_>, records: &mut Records) {
    if is_locked(source) {
        return;
    }
    for setting in settings(source, records) {
        let Some(scope) = scope(&setting) else { continue };
        for text in requirements(&setting) {
            let line = source.line_of(text).unwrap_or(1);
            package::report(text, line, scope, records);
        }
    }
}

fn scope(setting: &Setting<'_>) -> Option<Scope> {
    match (setting.section, setting.key.replace('-', "_").to_ascii_lowercase().as_str()) {
        ("options", "install_requires") => Some(Scope::Runtime),
        ("options", "setup_requires") => Some(Scope::Build),
        ("options", "tests_require") => Some(Scope::Test),
        // `:python_version < '3'` is no extra but a condition.
        ("options.extras_require", extra) if extra.starts_with(':') => Some(Scope::Runtime),
        ("options.extras_require", _) => Some(Scope::Optional),
        _ => None,
    }
}

/// One a line, or in a single line separated by `;`.
fn requirements<'a>(setting: &Setting<'a>) -> Vec<&'a str> {
    let list: Vec<&str> = match setting.lines.as_slice() {
        // With further lines each is one, and `;` begins its marker.
        [single] => single.split(';').collect(),
        lines => lines.to_vec(),
    };
    let trimmed = list.into_iter().map(str::trim);
    // References to other options are resolved by nobody but Python.
    let is_reference = |text: &str| text.starts_with("file:") || text.starts_with("attr:") || text.contains("%(");
    trimmed.filter(|text| !text.is_empty() && !text.starts_with('#') && !is_reference(text)).collect()
}

/// The options of the file. A line that is indented continues the value before it.
fn settings<'a>(source: &Source<'a>, records: &mut Records) -> Vec<Setting<'a>> {
    let mut found: Vec<Setting<'a>> = Vec::new();
    let mut section = "";
    let mut open = false;
    for (line, number) in source.text().lines().zip(1_u32..) {
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with([' ', '\t']) && open {
            if let Some(setting) = found.last_mut() {
                setting.lines.push(content);
            }
            continue;
        }
        open = false;
        if let Some(inside) = content.strip_prefix('[') {
            section = inside.split(']').next().unwrap_or("").trim();
            continue;
        }
        let separator = separator(content, section);
        let Some((key, value)) = separator.and_then(|at| content.split_at_checked(at)) else {
            if section.starts_with("options") {
                let message = "neither a section nor an option; the line is passed over";
                records.problem(ProblemKind::BadEntry, Some(number), message);
            }
            continue;
        };
        open = true;
        found.push(Setting { section, key: key.trim(), lines: vec![value.get(1..).unwrap_or("").trim()] });
    }
    found
}

/// Where key and value part: at the first `=` or `:`. The key of a condition has both in it.
fn separator(content: &str, section: &str) -> Option<usize> {
    if section == "options.extras_require" && content.starts_with(':') {
        return content.find(" = ").map(|at| at + 1).or_else(|| content.rfind('='));
    }
    content.find(['=', ':'])
}
