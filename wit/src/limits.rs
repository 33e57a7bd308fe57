//! What one record may hold. The scanner keeps to these, and the host refuses a report that does not.

/// A package's name, version, requirement, licence, source or one checksum.
pub const FIELD_BYTES_MAX: usize = 4 * 1024;

/// A package URL: every byte of name and version may need three when percent-encoded.
pub const PURL_BYTES_MAX: usize = 32 * 1024;

/// Linux's `PATH_MAX`: a longer path cannot be opened in one call.
pub const PATH_BYTES_MAX: usize = 4096;

/// The edges out of one package. The largest seen in published lockfiles is below 2,000.
pub const EDGES_PER_PACKAGE_MAX: usize = 20_000;

/// The checksums of one package: poetry and uv list one for every wheel.
pub const CHECKSUMS_PER_PACKAGE_MAX: usize = 1_000;

/// The packages of one file; about seven times the largest lockfile known to us.
pub const PACKAGES_PER_FILE_MAX: usize = 1_000_000;

/// The problems kept of one file; what comes after is counted, not kept.
pub const PROBLEMS_PER_FILE_MAX: usize = 100;

/// A problem's text.
pub const MESSAGE_BYTES_MAX: usize = 2 * 1024;

/// The packages in one line of `report.jsonl`; a file with more takes several lines.
pub const PACKAGES_PER_LINE_MAX: usize = 2_000;

/// A line of `report.jsonl`, with its newline. A line is closed early when it reaches half of this.
pub const REPORT_LINE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// `repo_N.json`.
pub const STATUS_BYTES_MAX: usize = 64 * 1024;

/// The errors kept in `repo_N.json`.
pub const STATUS_ERRORS_MAX: usize = 20;

/// A string in `repo_N.json`: paths are the longest.
pub const STATUS_FIELD_BYTES_MAX: usize = PATH_BYTES_MAX;

/// The URL of an outbound call: servers refuse longer ones.
pub const URL_BYTES_MAX: usize = 2 * 1024;

/// The host of an outbound call: 253 in the DNS, and a port.
pub const HOST_BYTES_MAX: usize = 320;

/// The method, library or language of an outbound call: words of our own lists, or an HTTP method.
pub const CALL_WORD_BYTES_MAX: usize = 64;

/// The outbound calls kept of one file. Generated clients have some hundreds.
pub const CALLS_PER_FILE_MAX: usize = 1_000;

/// The outbound calls in one line of the report: with the longest URLs they fit.
pub const CALLS_PER_LINE_MAX: usize = 200;

/// The outbound calls kept of one repository; about ten times the most that is known to us.
pub const CALLS_PER_REPOSITORY_MAX: usize = 100_000;
