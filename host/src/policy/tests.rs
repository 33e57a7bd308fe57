use fumehood_contract::{FileRecord, Package, Relation};

use super::*;
use crate::report::testing::repository;

const POLICY: &str = r#"
version: 1
categories:
  Logging:
    status: restricted
    description: known holes
    dependencies:
      - name: org.apache.logging.log4j:log4j-core
        versions: ">=2.0, <2.17.1"
      - purl: pkg:npm/@evil/*
  Copyleft:
    status: restricted
    licenses: [AGPL-*, GPL-*]
  Web frameworks:
    status: allowed
    dependencies: [django, "flask*", Flask_Login, left-pad]
    licenses: [MIT]
exceptions:
  - dependency: left-pad
    category: Copyleft
    reason: until the rewrite
    expires: 2030-06-30
  - dependency: pkg:npm/%40evil/old
    repository: acme/*
    reason: known
    expires: 2029-01-01
"#;

fn policy() -> Policy {
    Policy::parse("fumehood.yaml", POLICY).unwrap()
}

fn package(purl: &str, name: &str, version: Option<&str>, license: Option<&str>) -> Package {
    Package {
        name: name.to_owned(),
        version: version.map(ToOwned::to_owned),
        purl: purl.to_owned(),
        line: Some(3),
        license: license.map(ToOwned::to_owned),
        ..Package::default()
    }
}

fn judged(name: &str, packages: Vec<Package>, today: &str) -> RepoReport {
    let file = FileRecord { path: "lock".to_owned(), packages, ..FileRecord::default() };
    let mut reports = [repository(name, vec![file])];
    policy().judge(&mut reports, Date::parse(today).unwrap());
    let [report] = reports;
    report
}

fn statuses(report: &RepoReport) -> Vec<&'static str> {
    let verdict = report.verdict.as_ref().unwrap();
    let count = report.files[0].packages.len();
    (0..count).map(|at| verdict.package(0, at).map_or("none", |ruling| ruling.status.name())).collect()
}

#[test]
fn restricted_wins_and_unknown_is_not_clean() {
    let log4j = |version| {
        let name = "org.apache.logging.log4j:log4j-core";
        package("pkg:maven/org.apache.logging.log4j/log4j-core", name, version, Some("MIT"))
    };
    let mut project = package("pkg:npm/%40evil/self", "@evil/self", None, None);
    project.relation = Relation::Project;
    let packages = vec![
        log4j(Some("2.14.0")),
        log4j(Some("2.17.1")),
        log4j(None),
        package("pkg:pypi/flask-login@1", "flask.login", Some("1"), None),
        package("pkg:npm/%40evil/new@1", "@evil/new", Some("1"), None),
        package("pkg:npm/other@1", "other", Some("1"), Some("MIT OR GPL-3.0-only")),
        package("pkg:npm/other@2", "other", Some("2"), Some("MIT AND GPL-3.0-only")),
        package("pkg:npm/nothing@2", "nothing", Some("2"), None),
        project,
    ];
    let report = judged("acme/app", packages, "2027-01-01");
    let expected = [
        "restricted",
        "allowed",
        "cannot_determine",
        "allowed",
        "restricted",
        "allowed",
        "restricted",
        "cannot_determine",
        "none",
    ];
    assert_eq!(statuses(&report), expected);
    let verdict = report.verdict.as_ref().unwrap();
    assert_eq!(verdict.status, Status::Restricted);
    assert_eq!(verdict.counts, Counts { allowed: 3, restricted: 3, excepted: 0, cannot_determine: 2 });
    assert_eq!(verdict.findings.len(), 3);
    assert_eq!(verdict.findings[0].line, Some(3));
}

#[test]
fn exceptions_hold_where_they_are_made_and_until_their_day() {
    let left_pad = || vec![package("pkg:npm/left-pad@1", "left-pad", Some("1"), Some("GPL-3.0-only"))];
    let until = judged("acme/app", left_pad(), "2030-06-30");
    assert_eq!(statuses(&until), ["allowed"]);
    assert_eq!(until.verdict.as_ref().unwrap().counts.excepted, 1);
    let finding = &until.verdict.as_ref().unwrap().findings[0];
    assert_eq!((finding.status, finding.exception.as_ref().unwrap().expired), (Status::Allowed, false));
    let after = judged("acme/app", left_pad(), "2030-07-01");
    assert_eq!(statuses(&after), ["restricted"]);
    assert!(after.verdict.unwrap().findings[0].exception.as_ref().unwrap().expired);

    let old = || vec![package("pkg:npm/%40evil/old@1", "@evil/old", Some("1"), None)];
    assert_eq!(statuses(&judged("acme/app", old(), "2027-01-01")), ["allowed"]);
    assert_eq!(statuses(&judged("other/app", old(), "2027-01-01")), ["restricted"]);
}

#[test]
fn a_category_is_present_if_any_repository_has_it() {
    let mit = judged("a", vec![package("pkg:npm/x@1", "x", Some("1"), Some("MIT"))], "2027-01-01");
    let evil = judged("b", vec![package("pkg:npm/%40evil/x@1", "@evil/x", Some("1"), None)], "2027-01-01");
    assert_eq!(mit.verdict.as_ref().unwrap().status, Status::Allowed);
    let rollup = Rollup::of(&[mit, evil]).unwrap();
    assert_eq!(rollup.status, Status::Restricted);
    let present: Vec<_> = rollup.categories.iter().map(|category| (category.name.as_str(), category.present)).collect();
    assert_eq!(present, [("Copyleft", false), ("Logging", true), ("Web frameworks", true)]);
    assert_eq!(rollup.categories[1].repositories, ["b"]);
}

#[test]
fn an_incomplete_report_is_never_all_allowed() {
    let mut report = judged("a", vec![package("pkg:npm/x@1", "x", Some("1"), Some("MIT"))], "2027-01-01");
    report.ended.complete = false;
    let mut reports = [report];
    policy().judge(&mut reports, Date::parse("2027-01-01").unwrap());
    assert_eq!(reports[0].verdict.as_ref().unwrap().status, Status::CannotDetermine);
}

fn mistakes(text: &str) -> Vec<String> {
    Policy::parse("p", text).map_or_else(|all| all.iter().map(ToString::to_string).collect(), |_| Vec::new())
}

#[test]
fn every_mistake_is_named_with_its_line() {
    let text = "version: 2\ncategories:\n  A:\n    status: restricted\n    dependencies:\n      - name: x\n        \
                versions: ^1\n      - pkg:npm\n    api_patterns:\n      - regex: 'a('\n  B:\n    status: allowed\n\
                exceptions:\n  - dependency: x\n    category: C\n    reason: ''\n    expires: 2027-02-30\n";
    let found = mistakes(text);
    let lines: Vec<_> = found.iter().map(|mistake| mistake.split(':').next().unwrap()).collect();
    assert_eq!(lines, ["1", "7", "8", "10", "12", "15", "16", "17"], "{found:#?}");
    assert!(found[1].contains("\"^1\" is no version"), "{found:#?}");
    assert!(found[7].contains("2027-02-30"), "{found:#?}");
}

#[test]
fn the_syntax_is_held_against_the_schema() {
    for (text, line, word) in [
        ("categories:\n  A:\n    status: forbidden\n", "3:", "forbidden"),
        ("categories:\n  A:\n    status: allowed\n    dependancies: [x]\n", "4:", "dependancies"),
        ("categories:\n  A: {status: allowed, licenses: [x]}\n  A: {status: allowed}\n", "3:", "A"),
        ("categories:\n  A:\n    status: allowed\n    dependencies:\n      - {nam: x}\n", "5:", "nam"),
        ("categories: [\n", "", ""),
        ("exceptions:\n  - dependency: x\n", "2:", "reason"),
    ] {
        let found = mistakes(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].starts_with(line) && found[0].contains(word), "{text}: {found:?}");
    }
}

#[test]
fn all_that_has_the_wrong_shape_is_named_at_once() {
    let text = "categories:\n  A:\n    status: alowed\n    licenses: MIT\n    dependencies: [{nam: x}]\n  B: 1\n\
                exceptions: {}\nextra: 1\n";
    let found = mistakes(text);
    let lines: Vec<_> = found.iter().map(|mistake| mistake.split(':').next().unwrap()).collect();
    assert_eq!(lines, ["3", "4", "5", "6", "7", "8"], "{found:#?}");
    assert!(found[0].contains("status is allowed or restricted, and not \"alowed\""), "{found:#?}");
    assert!(found[1].contains("licenses is a list, and here stands a single value"), "{found:#?}");
    assert!(found[2].contains("an item of dependencies has name, purl, type, versions"), "{found:#?}");
}

#[test]
fn calls_are_matched_by_url_and_method() {
    let text = "categories:\n  Payments:\n    status: restricted\n    api_patterns:\n      \
                - glob: api.pay.example/v1/**\n        methods: [POST]\n  Own:\n    status: allowed\n    \
                api_patterns:\n      - \"*.own.example\"\n";
    let policy = Policy::parse("p", text).unwrap();
    let matched = |method, url| {
        let call = Call { method, url, host: None, file: "a.py", line: Some(1) };
        let matches = policy.matcher.call(&call);
        (matches.categories, matches.perhaps)
    };
    assert_eq!(matched(Some("post"), "https://api.pay.example/v1/charges"), (vec![1], vec![]));
    assert_eq!(matched(Some("GET"), "https://api.pay.example/v1/charges"), (vec![], vec![]));
    assert_eq!(matched(None, "https://api.pay.example/v1/charges"), (vec![], vec![1]));
    assert_eq!(matched(None, "https://a.own.example"), (vec![0], vec![]));
}
