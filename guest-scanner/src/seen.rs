//! What one sandbox tells the other of a file.

use fumehood_contract::{ApiCall, Problem};
use serde::{Deserialize, Serialize};

/// What is to be said of a file that was looked at.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Seen {
    /// It has calls.
    Calls {
        /// What it is written in.
        language: String,
        /// In the order of the file.
        calls: Vec<ApiCall>,
    },
    /// It could not be looked at.
    Problem(Problem),
}
