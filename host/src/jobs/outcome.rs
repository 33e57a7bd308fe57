//! How a worker ended: one closed enum, computed by one pure function from the evidence.

use fumehood_contract::RepoState;

use crate::worker::spec::VerdictKind;

/// Every way in which the scan of a repository can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Scanned; the report says all.
    Completed,
    /// Scanned; the report says what was passed over.
    Incomplete,
    /// The repository's files could not be had.
    FetchFailed,
    /// The repository or its report is larger than we take.
    TooLarge,
    /// The scanner used up its fuel.
    OutOfFuel,
    /// The scanner used up its memory.
    OutOfMemory,
    /// The scanner used up its stack.
    StackOverflow,
    /// The scanner trapped or gave up.
    Trapped,
    /// The deadline passed.
    TimedOut,
    /// The worker gave no sign of life.
    Stale,
    /// Something killed the worker with this signal.
    Killed(i32),
    /// The worker was killed for a system call that it may not make.
    SandboxViolation,
    /// The scanner broke the contract: its files or answers are not what they must be.
    ProtocolViolation,
    /// We could not do our part.
    HostError,
    /// Somebody cancelled the job.
    Cancelled,
}

/// Who is to blame for a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blame {
    /// Nobody.
    Nobody,
    /// What is in the repository, or that it cannot be had.
    Repository,
    /// The scanner.
    Scanner,
    /// This host, its machine, or its operator.
    Us,
}

/// Why the parent stopped a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stop {
    /// The deadline passed.
    Deadline,
    /// It gave no sign of life.
    Stale,
    /// The job was cancelled.
    Cancel,
}

/// How the process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// It never started.
    NotStarted,
}

/// What the report turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReportEnd {
    /// It ends with its footer, and nothing was passed over.
    Whole,
    /// It ends with its footer, and something was passed over.
    WithGaps,
    /// It has no footer.
    CutShort,
    /// It breaks the format or its limits, or is no regular file.
    Violating,
    /// It is larger than reports may be.
    TooLarge,
    /// There is none.
    Missing,
}

/// What the status file says at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatusEnd {
    /// `completed`.
    Completed,
    /// Something else, or nothing.
    Other,
    /// It breaks the format or its limits, or is no regular file.
    Violating,
}

/// All that is known about a worker that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Whether the parent stopped it.
    pub stop: Option<Stop>,
    /// How the process ended.
    pub exit: Exit,
    /// What the worker said; `None` if nothing, or nonsense.
    pub verdict: Option<VerdictKind>,
    /// What it left as a report.
    pub report: ReportEnd,
    /// What it left as a status.
    pub status: StatusEnd,
}

/// What the evidence means. A worker that said that it scanned (or need not, because an earlier scan's files
/// were put in place), left by itself and left whole files has scanned, even if the parent wanted to stop it in the same moment. Otherwise the parent's own
/// reason comes first, then the process's end, then the worker's words.
pub fn classify(evidence: &Evidence) -> Outcome {
    let by_itself = evidence.exit == Exit::Code(0);
    if by_itself && matches!(evidence.verdict, Some(VerdictKind::Scanned | VerdictKind::Known)) {
        return scanned(evidence);
    }
    if let Some(stop) = evidence.stop {
        return match stop {
            Stop::Deadline => Outcome::TimedOut,
            Stop::Stale => Outcome::Stale,
            Stop::Cancel => Outcome::Cancelled,
        };
    }
    match evidence.exit {
        Exit::Signal(libc_signals::SIGSYS) => Outcome::SandboxViolation,
        Exit::Signal(libc_signals::SIGXFSZ) => Outcome::TooLarge,
        Exit::Signal(libc_signals::SIGXCPU) => Outcome::TimedOut,
        Exit::Signal(signal) => Outcome::Killed(signal),
        Exit::Code(0) => evidence.verdict.map_or(Outcome::HostError, said),
        Exit::Code(_) | Exit::NotStarted => Outcome::HostError,
    }
}

