//! The parent's side of what a worker and its parent say to each other: the job goes out, messages
//! come back, one of them is answered.

use std::sync::Arc;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{ChildStdin, ChildStdout};

use super::lockdown::Layer;
use super::probe::Tried;
use super::spec::{Message, Spec, Verdict, answer};
use crate::limits::WORKER_STDOUT_BYTES_MAX;
use crate::source::Listing;

/// Whether the commit with this name in hexadecimal was scanned before, as the parent knows.
pub type IsKnown = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// All that a worker said.
#[derive(Debug, Default)]
pub struct Told {
    /// The object that the server has for the reference: a commit, or a tag.
    pub advertised: Option<String>,
    /// The commit that was fetched.
    pub commit: Option<String>,
    /// What was listed.
    pub listing: Option<Listing>,
    /// The layers of the sandbox that do not hold; `None` if it did not come so far.
    pub missing: Option<Vec<Layer>>,
    /// What came of a probe.
    pub probed: Option<Tried>,
    /// Bytes.
    pub peak_memory: Option<u64>,
    /// What it said last.
    pub verdict: Option<Verdict>,
}

/// Hands the job over and listens until the worker has nothing more to say. What is no message is dropped.
pub(super) async fn hold(mut stdin: ChildStdin, stdout: ChildStdout, spec: Vec<u8>, is_known: IsKnown) -> Told {
    let mut told = Told::default();
    // A worker that is killed before it has read all of its job breaks the pipe; its end says more.
    let _broken = stdin.write_all(&spec).await;
    let mut lines = BufReader::new(stdout.take(WORKER_STDOUT_BYTES_MAX));
    let mut line = Vec::new();
    loop {
        line.clear();
        match lines.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return told,
            Ok(_) => {}
        }
        let Ok(message) = serde_json::from_slice(&line) else { continue };
        if let Message::Advertised(object) = &message {
            let answer = if is_object_id(object) && is_known(object) { answer::KNOWN } else { answer::GO_ON };
            let _broken = stdin.write_all(&[answer]).await;
        }
        told.take(message);
    }
}

/// The job as one line.
pub(super) fn line(spec: &Spec) -> serde_json::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(spec)?;
    line.push(b'\n');
    Ok(line)
}

impl Told {
    fn take(&mut self, message: Message) {
        match message {
            Message::Advertised(object) => self.advertised = Some(object).filter(|object| is_object_id(object)),
            Message::Fetched(commit) => self.commit = Some(commit).filter(|commit| is_object_id(commit)),
            Message::Listed(listing) => self.listing = Some(*listing),
            Message::Missing(layers) => self.missing = Some(layers),
            Message::Probed(tried) => self.probed = Some(tried),
            Message::PeakMemory(bytes) => self.peak_memory = Some(bytes),
            Message::Ended(verdict) => self.verdict = Some(verdict),
        }
    }
}

/// SHA-1 or SHA-256 in hexadecimal: it becomes a file's name and is shown to people.
fn is_object_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
