//! Every limit of the host, with its unit and its reason. Limits of single records: `fumehood_contract::limits`.

use std::time::Duration;

/// Fuel of one scan: wasmtime counts about one an instruction. Reading 70 MB of source takes about
/// 10^9, so this is minutes of work, and the same number of instructions on every machine.
pub const FUEL: u64 = 50_000_000_000;

/// Fuel after which the guest gives way to its host, so that deadlines inside the worker are seen.
pub const FUEL_YIELD_INTERVAL: u64 = 10_000_000;

/// Sandboxes that share one repository. More would wait for the kernel's file system.
pub const SANDBOXES_MAX: u32 = 8;

/// The files for which it pays to have more than one sandbox: an instance costs as much as some dozens of them.
pub const SHARED_FILES_MIN: usize = 512;

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

/// Bytes of one reading or writing of a guest's.
pub const GUEST_TRANSFER_BYTES: usize = 256 * 1024;

/// How often a guest's clocks advance: finer than any status interval, too coarse to watch what others do.
pub const GUEST_CLOCK_TICK: Duration = Duration::from_millis(10);

/// What is kept of the scanner's standard output and error.
pub const GUEST_STDIO_BYTES: usize = 64 * 1024;

/// A scanner's WebAssembly. A large Go program has about 30 MiB.
pub const SCANNER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How long compiling a scanner may take, by the clock and by its processor time. Ours takes a second on a slow
/// machine; a module of 60,000 functions half a minute.
pub const COMPILE_DEADLINE: Duration = Duration::from_secs(120);

/// Memory of the process that compiles a scanner.
pub const COMPILER_MEMORY_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// The list of files that a plain command gets as a file: half a million paths of a usual length, and no more than
/// fits into a scanner's memory.
pub const COMMAND_REQUEST_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What a guest may hold open of its host at once: files, folders, streams, what it waits for.
pub const GUEST_RESOURCES_MAX: usize = 4_096;

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

/// Folders that wait to be listed before others help: with fewer it takes longer to ask.
pub const SHARED_FOLDERS_MIN: usize = 32;

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

/// Processes and threads of a worker's control group: itself, with room to be started.
pub const WORKER_PROCESSES: u64 = 4;

/// Descriptors of a worker.
pub const WORKER_DESCRIPTORS: u64 = 256;

/// Memory of a worker beside its scanner's: the list of files, and what libgit2 needs for the largest
/// object that it has to put together from deltas.
pub const WORKER_MEMORY_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// What wasmtime reserves of addresses for a linear memory: all that 32 bits reach, and guards around it.
pub const GUEST_RESERVATION_BYTES: u64 = 5 * 1024 * 1024 * 1024;

/// A compiled scanner, ours has 12 MiB, and the worker's own program. Others have about six times their WebAssembly.
pub const ARTEFACT_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// Processor seconds of a worker beyond its deadline: so this limit is never the first to be met.
pub const CPU_SECONDS_MARGIN: u64 = 10;

/// What the guest may write into its folder, all in all: its report, and its status again and again.
pub const STATUS_BYTES_MAX: u64 = REPORT_BYTES_MAX + 256 * 1024 * 1024;

/// Files and folders at one time in the folder of the guest's: two files, and those they are written as before.
pub const STATUS_ENTRIES_MAX: u64 = 64;

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

/// A PEM file of certificate authorities; a system's whole bundle has about 220 KiB.
pub const CA_FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Until a TCP connection and its TLS session stand.
pub const HTTP_CONNECT: Duration = Duration::from_secs(15);

/// How long a server may be silent in an exchange: until its answer begins, and between two reads of it.
pub const HTTP_SILENCE: Duration = Duration::from_secs(60);

/// The headers of one answer.
pub const HTTP_HEADER_BYTES_MAX: usize = 64 * 1024;

/// One page of a forge's list: 100 projects of GitLab have about 400 KiB.
pub const API_PAGE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Pages of one list. Forges give up to 100 entries a page.
pub const API_PAGES_MAX: u32 = 5_000;

