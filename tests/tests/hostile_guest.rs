//! A hostile scanner in the place of ours: rows A of the catalogue of attacks, by their ids. Rows B are in `hostile_status`.

use e2e::{Finished, Fumehood, Repo};

fn attack(name: &str) -> Finished {
    Fumehood::new().arg("--fuel=3000000000").attack(name)
}

#[test]
fn a01_a02_nothing_outside_the_repository_can_be_read() {
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

#[test]
fn a05_a06_the_repository_cannot_be_changed() {
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

#[test]
fn a09_an_endless_loop_runs_out_of_fuel() {
    attack("spin").exits(2).outcome(0, "out_of_fuel");
}

#[test]
fn a10_memory_ends_at_its_cap() {
    let repo = Repo::attack("grow");
    let scan = Fumehood::new().hostile().arg("--memory=64").scan(&[&repo]).exits(2);
    scan.outcome(0, "out_of_memory").error_says(0, "see --memory");
}

#[test]
fn a11_recursion_ends_and_the_worker_lives_to_tell() {
    attack("recurse").exits(2).outcome(0, "stack_overflow");
}

#[test]
fn a15_a_guest_that_sleeps_for_a_century_is_killed() {
    let repo = Repo::attack("sleep");
    Fumehood::new().hostile().arg("--timeout=300ms").scan(&[&repo]).exits(2).outcome(0, "timed_out");
}

#[test]
fn a23_the_guest_has_no_environment_and_no_arguments() {
    let notes = attack("environment").exits(0).problems(0);
    assert_eq!(notes, ["attack: environment: []", "attack: arguments: []"]);
}

#[test]
fn a24_floods_of_output_are_capped() {
    let scan = attack("flood").exits(2).outcome(0, "trapped");
    let stderr = scan.file("master.json")["ended"]["0"]["stderr"].as_str().map(str::len);
    assert!(stderr.is_some_and(|length| length <= 4096), "{stderr:?}");
}

#[test]
fn b09_escapes_in_names_reach_no_output() {
    for format in ["json", "table", "cyclonedx"] {
        let repo = Repo::attack("escapes-in-names");
        let scan = Fumehood::new().hostile().format(format).scan(&[&repo]).exits(0);
        let printed = format!("{}{}", scan.stdout(), scan.stderr());
        assert!(printed.contains("evil"), "{format}: the name is there: {printed}");
        let hostile = printed.chars().find(|letter| matches!(letter, '\u{1b}' | '\u{7}' | '\u{202E}'));
        assert_eq!(hostile, None, "{format}");
    }
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

/// What the worker had in use at most, in MiB.
fn peak_mib(scan: &Finished) -> u64 {
    scan.file("master.json")["ended"]["0"]["peak_memory_bytes"].as_u64().unwrap() >> 20
}

#[test]
fn a08_no_path_leads_to_another_repositorys_status() {
    let repos = ["nothing-but-whole", "neighbour", "nothing-but-whole"].map(Repo::attack);
    let scan = Fumehood::new().hostile().arg("--jobs=1").scan(&[&repos[0], &repos[1], &repos[2]]).exits(0);
    let notes = scan.problems(1);
    assert_eq!(notes.len(), 6, "every attempt was made: {notes:#?}");
    assert!(notes.iter().all(|note| note.contains(": refused (")), "{notes:#?}");
    for index in [0, 2] {
        assert_eq!(scan.file(&format!("repo_{index}.json"))["status"], "completed");
        assert_eq!(scan.file(&format!("repo_{index}.json"))["repo_index"], index);
    }
    scan.outcome(0, "completed").outcome(2, "completed");
}

#[test]
fn a09_an_endless_start_function_runs_out_of_fuel() {
    let endless = r#"(module (memory (export "memory") 1) (func $begin (loop (br 0))) (start $begin)
        (func (export "_start")))"#;
    let scan = Fumehood::new().arg("--fuel=300000000").wat(endless).scan(&[&Repo::new()]);
    scan.exits(2).outcome(0, "out_of_fuel");
}

#[test]
fn a10_a_gigabyte_at_once_is_refused() {
    let greedy = r#"(module (memory (export "memory") 1) (func (export "_start")
        (drop (memory.grow (i32.const 16384)))))"#;
    let scan = Fumehood::new().arg("--memory=64").wat(greedy).scan(&[&Repo::new()]);
    let scan = scan.exits(2).outcome(0, "out_of_memory");
    assert!(peak_mib(&scan) < 64, "{} MiB", peak_mib(&scan));
}

