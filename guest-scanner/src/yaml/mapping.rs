//! Files that are one mapping.

use fumehood_contract::ProblemKind;

use super::{Node, Yaml};
use crate::records::Records;
use crate::source::Source;

/// Reads a file whose outermost value is a mapping, and hands it to `then`: with what stands before
/// the first error, if there is one, which is a problem.
pub(crate) fn read_mapping(source: &Source<'_>, records: &mut Records, then: impl FnOnce(Node<'_, '_>, &mut Records)) {
    let mut yaml = Yaml::read(source.text());
    let merged;
    let is_whole = yaml.is_whole();
    if !is_whole {
        yaml.note(records);
        if let Some(text) = without_conflicts(source.text()) {
            merged = text;
            yaml = Yaml::read(&merged);
        }
    }
    match yaml.documents().next() {
        Some(root) if root.is_mapping() => then(root, records),
        Some(_) | None if !is_whole => {}
        Some(root) => records.problem(ProblemKind::Unparsable, Some(root.line()), "it is not a mapping"),
        None => records.problem(ProblemKind::Unparsable, None, "the file holds nothing"),
    }
}

/// The text with both sides of a conflict that git left in it, its marks blanked; `None` if it has none.
fn without_conflicts(text: &str) -> Option<String> {
    let is_mark = |line: &str| ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark));
    let lines = text.split_inclusive('\n').map(|line| if is_mark(line) { "\n" } else { line });
    text.lines().any(is_mark).then(|| lines.collect())
}
