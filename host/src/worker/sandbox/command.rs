//! A scanner that is a program: what it is told, and what its end means.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use fumehood_contract::Timestamp;
use fumehood_contract::request::{CommandRequest, FILE_NAME, RequestedCalls, RequestedFile};
use wasmtime_wasi::I32Exit;

use super::{Calls, Request, host_error};
use crate::limits::COMMAND_REQUEST_BYTES_MAX;
use crate::worker::spec::{Verdict, VerdictKind};

/// A request that lies in the status folder.
pub(super) struct Told(PathBuf);

/// Writes `request.json`, before the program has run.
pub(super) fn tell(status: &Path, request: &Request) -> Result<Told, Verdict> {
    let path = status.join(FILE_NAME);
    let written = File::create_new(&path).and_then(|file| write(file, &command_request(request)?));
    match written {
        Ok(()) => Ok(Told(path)),
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            let most = COMMAND_REQUEST_BYTES_MAX;
            let message = format!("the list of its files has more than the {most} bytes that a command is given");
            Err(Verdict::new(VerdictKind::TooLarge, message))
        }
        Err(error) => Err(host_error(&format!("{FILE_NAME}: {error}"))),
    }
}

impl Told {
    /// It may be large, and nobody reads it any more.
    #[expect(clippy::disallowed_methods, reason = "removes a name, whatever the guest made of it")]
    pub(super) fn forget(self) {
        // What the guest put in its place may not be removable.
        let _kept = fs::remove_file(self.0);
    }
}

/// Whether a program ended well; `Err` if it did not end by itself.
pub(super) fn has_succeeded(ended: wasmtime::Result<Result<(), ()>>) -> wasmtime::Result<bool> {
    match ended {
        Ok(ended) => Ok(ended.is_ok()),
        Err(error) => error.downcast_ref().map(|I32Exit(code)| *code == 0).ok_or(error),
    }
}

fn command_request(request: &Request) -> io::Result<CommandRequest> {
    let started_at = Timestamp::parse(&request.started_at).ok_or(io::ErrorKind::InvalidInput)?;
    let files = request.files.iter().map(|file| RequestedFile { path: file.path.clone(), size_bytes: file.size_bytes });
    Ok(CommandRequest {
        repo_index: request.repo_index,
        repo_name: request.repo_name.clone(),
        attempt: request.attempt,
        started_at,
        pid: request.pid,
        status_interval_ms: request.status_interval_ms,
        calls: match &request.calls {
            Calls::Off => RequestedCalls::Off,
            Calls::Usual => RequestedCalls::Usual,
            Calls::Excluding(patterns) => RequestedCalls::Excluding(patterns.clone()),
        },
        files: files.collect(),
    })
}

fn write(file: File, request: &CommandRequest) -> io::Result<()> {
    let mut out = BufWriter::new(Bounded { inner: file, left: COMMAND_REQUEST_BYTES_MAX });
    serde_json::to_writer(&mut out, request)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Refuses what goes over its limit.
struct Bounded<W> {
    inner: W,
    left: u64,
}

impl<W: Write> Write for Bounded<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or(io::ErrorKind::FileTooLarge)?;
        self.inner.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