#[test]
fn a12_tables_end_at_their_cap() {
    let grows = r#"(module (table $t 1 funcref) (memory (export "memory") 1) (func (export "_start")
        (loop (br_if 0 (i32.ne (i32.const -1) (table.grow $t (ref.null func) (i32.const 10000)))))))"#;
    let huge = r#"(module (table 400000000 funcref) (memory (export "memory") 1) (func (export "_start")))"#;
    for module in [grows, huge] {
        let scan = Fumehood::new().wat(module).scan(&[&Repo::new()]).exits(2).outcome(0, "out_of_memory");
        let scan = scan.error_says(0, "table elements");
        assert!(peak_mib(&scan) < 64, "{} MiB", peak_mib(&scan));
    }
}

#[test]
fn a17_huge_random_bytes_are_refused() {
    let repo = Repo::attack("huge-random");
    let scan = Fumehood::new().hostile().arg("--memory=256").scan(&[&repo]).exits(2).outcome(0, "trapped");
    assert!(!scan.stderr().contains("came back"), "{}", scan.stderr());
    assert!(peak_mib(&scan) < 256 + 64, "{} MiB", peak_mib(&scan));
}

#[test]
fn a18_a_path_of_127_mebibytes_is_refused() {
    let scan = Fumehood::new().hostile().arg("--memory=512").scan(&[&Repo::attack("long-path")]);
    let scan = scan.exits(2).outcome(0, "trapped");
    assert!(peak_mib(&scan) < 512 + 64, "{} MiB", peak_mib(&scan));
}

#[test]
fn a19_a_poll_of_two_million_clocks_is_refused() {
    let scan = Fumehood::new().hostile().arg("--memory=512").scan(&[&Repo::attack("poll-millions")]);
    let scan = scan.exits(2).outcome(0, "trapped");
    assert!(peak_mib(&scan) < 512 + 64, "{} MiB", peak_mib(&scan));
}

/// The same without the adapter between: each clock to wait for is kept by the host.
#[test]
fn a19_clocks_without_end_are_refused() {
    let clocks = r#"(component
        (import "wasi:io/poll@0.2.0" (instance $poll (export "pollable" (type (sub resource)))))
        (alias export $poll "pollable" (type $pollable))
        (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
            (alias outer 1 $pollable (type $p))
            (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
        (alias export $clock "subscribe-duration" (func $subscribe))
        (core func $subscribe (canon lower (func $subscribe)))
        (core module $program
            (import "host" "subscribe" (func $subscribe (param i64) (result i32)))
            (func (export "run") (result i32)
                (loop (drop (call $subscribe (i64.const 1000000000000))) (br 0)) (unreachable)))
        (core instance $program (instantiate $program
            (with "host" (instance (export "subscribe" (func $subscribe))))))
        (func $run (result (result)) (canon lift (core func $program "run")))
        (instance $command (export "run" (func $run)))
        (export "wasi:cli/run@0.2.0" (instance $command)))"#;
    let scan = Fumehood::new().wat(clocks).scan(&[&Repo::new()]).exits(2).outcome(0, "trapped");
    assert!(peak_mib(&scan) < 64, "{} MiB", peak_mib(&scan));
}

#[test]
fn a20_descriptors_end_and_the_rest_goes_on() {
    let notes = attack("open-many").exits(0).outcome(0, "completed").problems(0);
    assert_eq!(notes.first().map(String::as_str), Some("attack: opened more than 10: true"));
    assert!(notes[1].contains("open: refused ("), "{notes:?}");
}
