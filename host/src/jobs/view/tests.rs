use fumehood_contract::master::{Ended, Repository};
use serde_json::json;

use super::*;

fn moment(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(moment("2024-01-15T10:27:00Z").unix_seconds() + seconds)
}

fn master(names: &[&str]) -> Master {
    Master {
        job_id: "abc-123-def".to_owned(),
        group_url: "https://gitlab.example/mycompany".to_owned(),
        total_repositories: u32::try_from(names.len()).unwrap(),
        status: JobState::Initializing,
        summary: Summary::default(),
        started_at: at(0),
        last_aggregation: at(0),
        completed_at: None,
        error: None,
        scanner: None,
        repositories: names.iter().map(|name| Repository { name: (*name).to_owned(), source: String::new() }).collect(),
        ended: BTreeMap::new(),
    }
}

fn ended(state: RepoState) -> Ended {
    Ended {
        state,
        outcome: String::new(),
        attempt: 1,
        pid: 7,
        started_at: at(1),
        completed_at: at(2),
        complete: true,
        commit: None,
        reused: false,
        peak_memory_bytes: None,
        sandbox_missing: None,
        exit: None,
        error: None,
        stderr: None,
    }
}

fn status(index: u32, name: &str, state: RepoState, files: (u64, u64), started: &str) -> RepoStatus {
    let mut status = RepoStatus::new(index, name, 1, 12345, moment(started));
    status.status = state;
    status.total_files = files.1;
    status.progress(files.0, None, at(195));
    status
}

/// The sample response of the document that the system was ordered from, field by field.
#[test]
fn the_ordered_sample_comes_out_as_it_was_ordered() {
    let mut master = master(&["config", "logging", "auth", "payment", "user", "frontend", "admin", "mobile"]);
    master.ended = [(0, ended(RepoState::Completed)), (1, ended(RepoState::Completed))].into();
    let mut auth = status(2, "auth", RepoState::Scanning, (234, 1500), "2024-01-15T10:28:00Z");
    auth.current_filename = Some("src/auth/validator.py".to_owned());
    let mut payment = status(3, "payment", RepoState::Cloning, (0, 0), "2024-01-15T10:29:30Z");
    payment.message = Some("Cloning repository...".to_owned());
    let mut user = status(4, "user", RepoState::Analyzing, (890, 890), "2024-01-15T10:25:00Z");
    user.message = Some("Analyzing API calls...".to_owned());
    let statuses = [(2, auth), (3, payment), (4, user)].into();

    let found = serde_json::to_value(document(&master, &statuses, at(125))).unwrap();
    let ordered = json!({
        "job_id": "abc-123-def",
        "status": "in_progress",
        "group_url": "https://gitlab.example/mycompany",
        "summary": {
            "total_repositories": 8, "completed": 2, "in_progress": 3, "pending": 3, "failed": 0, "cancelled": 0
        },
        "current_repositories": [
            {
                "repo_name": "auth",
                "status": "scanning",
                "progress": {
                    "total_files": 1500, "current_file": 234, "percentage": 15.6,
                    "current_file_name": "src/auth/validator.py"
                },
                "started_at": "2024-01-15T10:28:00Z"
            },
            {
                "repo_name": "payment",
                "status": "cloning",
                "progress": {"message": "Cloning repository..."},
                "started_at": "2024-01-15T10:29:30Z"
            },
            {
                "repo_name": "user",
                "status": "analyzing",
                "progress": {
                    "total_files": 890, "current_file": 890, "percentage": 100.0,
                    "message": "Analyzing API calls..."
                },
                "started_at": "2024-01-15T10:25:00Z"
            }
        ],
        "completed_repositories": ["config", "logging"],
        "failed_repositories": [],
        "pending_repositories": ["frontend", "admin", "mobile"],
        "last_update": "2024-01-15T10:30:15Z",
        "elapsed_time_seconds": 125
    });
    for (field, value) in ordered.as_object().unwrap() {
        assert_eq!(&found[field], value, "{field}");
    }
}

/// Every combination of five repositories' states, held against the rules for a job's state.
#[test]
fn a_jobs_state_follows_from_its_repositories() {
    for total in 0..=4u32 {
        for combination in 0..9usize.pow(total) {
            let states: Vec<_> = (0..total).map(|index| RepoState::ALL[combination / 9usize.pow(index) % 9]).collect();
            check_job_state(&states);
        }
    }
}

fn check_job_state(states: &[RepoState]) {
    let mut master = master(&vec!["r"; states.len()]);
    let mut statuses = BTreeMap::new();
    for (index, state) in (0..).zip(states) {
        if state.is_final() {
            master.ended.insert(index, ended(*state));
        } else if *state != RepoState::Pending {
            statuses.insert(index, status(index, "r", *state, (0, 0), "2024-01-15T10:28:00Z"));
        }
    }
    let counted = summary(&master, &statuses);
    let all = counted.completed + counted.in_progress + counted.pending + counted.failed + counted.cancelled;
    assert_eq!(all as usize, states.len(), "every repository is counted once: {states:?}");

    let any = |state: RepoState| states.contains(&state);
    let all_ended = states.iter().all(|state| state.is_final());
    let failed = any(RepoState::Failed) || any(RepoState::Timeout);
    let expected = if !all_ended || states.is_empty() {
        let untouched = states.iter().all(|state| *state == RepoState::Pending);
        if untouched { JobState::Initializing } else { JobState::InProgress }
    } else if any(RepoState::Cancelled) {
        JobState::Cancelled
    } else if !failed {
        JobState::Completed
    } else if any(RepoState::Completed) {
        JobState::CompletedWithErrors
    } else {
        JobState::Failed
    };
    assert_eq!(job_state(&master, &counted), expected, "{states:?}");
}

#[test]
fn a_worker_that_says_it_completed_is_believed_when_it_is_gone() {
    let master = master(&["r"]);
    let statuses = [(0, status(0, "r", RepoState::Completed, (1, 1), "2024-01-15T10:28:00Z"))].into();
    assert_eq!(summary(&master, &statuses).in_progress, 1);
    assert!(document(&master, &statuses, at(9)).completed_repositories.is_empty());
}
