//! The whole product of the evidence, held against rules that are stated once more, differently.

use super::*;

const STOPS: [Option<Stop>; 4] = [None, Some(Stop::Deadline), Some(Stop::Stale), Some(Stop::Cancel)];
const EXITS: [Exit; 8] = [
    Exit::Code(0),
    Exit::Code(1),
    Exit::Code(101),
    Exit::Signal(9),
    Exit::Signal(11),
    Exit::Signal(25),
    Exit::Signal(31),
    Exit::NotStarted,
];
const REPORTS: [ReportEnd; 6] = [
    ReportEnd::Whole,
    ReportEnd::WithGaps,
    ReportEnd::CutShort,
    ReportEnd::Violating,
    ReportEnd::TooLarge,
    ReportEnd::Missing,
];
const STATUSES: [StatusEnd; 3] = [StatusEnd::Completed, StatusEnd::Other, StatusEnd::Violating];

fn product() -> Vec<Evidence> {
    let mut all = Vec::new();
    let verdicts = || VerdictKind::ALL.into_iter().map(Some).chain([None]);
    for stop in STOPS {
        for exit in EXITS {
            for verdict in verdicts() {
                for report in REPORTS {
                    all.extend(STATUSES.map(|status| Evidence { stop, exit, verdict, report, status }));
                }
            }
        }
    }
    all
}

/// It scanned, or was told that an earlier scan's files would be put in place.
fn has_files(evidence: &Evidence) -> bool {
    matches!(evidence.verdict, Some(VerdictKind::Scanned | VerdictKind::Known))
}

#[test]
fn completed_means_every_piece_of_evidence_says_so() {
    for evidence in product() {
        let all_say_so =
            evidence.exit == Exit::Code(0) && has_files(&evidence) && evidence.status == StatusEnd::Completed;
        let outcome = classify(&evidence);
        assert_eq!(outcome == Outcome::Completed, all_say_so && evidence.report == ReportEnd::Whole, "{evidence:?}");
        assert_eq!(
            outcome == Outcome::Incomplete,
            all_say_so && evidence.report == ReportEnd::WithGaps,
            "{evidence:?}"
        );
    }
}

#[test]
fn a_stop_of_ours_is_named_unless_the_worker_was_done() {
    for evidence in product() {
        let done = evidence.exit == Exit::Code(0) && has_files(&evidence);
        let named = matches!(classify(&evidence), Outcome::TimedOut | Outcome::Stale | Outcome::Cancelled);
        assert_eq!(named, evidence.stop.is_some() && !done, "{evidence:?}");
    }
}

#[test]
fn a_signal_that_we_did_not_send_is_never_taken_for_an_end_by_itself() {
    for evidence in product() {
        let Exit::Signal(signal) = evidence.exit else { continue };
        if evidence.stop.is_some() {
            continue;
        }
        let expected = match signal {
            31 => Outcome::SandboxViolation,
            25 => Outcome::TooLarge,
            other => Outcome::Killed(other),
        };
        assert_eq!(classify(&evidence), expected, "{evidence:?}");
    }
}

#[test]
fn a_worker_that_says_nothing_or_leaves_with_an_error_is_our_failure() {
    for evidence in product() {
        let silent = evidence.exit == Exit::Code(0) && evidence.verdict.is_none();
        let wrong = matches!(evidence.exit, Exit::Code(1 | 101) | Exit::NotStarted);
        if evidence.stop.is_none() && (silent || wrong) {
            assert_eq!(classify(&evidence), Outcome::HostError, "{evidence:?}");
        }
    }
}

#[test]
fn broken_files_never_pass() {
    for evidence in product() {
        let broken = !matches!(evidence.report, ReportEnd::Whole | ReportEnd::WithGaps)
            || evidence.status != StatusEnd::Completed;
        if broken {
            assert_ne!(classify(&evidence).state(), RepoState::Completed, "{evidence:?}");
        }
    }
}

#[test]
fn only_our_own_failures_are_worth_a_retry() {
    for evidence in product() {
        let outcome = classify(&evidence);
        let ours = matches!(outcome, Outcome::Stale | Outcome::Killed(_) | Outcome::HostError);
        assert_eq!(outcome.is_worth_a_retry(), ours, "{outcome:?}");
    }
}
