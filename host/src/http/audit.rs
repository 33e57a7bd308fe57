//! The audit log: who did what, when, with which outcome. `<data>/audit.jsonl`, a line an event, which only grows;
//! when it is too large it is put aside as `audit.jsonl.1`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use fumehood_contract::Timestamp;
use serde::Serialize;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::rate::Bucket;
use crate::limits::{AUDIT_BYTES_MAX, AUDITED_REFUSALS_A_SECOND, AUDITED_REFUSALS_BURST};
use crate::log;
use crate::tenants::StoredToken;

/// Takes records. Whoever writes waits while the disk is slower than the requests.
#[derive(Clone, Debug)]
pub struct Audit {
    records: mpsc::Sender<Record>,
    refusals: Arc<Mutex<Refusals>>,
}

/// How many requests that were refused are written: whoever has no token could fill the log and the disk with them.
#[derive(Debug)]
struct Refusals {
    room: Bucket,
    left_out: u64,
}

/// One event.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// When it was answered.
    pub at: Timestamp,
    /// As in the answer's header; none of a command.
    pub request_id: Option<String>,
    /// Who: the other end of the connection.
    pub remote: Option<IpAddr>,
    /// Who, if that is known.
    pub tenant: Option<String>,
    /// With which token: its id, not its secret.
    pub token: Option<String>,
    /// What: HTTP's, or `token` for a command that made or revoked one.
    pub method: String,
    /// What: the route, with `{job_id}` for the job's id, or `create`, `revoke`.
    pub route: String,
    /// With which job.
    pub job_id: Option<Uuid>,
    /// The outcome: HTTP's code; none of a command, which is written down when it is done.
    pub status: Option<u16>,
    /// Refused requests since the last one here that were left out, because there were too many.
    #[serde(skip_serializing_if = "is_zero")]
    pub left_out: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Records that wait for the disk.
const WAITING_MAX: usize = 4_096;

/// Writes down that a token was made or revoked, by a command beside the service.
pub fn token_changed(data: &Path, doing: &str, token: &StoredToken) -> io::Result<()> {
    let mut writer = Writer::open(data.join(FILE))?;
    crate::jobs::store::give_to_owner(data, &writer.file)?;
    writer.append(&Record {
        at: Timestamp::now(),
        request_id: None,
        remote: None,
        tenant: Some(token.tenant.to_string()),
        token: Some(token.id.clone()),
        method: "token".to_owned(),
        route: doing.to_owned(),
        job_id: None,
        status: None,
        left_out: 0,
    })
}

const FILE: &str = "audit.jsonl";

impl Audit {
    /// Opens the log, and writes it from a thread of its own.
    pub fn open(data: &Path) -> io::Result<Self> {
        let mut writer = Writer::open(data.join(FILE))?;
        let (sender, mut records) = mpsc::channel::<Record>(WAITING_MAX);
        std::thread::Builder::new().name("audit".to_owned()).spawn(move || {
            while let Some(record) = records.blocking_recv() {
                if let Err(error) = writer.write(&record) {
                    log::say(&format!("the audit log cannot be written: {error}: {record:?}"));
                }
            }
        })?;
        let room = Bucket::full(f64::from(AUDITED_REFUSALS_BURST), Instant::now());
        Ok(Self { records: sender, refusals: Arc::new(Mutex::new(Refusals { room, left_out: 0 })) })
    }

    /// Writes a record.
    pub async fn write(&self, record: Record) {
        // The thread ends only with the process.
        let _ended = self.records.send(record).await;
    }

    /// Writes a record of a request that was refused, if there were not too many of late.
    pub async fn write_refusal(&self, mut record: Record) {
        {
            let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
            let (burst, a_second) = (f64::from(AUDITED_REFUSALS_BURST), f64::from(AUDITED_REFUSALS_A_SECOND));
            if !refusals.room.take(burst, a_second, Instant::now()) {
                refusals.left_out += 1;
                return;
            }
            record.left_out = std::mem::take(&mut refusals.left_out);
        }
        self.write(record).await;
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
        if self.bytes > AUDIT_BYTES_MAX {
            fs::rename(&self.path, self.path.with_extension("jsonl.1"))?;
            (self.file, self.bytes) = open(&self.path)?;
        }
        self.append(record)
    }

    /// In one write, so that lines of several processes do not mix.
    fn append(&mut self, record: &Record) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
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
