use serde_json::{Value, json};

use super::*;

fn header() -> Value {
    json!({"header": {"format": 2, "scanner": "test"}})
}

fn file(path: &str, packages: &[(&str, &[u32])]) -> Value {
    let packages: Vec<_> = packages
        .iter()
        .map(|(name, edges)| json!({"name": name, "purl": format!("pkg:cargo/{name}"), "depends_on": edges}))
        .collect();
    json!({"file": {"path": path, "extractor": "cargo-lock", "packages": packages}})
}

fn footer(files: u64, packages: u64, problems: u64) -> Value {
    json!({"footer": {"files": files, "packages": packages, "problems": problems, "calls": 0}})
}

fn read_text(text: &str) -> (Reading, Vec<FileRecord>) {
    let mut records = Vec::new();
    let reading = read_lines(text.as_bytes(), &mut |held| match held {
        Held::File(record) => records.push(record),
        Held::Calls(_) => {}
    });
    (reading, records)
}

fn read_values(lines: &[Value]) -> (Reading, Vec<FileRecord>) {
    read_text(&lines.iter().map(|line| format!("{line}\n")).collect::<String>())
}

#[test]
fn a_whole_report_is_whole() {
    let (reading, records) = read_values(&[header(), file("a", &[("x", &[1]), ("y", &[])]), footer(1, 2, 0)]);
    assert_eq!((reading.end, reading.defect), (ReportEnd::Whole, None));
    assert_eq!(records.len(), 1);
}

#[test]
fn the_lines_of_one_file_become_one_record() {
    let lines = [header(), file("a", &[("x", &[1])]), file("a", &[("y", &[0])]), file("b", &[]), footer(2, 2, 0)];
    let (reading, records) = read_values(&lines);
    assert_eq!(reading.end, ReportEnd::Whole, "{reading:?}");
    let found: Vec<_> = records.iter().map(|record| (record.path.as_str(), record.packages.len())).collect();
    assert_eq!(found, [("a", 2), ("b", 0)]);
}

#[test]
fn a_problem_leaves_a_gap_unless_only_a_version_stands_elsewhere() {
    for (kind, end) in [("unparsable", ReportEnd::WithGaps), ("unresolved", ReportEnd::Whole)] {
        let record = json!({"file": {"path": "a", "extractor": "x", "problems": [{"kind": kind, "message": "m"}]}});
        let (reading, _) = read_values(&[header(), record, footer(1, 0, 1)]);
        assert_eq!(reading.end, end);
    }
}

#[test]
fn what_was_written_before_a_kill_is_kept() {
    let whole = format!("{}\n{}\n", header(), file("a", &[("x", &[])]));
    let (reading, records) = read_text(&format!("{whole}{{\"file\":{{\"pa"));
    assert_eq!((reading.end, records.len()), (ReportEnd::CutShort, 1));
    let (reading, records) = read_text(&whole);
    assert_eq!((reading.end, records.len()), (ReportEnd::CutShort, 1));
}

#[test]
fn edges_to_packages_that_never_came_are_dropped() {
    let (reading, records) = read_values(&[header(), file("a", &[("x", &[0, 7])])]);
    assert_eq!(reading.end, ReportEnd::CutShort);
    assert_eq!(records[0].packages[0].depends_on, [0]);
}

#[test]
fn violations_are_named() {
    let long = "x".repeat(FIELD_BYTES_MAX + 1);
    let no_purl = json!({"file": {"path": "a", "extractor": "x", "packages": [{"name": "n", "purl": "n"}]}});
    let unknown = json!({"file": {"path": "a", "extractor": "x", "owned": true}});
    let cases: [(&str, Vec<Value>); 9] = [
        ("not in their order", vec![footer(0, 0, 0)]),
        ("not in their order", vec![header(), header()]),
        ("format 1", vec![json!({"header": {"format": 1, "scanner": "x"}})]),
        ("follows the footer", vec![header(), footer(0, 0, 0), file("a", &[])]),
        ("counts", vec![header(), footer(3, 0, 0)]),
        ("leads to no package", vec![header(), file("a", &[("x", &[7])]), footer(1, 1, 0)]),
        ("over the limit", vec![header(), file("a", &[(&long, &[])]), footer(1, 1, 0)]),
        ("package URL", vec![header(), no_purl, footer(1, 1, 0)]),
        ("unknown field", vec![header(), unknown, footer(1, 0, 0)]),
    ];
    for (word, lines) in cases {
        let (reading, _) = read_values(&lines);
        assert_eq!(reading.end, ReportEnd::Violating, "{word}");
        assert!(reading.defect.as_deref().is_some_and(|defect| defect.contains(word)), "{word}: {reading:?}");
    }
}

#[test]
fn a_line_without_an_end_is_not_read_into_memory() {
    let (reading, _) = read_text(&"x".repeat(REPORT_LINE_BYTES_MAX + 10));
    assert_eq!(reading.end, ReportEnd::Violating);
    assert!(reading.defect.is_some_and(|defect| defect.contains("too long")));
}

#[test]
fn escapes_do_not_come_through() {
    let (_, records) = read_values(&[header(), file("a\u{1b}[0m", &[("x", &[])])]);
    assert_eq!(records[0].path, "a\u{FFFD}[0m");
}
