//! A hostile scanner in the place of ours: rows A and B of the catalogue of attacks.

use e2e::{Finished, Fumehood, Repo};

fn attack(name: &str) -> Finished {
    Fumehood::new().arg("--fuel=3000000000").attack(name)
}

/// A01, A02.
#[test]
fn nothing_outside_the_repository_can_be_read() {
    let repo = Repo::attack("escape")
        .link("link-to-etc-passwd", "/etc/passwd")
        .link("link-to-root", "../../../../../../../..")
        .link("link-to-proc", "/proc/self")
        .link("link-loop", "link-loop");
    let scan = Fumehood::new().hostile().scan(&[&repo]).exits(0);
    let notes = scan.problems(0);
    assert_eq!(notes.len(), 11, "every attempt was made: {notes:#?}");
    assert!(notes.iter().all(|note| note.contains(": refused (")), "{notes:#?}");
    assert_eq!(scan.report(0)["skipped"][0]["count"], 4, "{:#}", scan.report(0)["skipped"]);
}

/// A05, A06.
#[test]
fn the_repository_cannot_be_changed() {
    let repo = Repo::attack("write-repo").file("zz/other-file", "untouched");
    let before = repo.listing();
    let scan = Fumehood::new().hostile().scan(&[&repo]).exits(0);
    let notes = scan.problems(0);
    assert_eq!(notes.len(), 10, "every attempt was made: {notes:#?}");
    assert!(notes.iter().all(|note| note.contains(": refused (")), "{notes:#?}");
    assert_eq!(repo.listing(), before);
}

/// WASI has no links for it; `lockdown.rs` tests what comes of one that is made all the same.
#[test]
fn a07_b06_a_link_cannot_be_planted() {
    let scan = attack("plant-link").exits(2).outcome(0, "protocol_violation");
    scan.error_says(0, "something follows the footer");
}

/// B06.
#[test]
fn a_folder_in_the_place_of_the_report_is_a_violation() {
    attack("plant-folder").exits(2).outcome(0, "protocol_violation").error_says(0, "not a plain file");
}

/// A09.
#[test]
fn an_endless_loop_runs_out_of_fuel() {
    attack("spin").exits(2).outcome(0, "out_of_fuel");
}

/// A10.
#[test]
fn memory_ends_at_its_cap() {
    let repo = Repo::attack("grow");
    let scan = Fumehood::new().hostile().arg("--memory=64").scan(&[&repo]).exits(2);
    scan.outcome(0, "out_of_memory").error_says(0, "see --memory");
}

/// A11.
#[test]
fn recursion_ends_and_the_worker_lives_to_tell() {
    attack("recurse").exits(2).outcome(0, "stack_overflow");
}

/// A15.
#[test]
fn a_guest_that_sleeps_for_a_century_is_killed() {
    let repo = Repo::attack("sleep");
    Fumehood::new().hostile().arg("--timeout=300ms").scan(&[&repo]).exits(2).outcome(0, "timed_out");
}

/// A23.
#[test]
fn the_guest_has_no_environment_and_no_arguments() {
    let notes = attack("environment").exits(0).problems(0);
    assert_eq!(notes, ["attack: environment: []", "attack: arguments: []"]);
}

/// A24.
#[test]
fn floods_of_output_are_capped() {
    let scan = attack("flood").exits(2).outcome(0, "trapped");
    let stderr = scan.file("master.json")["ended"]["0"]["stderr"].as_str().map(str::len);
    assert!(stderr.is_some_and(|length| length <= 4096), "{stderr:?}");
}

/// B08.
#[test]
fn garbage_in_the_place_of_a_report_is_a_violation() {
    attack("garbage").exits(2).outcome(0, "protocol_violation").packages(0, &[]);
}

/// B09.
#[test]
fn escapes_in_names_reach_no_output() {
    for format in ["json", "table", "cyclonedx"] {
        let repo = Repo::attack("escapes-in-names");
        let scan = Fumehood::new().hostile().format(format).scan(&[&repo]).exits(0);
        let printed = format!("{}{}", scan.stdout(), scan.stderr());
        assert!(printed.contains("evil"), "{format}: the name is there: {printed}");
        let hostile = printed.chars().find(|letter| matches!(letter, '\u{1b}' | '\u{7}' | '\u{202E}'));
        assert_eq!(hostile, None, "{format}");
    }
}

/// B10.
#[test]
fn lies_about_identity_are_overwritten() {
    let scan = attack("lie").exits(0).outcome(0, "completed");
    assert_eq!(scan.json()["completed_repositories"].as_array().map(Vec::len), Some(1));
    assert!(!scan.stdout().contains("somebody else's"), "{}", scan.stdout());
}

#[test]
fn a_guest_that_says_it_scanned_and_left_nothing_broke_the_contract() {
    attack("nothing").exits(2).outcome(0, "protocol_violation");
}

#[test]
fn panics_exits_and_failures_of_the_guest_are_told_apart() {
    attack("panic").exits(2).outcome(0, "trapped").error_says(0, "unreachable");
    attack("exit").exits(2).outcome(0, "trapped").error_says(0, "code");
    attack("give-up").exits(2).outcome(0, "trapped").error_says(0, "gave up: on\u{FFFD}[31m purpose");
}

#[test]
fn a_selection_that_was_not_offered_is_a_violation() {
    attack("select-beyond").exits(2).outcome(0, "protocol_violation");
    attack("select-twice").exits(2).outcome(0, "protocol_violation");
}

#[test]
fn what_was_found_before_a_trap_is_kept_and_marked_incomplete() {
    let scan = attack("half").exits(2).outcome(0, "trapped").complete(0, false);
    let scan = scan.packages(0, &["found-before-the-trap"]);
    assert_eq!(scan.file("repo_0.json")["status"], "failed");
    assert!(scan.report(0)["defect"].as_str().is_some_and(|defect| defect.contains("without its footer")));
}