/// One request for a page and its answer, from the connection to the last byte.
pub const API_REQUEST: Duration = Duration::from_secs(90);

/// Tries of one request after it failed for a reason that may pass.
pub const API_RETRIES: u32 = 4;

/// How long we wait for a forge's rate limit, all requests of one list together.
pub const API_WAIT_MAX: Duration = Duration::from_secs(15 * 60);

/// Redirects within one origin that are followed: renamed groups and repositories.
pub const REDIRECTS_MAX: u32 = 3;

/// The list of references of one repository: 300,000 of them.
pub const ADVERTISEMENT_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// Until the list of references has arrived.
pub const ADVERTISEMENT_DEADLINE: Duration = Duration::from_secs(120);

/// A pack of one commit, which may be no larger than any file of a worker. Linux has 270 MiB.
pub const FETCH_BYTES_MAX: u64 = REPORT_BYTES_MAX;

/// Objects of one commit. Linux has 90,000.
pub const FETCH_OBJECTS_MAX: usize = 5_000_000;

/// Our own request for a pack.
pub const FETCH_REQUEST_BYTES_MAX: usize = 1024 * 1024;

/// A server that sends less than this for [`FETCH_SPEED_WINDOW`] is given up.
pub const FETCH_BYTES_PER_SECOND_MIN: u64 = 1000;

/// Over how long the speed of a server is measured.
pub const FETCH_SPEED_WINDOW: Duration = Duration::from_secs(30);

/// How much of a pack libgit2 maps at once: a window, and all windows together.
pub const PACK_WINDOW_BYTES: usize = 8 * 1024 * 1024;

/// See [`PACK_WINDOW_BYTES`].
pub const PACK_MAPPED_BYTES_MAX: usize = 32 * 1024 * 1024;

/// One tree object; a folder of 100,000 files has about 5 MiB.
pub const TREE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Entries that the walk over a commit's trees may visit, beyond [`UNFOLDING_MAX`] for each object that was
/// fetched: trees that hold the same tree again and again unfold to more than any machine has.
pub const UNFOLDED_ENTRIES_MIN: u64 = 100_000;

/// See [`UNFOLDED_ENTRIES_MIN`].
pub const UNFOLDING_MAX: u64 = 8;

/// Symbolic links of one commit that are followed within it.
pub const LINKS_MAX: usize = 50_000;

/// One file that is written for the scanner, which reads no larger ones.
pub const MATERIALIZED_FILE_BYTES_MAX: usize = 128 * 1024 * 1024;

/// All files that are written for one scan.
pub const MATERIALIZED_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;

/// All earlier scans that are kept for reuse; a report of 1,000 packages has about 300 KiB.
pub const REUSE_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;

/// A list of sources: more lines than a job may have repositories.
pub const SOURCES_FILE_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// Jobs of one tenant that have not ended.
pub const JOBS_AT_ONCE: usize = 1_000;

/// The body of a request: a list of 100,000 repositories has about 8 MiB.
pub const HTTP_BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The headers of a request.
pub const HTTP_REQUEST_HEADERS_BYTES_MAX: usize = 32 * 1024;

/// Until the headers of a request have arrived.
pub const HTTP_HEADER: Duration = Duration::from_secs(10);

/// Until the body of a request has arrived.
pub const HTTP_BODY: Duration = Duration::from_secs(30);

/// How long a request may be waited with.
pub const HTTP_ANSWER: Duration = Duration::from_secs(60);

/// Connections at the same time.
pub const HTTP_CONNECTIONS_MAX: usize = 2_048;

/// Descriptors that a service asks the system for: of its connections, its workers' pipes and its files.
pub const SERVICE_DESCRIPTORS: u64 = 16_384;

/// Until connections that are open when a service is asked to end are cut off.
pub const STOP_CONNECTIONS: Duration = Duration::from_secs(10);

/// Until a service that was asked to end does not wait any longer for what it does in the background.
pub const STOP_WORK: Duration = Duration::from_secs(5);

