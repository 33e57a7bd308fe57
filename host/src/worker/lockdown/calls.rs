//! seccomp: the system calls that a worker makes, stage by stage. Any other ends it at once: a flaw in what reads hostile
//! bytes then starts no program, makes no other process or thread, traces none, and brings in no executable memory.
//!
//! Filters stack, and the strictest counts: what the list of one stage lacks no later stage gives back.

mod list;

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter_all_threads,
};

use super::Stage;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Leaves all threads of this process the system calls of `stage`.
pub(super) fn leave_only(stage: &Stage) -> Result<(), Error> {
    let mut rules = BTreeMap::new();
    for (calls, rule) in groups(stage)? {
        rules.extend(calls.iter().map(|call| (*call, rule.clone())));
    }
    let arch = std::env::consts::ARCH.try_into()?;
    let filter = SeccompFilter::new(rules, SeccompAction::KillProcess, SeccompAction::Allow, arch)?;
    let program: BpfProgram = filter.try_into()?;
    Ok(apply_filter_all_threads(&program)?)
}

/// Calls, each with rules of which one must hold; none is no condition.
type Group = (&'static [i64], Vec<SeccompRule>);

fn groups(stage: &Stage) -> Result<Vec<Group>, Error> {
    let mut groups = vec![
        (list::FILES, Vec::new()),
        (list::MEMORY, Vec::new()),
        // What was compiled is loaded once by its compiler, to see whether it fits.
        (list::MAPPING, if matches!(stage, Stage::Compiling) { vec![] } else { vec![without(2, libc::PROT_EXEC)?] }),
        (list::ITSELF, Vec::new()),
        (list::ABORTING, vec![equal(0, std::process::id().into())?]),
    ];
    match stage {
        Stage::Scanning { .. } | Stage::Compiling => {}
        Stage::Materializing { .. } => groups.push((list::REPOSITORY, Vec::new())),
        Stage::Fetching { .. } => {
            groups.push((list::REPOSITORY, Vec::new()));
            groups.push((list::CONNECTION, Vec::new()));
            groups.push((list::SOCKET, vec![is_stream_of(libc::AF_INET)?, is_stream_of(libc::AF_INET6)?]));
            groups.push((list::NON_BLOCKING, vec![equal(1, libc::FIONBIO)?]));
        }
    }
    if !matches!(stage, Stage::Scanning { .. } | Stage::Compiling) {
        groups.push((list::LOCKING_FURTHER, Vec::new()));
    }
    Ok(groups)
}

fn equal(argument: u8, value: u64) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)?])
}

fn without(argument: u8, bit: i32) -> Result<SeccompRule, BackendError> {
    let mask = SeccompCmpOp::MaskedEq(bit.unsigned_abs().into());
    SeccompRule::new(vec![SeccompCondition::new(argument, SeccompCmpArgLen::Qword, mask, 0)?])
}

fn is_stream_of(family: i32) -> Result<SeccompRule, BackendError> {
    let stream = libc::SOCK_STREAM.unsigned_abs();
    let flags = (libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK).unsigned_abs();
    SeccompRule::new(vec![
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, family.unsigned_abs().into())?,
        SeccompCondition::new(1, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq((!flags).into()), stream.into())?,
    ])
}
