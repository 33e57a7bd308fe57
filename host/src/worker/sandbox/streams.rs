//! Streams into and out of files, which read and write at once. Those of wasmtime-wasi start a thread where a guest does
//! not wait, and a worker may not have one; and what is written here is counted.

use std::fs::File;
use std::future::{Future, ready};
use std::io::{self, IoSlice};
use std::os::unix::fs::FileExt as _;
use std::pin::Pin;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use rustix::io::{Errno, ReadWriteFlags, pwritev2};
use wasmtime_wasi::p2::{InputStream, OutputStream, Pollable, StreamError, StreamResult};

use super::budget::Budget;
use crate::limits::GUEST_TRANSFER_BYTES;

/// Reads a file from a position on.
pub(super) struct FileReader {
    pub(super) file: Arc<File>,
    pub(super) position: u64,
}

/// Writes a file from a position on, or at its end, as long as the budget lasts.
pub(super) struct FileWriter {
    pub(super) file: Arc<File>,
    /// `None` is the end, wherever it is.
    pub(super) position: Option<u64>,
    pub(super) budget: Budget,
}

impl InputStream for FileReader {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        let mut bytes = BytesMut::zeroed(size.min(GUEST_TRANSFER_BYTES));
        let length = loop {
            match self.file.read_at(&mut bytes, self.position) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(StreamError::LastOperationFailed(error.into())),
                Ok(0) if size > 0 => return Err(StreamError::Closed),
                Ok(length) => break length,
            }
        };
        self.position += length as u64;
        bytes.truncate(length);
        Ok(bytes.freeze())
    }
}

impl OutputStream for FileWriter {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if !self.budget.write(bytes.len() as u64) {
            return Err(failed(io::ErrorKind::StorageFull.into()));
        }
        match &mut self.position {
            Some(position) => {
                self.file.write_all_at(&bytes, *position).map_err(failed)?;
                *position = position.saturating_add(bytes.len() as u64);
                Ok(())
            }
            None => append(&self.file, &bytes).map_err(failed),
        }
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(GUEST_TRANSFER_BYTES)
    }
}

fn append(file: &File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = match pwritev2(file, &[IoSlice::new(bytes)], 0, ReadWriteFlags::APPEND) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => written,
            Err(Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        };
        bytes = bytes.get(written..).unwrap_or_default();
    }
    Ok(())
}

fn failed(error: io::Error) -> StreamError {
    StreamError::LastOperationFailed(error.into())
}

// A file is always ready.

impl Pollable for FileReader {
    fn ready<'this, 'future>(&'this mut self) -> Pin<Box<dyn Future<Output = ()> + Send + 'future>>
    where
        'this: 'future,
        Self: 'future,
    {
        Box::pin(ready(()))
    }
}

impl Pollable for FileWriter {
    fn ready<'this, 'future>(&'this mut self) -> Pin<Box<dyn Future<Output = ()> + Send + 'future>>
    where
        'this: 'future,
        Self: 'future,
    {
        Box::pin(ready(()))
    }
}
