//! What the host and the scanner agree on, and all that they share.
//!
//! `scanner.wit`, beside this crate, types the calls between them. The modules here type the
//! files that they leave for each other and for people: [`status`] is `repo_N.json`,
//! [`master`] is `master.json`, [`report`] is `report.jsonl`, [`request`] is `request.json`. Names on the wire are those of the
//! document that the system was ordered from; what we added to them never renames anything.

pub mod atomic;
pub mod calls;
pub mod limits;
pub mod master;
pub mod report;
pub mod request;
pub mod status;
pub mod time;

pub use calls::{ApiCall, CallsRecord};
pub use report::{FileRecord, Package, Problem, ProblemKind, Relation, ReportLine, Scope};
pub use status::{RepoState, RepoStatus};
pub use time::Timestamp;