/// Events of one job that are kept for clients that follow it.
pub const EVENTS_KEPT: usize = 512;

/// How often a repository is tried again after a failure of our own kind.
pub const RETRIES: u32 = 2;

/// Repositories of one tenant that wait or are at work.
pub const QUEUED_REPOSITORIES: usize = 200_000;

/// What one tenant's jobs may take of the disk.
pub const TENANT_STORED_BYTES: u64 = 10 * 1024 * 1024 * 1024;

/// Requests a second of one tenant, in the long run: fifty clients that ask four times a second.
pub const REQUESTS_A_SECOND: u32 = 200;

/// Requests of one tenant at once.
pub const REQUESTS_BURST: u32 = 1_000;

/// What all jobs of a service may take of the disk; then the oldest go.
pub const STORED_BYTES_MAX: u64 = 20 * 1024 * 1024 * 1024;

/// Reports and statuses that ended longer ago are compressed.
pub const PLAIN_AGE_MAX: Duration = Duration::from_secs(3600);

/// With less than this free on the disk no job is taken.
pub const FREE_BYTES_MIN: u64 = 512 * 1024 * 1024;

/// Between two rounds of tidying up.
pub const TIDY_INTERVAL: Duration = Duration::from_secs(60);

/// A report that was compressed may not unfold to more.
pub const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// The key of a request that may be sent twice.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;

/// A webhook's URL.
pub const WEBHOOK_URL_BYTES_MAX: usize = 2048;

/// Webhooks that are sent at the same time, each of which keeps a thread waiting.
pub const WEBHOOKS_AT_ONCE: usize = 16;

/// The same of one tenant, so that slow receivers of one keep no other's waiting.
pub const WEBHOOKS_A_TENANT: usize = 4;

/// Groups whose repositories are asked for at the same time, each of which keeps a thread waiting.
pub const LOOKUPS_AT_ONCE: usize = 16;

/// The same of one tenant, so that slow forges of one keep no other's jobs waiting.
pub const LOOKUPS_A_TENANT: usize = 4;

/// Report documents that are made at the same time, each of which may take a GiB of memory.
pub const REPORTS_AT_ONCE: usize = 2;

/// The same of one tenant.
pub const REPORTS_A_TENANT: usize = 1;

/// Packages, API calls and problems of one report document of the service, which is made in memory; one has about
/// 500 bytes there.
pub const REPORT_ENTRIES_MAX: usize = 1_000_000;

/// Waits before the tries of a webhook after the first, as standard-webhooks recommends.
pub const WEBHOOK_WAITS: &[Duration] = &[
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(5 * 3600),
    Duration::from_secs(10 * 3600),
];

/// Until a webhook's receiver has answered.
pub const WEBHOOK_ANSWER: Duration = Duration::from_secs(15);

/// Documents of ended jobs that are kept in memory for those who poll them.
pub const ENDED_CACHE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Requests that wait at the same time for something to happen: with `?wait=`, or following events. The other
/// connections are for who asks and goes.
pub const WAITERS_MAX: usize = 1_024;

/// The same of one tenant.
pub const WAITERS_A_TENANT: usize = 256;

/// Between two signs of life to a client that follows events.
pub const FOLLOW_HEARTBEAT: Duration = Duration::from_secs(15);

/// Refused requests that the audit log has room for at once, so that who is refused cannot fill it; the others are
/// counted.
pub const AUDITED_REFUSALS_BURST: u32 = 1_000;

/// The same a second, in the long run.
pub const AUDITED_REFUSALS_A_SECOND: u32 = 10;

/// The audit log, before it is put aside for a new one; one older is kept.
pub const AUDIT_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// How long a client may follow events before it has to come again.
pub const FOLLOW_MAX: Duration = Duration::from_secs(3600);

/// How long what was sent to a client may remain without a sign that it arrived.
pub const HTTP_UNHEARD: Duration = Duration::from_secs(60);

/// How far a service's workers stand back behind the service itself, so that it answers while they use every core.
pub const SERVICE_WORKER_NICENESS: u8 = 10;
