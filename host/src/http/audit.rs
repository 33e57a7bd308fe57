//! The audit log: who did what, when, with which outcome. `<data>/audit.jsonl`, a line an event, which only grows;
//! when it is too large it is put aside as `audit.jsonl.1`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use fumehood_contract::Timestamp;
use serde::Serialize;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::limits::AUDIT_BYTES_MAX;
use crate::log;

/// Takes records. Whoever writes waits while the disk is slower than the requests.
#[derive(Clone, Debug)]
pub struct Audit(mpsc::Sender<Record>);

/// One event.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// When it was answered.
    pub at: Timestamp,
    /// As in the answer's header.
    pub request_id: String,
    /// Who, if that is known.
    pub tenant: Option<String>,
    /// With which token: its id, not its secret.
    pub token: Option<String>,
    /// What.
    pub method: String,
    /// What: the route, with `{job_id}` for the job's id.
    pub route: String,
    /// With which job.
    pub job_id: Option<Uuid>,
    /// The outcome: HTTP's code.
    pub status: u16,
}

/// Records that wait for the disk.
const WAITING_MAX: usize = 4_096;

impl Audit {
    /// Opens the log, and writes it from a thread of its own.
    pub fn open(data: &Path) -> io::Result<Self> {
        let mut writer = Writer::open(data.join("audit.jsonl"))?;
        let (sender, mut records) = mpsc::channel::<Record>(WAITING_MAX);
        std::thread::Builder::new().name("audit".to_owned()).spawn(move || {
            while let Some(record) = records.blocking_recv() {
                if let Err(error) = writer.write(&record) {
                    log::say(&format!("the audit log cannot be written: {error}: {record:?}"));
                }
            }
        })?;
        Ok(Self(sender))
    }

    /// Writes a record.
    pub async fn write(&self, record: Record) {
        // The thread ends only with the process.
        let _ended = self.0.send(record).await;
    }
}

struct Writer {
    path: PathBuf,
    file: File,
    bytes: u64,
}

impl Writer {
    fn open(path: PathBuf) -> io::Result<Self> {
        let (file, bytes) = open(&path)?;
        Ok(Self { path, file, bytes })
    }

    #[expect(clippy::disallowed_methods, reason = "a file that we alone write")]
    fn write(&mut self, record: &Record) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        if self.bytes + line.len() as u64 > AUDIT_BYTES_MAX {
            fs::rename(&self.path, self.path.with_extension("jsonl.1"))?;
            (self.file, self.bytes) = open(&self.path)?;
        }
        self.file.write_all(&line)?;
        self.bytes += line.len() as u64;
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "a file that we alone write")]
fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    let bytes = file.metadata()?.len();
    Ok((file, bytes))
}