fn scanned(evidence: &Evidence) -> Outcome {
    match (evidence.status, evidence.report) {
        (_, ReportEnd::TooLarge) => Outcome::TooLarge,
        (StatusEnd::Other | StatusEnd::Violating, _)
        | (_, ReportEnd::CutShort | ReportEnd::Violating | ReportEnd::Missing) => Outcome::ProtocolViolation,
        (StatusEnd::Completed, ReportEnd::Whole) => Outcome::Completed,
        (StatusEnd::Completed, ReportEnd::WithGaps) => Outcome::Incomplete,
    }
}

fn said(verdict: VerdictKind) -> Outcome {
    match verdict {
        // Only reached by `classify` for other exits than 0, where the words count for nothing.
        VerdictKind::Scanned | VerdictKind::Known | VerdictKind::HostError => Outcome::HostError,
        VerdictKind::SourceUnreadable | VerdictKind::FetchFailed => Outcome::FetchFailed,
        VerdictKind::TooLarge => Outcome::TooLarge,
        VerdictKind::OutOfFuel => Outcome::OutOfFuel,
        VerdictKind::OutOfMemory => Outcome::OutOfMemory,
        VerdictKind::StackOverflow => Outcome::StackOverflow,
        VerdictKind::Trapped => Outcome::Trapped,
        VerdictKind::ContractBroken => Outcome::ProtocolViolation,
    }
}

impl Outcome {
    /// The state on the wire.
    pub fn state(self) -> RepoState {
        match self {
            Self::Completed | Self::Incomplete => RepoState::Completed,
            Self::TimedOut | Self::Stale => RepoState::Timeout,
            Self::Cancelled => RepoState::Cancelled,
            Self::FetchFailed
            | Self::TooLarge
            | Self::OutOfFuel
            | Self::OutOfMemory
            | Self::StackOverflow
            | Self::Trapped
            | Self::Killed(_)
            | Self::SandboxViolation
            | Self::ProtocolViolation
            | Self::HostError => RepoState::Failed,
        }
    }

    /// Who is to blame.
    pub fn blame(self) -> Blame {
        match self {
            Self::Completed | Self::Cancelled => Blame::Nobody,
            Self::Incomplete | Self::FetchFailed | Self::TooLarge | Self::TimedOut => Blame::Repository,
            Self::OutOfFuel
            | Self::OutOfMemory
            | Self::StackOverflow
            | Self::Trapped
            | Self::SandboxViolation
            | Self::ProtocolViolation => Blame::Scanner,
            Self::Stale | Self::Killed(_) | Self::HostError => Blame::Us,
        }
    }

    /// Whether another try can help: only where we are to blame.
    pub fn is_worth_a_retry(self) -> bool {
        self.blame() == Blame::Us
    }

    /// The outcome's name in `master.json` and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Incomplete => "incomplete",
            Self::FetchFailed => "fetch_failed",
            Self::TooLarge => "too_large",
            Self::OutOfFuel => "out_of_fuel",
            Self::OutOfMemory => "out_of_memory",
            Self::StackOverflow => "stack_overflow",
            Self::Trapped => "trapped",
            Self::TimedOut => "timed_out",
            Self::Stale => "stale",
            Self::Killed(_) => "killed",
            Self::SandboxViolation => "sandbox_violation",
            Self::ProtocolViolation => "protocol_violation",
            Self::HostError => "host_error",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The signals with a meaning of their own, by their Linux numbers.
pub mod libc_signals {
    /// Killed from outside; nobody can handle it.
    pub const SIGKILL: i32 = 9;
    /// Asked to end.
    pub const SIGTERM: i32 = 15;
    /// It used more processor time than `RLIMIT_CPU`.
    pub const SIGXCPU: i32 = 24;
    /// A file grew past `RLIMIT_FSIZE`.
    pub const SIGXFSZ: i32 = 25;
    /// A system call that seccomp forbids.
    pub const SIGSYS: i32 = 31;
}

#[cfg(test)]
mod tests;
