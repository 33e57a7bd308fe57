//! What ends a scan.

use std::io;

/// Why a scan ended without a report to rely on.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// `repo_N.json` could not be written.
    #[error("the status file could not be written: {0}")]
    Status(#[source] io::Error),
    /// `report.jsonl` could not be written.
    #[error("the report could not be written: {0}")]
    Report(#[source] io::Error),
}
