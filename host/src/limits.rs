//! Every limit of the host, with its unit and its reason. Limits of single records: `fumehood_contract::limits`.

use std::time::Duration;

/// Fuel of one scan: wasmtime counts about one an instruction. Reading 70 MB of source takes about
/// 10^9, so this is minutes of work, and the same number of instructions on every machine.
pub const FUEL: u64 = 50_000_000_000;

/// Fuel after which the guest gives way to its host, so that deadlines inside the worker are seen.
pub const FUEL_YIELD_INTERVAL: u64 = 10_000_000;

/// The scanner's linear memory. A lockfile of 128 MiB with what is found in it fits.
pub const GUEST_MEMORY_BYTES: u64 = 1024 * 1024 * 1024;

/// Elements of one table; the scanner's own has a few hundred.
pub const GUEST_TABLE_ELEMENTS: usize = 100_000;

/// The stack of compiled code. Our parsers do not recurse over input beyond a depth of 128.
pub const GUEST_STACK_BYTES: usize = 1024 * 1024;

/// The stack on which the guest and the host calls under it run.
pub const GUEST_ASYNC_STACK_BYTES: usize = 2 * 1024 * 1024;

/// How much one call of the guest may make the host allocate. The answer of `select` is the largest.
pub const HOSTCALL_BYTES: usize = 4 * 1024 * 1024;

/// Random bytes in one call; the scanner seeds its hash maps with 16.
pub const GUEST_RANDOM_BYTES: u64 = 4096;

/// What is kept of the scanner's standard output and error.
pub const GUEST_STDIO_BYTES: usize = 64 * 1024;

/// Paths handed to `select` in one call: bounds the guest's memory and the answer's size.
pub const SELECT_BATCH: usize = 8192;

/// Files of one repository that are listed. Linux has 80,000.
pub const LISTED_FILES_MAX: u64 = 2_000_000;

/// Entries of any kind that are looked at while listing, so that a tree of folders alone ends too.
pub const LISTED_ENTRIES_MAX: u64 = 4_000_000;

/// Bytes of all listed paths together.
pub const LISTED_BYTES_MAX: usize = 512 * 1024 * 1024;

/// Folders inside each other. Node's nested trees reach about 60.
pub const LISTED_DEPTH_MAX: usize = 1_000;

/// Skipped entries that are kept with their names; the rest is counted.
pub const SKIPPED_NAMED_MAX: usize = 200;

/// The job document on a worker's standard input.
pub const SPEC_BYTES_MAX: u64 = 1024 * 1024;

/// What a worker may say on its standard output.
pub const WORKER_STDOUT_BYTES_MAX: u64 = 2 * 1024 * 1024;

/// What is kept in `stderr.log`.
pub const STDERR_LOG_BYTES_MAX: u64 = 1024 * 1024;

/// What is kept in memory of the end of a worker's standard error.
pub const STDERR_TAIL_BYTES: usize = 4 * 1024;

/// `report.jsonl`, by `RLIMIT_FSIZE` in the worker and again when it is read.
pub const REPORT_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;

/// Descriptors of a worker.
pub const WORKER_DESCRIPTORS: u64 = 256;

/// Packages of one report that are read; what comes after makes it a violation.
pub const REPORT_PACKAGES_MAX: u64 = 5_000_000;

/// Problems of one report that are kept.
pub const REPORT_PROBLEMS_MAX: usize = 10_000;

/// How long a repository may take.
pub const DEADLINE: Duration = Duration::from_secs(3600);

/// A worker that has written no status for so long, and for four of its intervals, is given up.
pub const STALE: Duration = Duration::from_secs(120);

/// How often a worker writes its status.
pub const STATUS_INTERVAL: Duration = Duration::from_secs(30);

/// How often a worker writes its status when a person watches.
pub const STATUS_INTERVAL_WATCHED: Duration = Duration::from_millis(100);

/// Repositories of one job.
pub const REPOSITORIES_MAX: usize = 100_000;

/// How far below a folder `--each` looks for repositories.
pub const EACH_DEPTH_MAX: usize = 8;

/// Jobs whose end lies further back are removed before a new one starts.
pub const JOB_AGE_MAX: Duration = Duration::from_secs(24 * 3600);
