//! `setup.py`, the manifest that setuptools runs, read without running it.
//!
//! Format: setuptools' documentation, "Keywords". Only what stands in the file literally is known, see
//! [`values`]; a keyword that is computed is a problem. The project itself is not listed, as the
//! format's readers do not.

mod value;
mod values;

use std::collections::HashMap;

use fumehood_contract::{ProblemKind, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::graph::rank;
use crate::python::{is_locked, package, tokens};
use crate::records::{PackageId, Records};
use crate::source::Source;
use value::{Text, Value};

/// The extractor of `setup.py`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "setup-py",
    ecosystem: "Python",
    files: &[Pattern::Name("setup.py")],
    companions: &["poetry.lock", "uv.lock", "pdm.lock", "pylock.toml"],
    extract,
};

/// The largest file that is read: its pieces take some twenty times its size.
const FILE_BYTES_MAX: usize = 4 * 1024 * 1024;

fn extract(source: &Source<'_>, records: &mut Records) {
    if is_locked(source) {
        return;
    }
    if source.text().len() > FILE_BYTES_MAX {
        let message = format!("larger than {} MiB; not read", FILE_BYTES_MAX / 1024 / 1024);
        return records.problem(ProblemKind::OverLimit, None, &message);
    }
    let (tokens, open) = tokens::tokens(source.text());
    if let Some(open) = open {
        let message = "a string is not closed; what stands around it may be missing";
        records.problem(ProblemKind::Unparsable, Some(source.line_at(open)), message);
    }
    let mut report = Report { source, seen: HashMap::new() };
    for (keyword, value) in values::keywords(&tokens, source.text()) {
        match keyword.as_str() {
            "install_requires" | "requires" => report.list(&keyword, &value, Scope::Runtime, records),
            "setup_requires" => report.list(&keyword, &value, Scope::Build, records),
            "tests_require" | "test_requires" => report.list(&keyword, &value, Scope::Test, records),
            "extras_require" => report.extras(&keyword, &value, records),
            _ => {}
        }
    }
}

struct Report<'s, 'a> {
    source: &'s Source<'a>,
    /// By offset and text: what several extras share is one line all the same.
    seen: HashMap<(usize, String), PackageId>,
}

impl Report<'_, '_> {
    fn extras(&mut self, keyword: &str, value: &Value, records: &mut Records) {
        let Value::Table(extras) = value else { return self.list(keyword, value, Scope::Optional, records) };
        for (extra, value) in extras {
            // `:python_version < '3'` is no extra but a condition.
            let is_condition =
                matches!(extra, Value::Text(text) if text.content.is_empty() || text.content.starts_with(':'));
            let scope = if is_condition { Scope::Runtime } else { Scope::Optional };
            self.list(keyword, value, scope, records);
        }
    }

    fn list(&mut self, keyword: &str, value: &Value, scope: Scope, records: &mut Records) {
        let mut waiting = vec![value];
        while let Some(value) = waiting.pop() {
            match value {
                Value::Text(text) => self.text(text, scope, records),
                Value::List(items) => waiting.extend(items.iter().rev()),
                Value::Table(entries) => waiting.extend(entries.iter().rev().map(|(_, value)| value)),
                Value::Computed(at) => {
                    let message = format!("{keyword} is computed here, which only running the file could do");
                    records.problem(ProblemKind::BadEntry, Some(self.source.line_at(*at)), &message);
                }
            }
        }
    }

    /// A text may have several requirements, one a line.
    fn text(&mut self, text: &Text, scope: Scope, records: &mut Records) {
        let first = self.source.line_at(text.offset);
        for (content, number) in text.content.lines().zip(0_u32..) {
            let content = content.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let key = (text.offset, content.to_owned());
            if let Some(known) = self.seen.get(&key).and_then(|id| records.get_mut(*id)) {
                if rank(scope) > rank(known.scope) {
                    known.scope = scope;
                }
                continue;
            }
            if let Some(id) = package::report(content, first.saturating_add(number), scope, records) {
                self.seen.insert(key, id);
            }
        }
    }
}
