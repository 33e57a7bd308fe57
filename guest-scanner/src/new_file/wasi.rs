//! By wasi:filesystem 0.2 itself: the standard library's way leads through preview1, which writes 4 KiB a call.

use std::io::{self, Write};
use std::path::Path;

use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags};

/// Bytes of one call, each of which the host copies.
const CALL_BYTES_MAX: usize = 256 * 1024;

/// An open file that was not there before.
#[derive(Debug)]
pub(crate) struct NewFile {
    file: Descriptor,
    /// Bytes written so far.
    length: u64,
}

impl NewFile {
    /// Makes `name` in `folder`, which must be preopened.
    pub(crate) fn create(folder: &Path, name: &str) -> io::Result<Self> {
        let mut preopened = get_directories().into_iter();
        let (folder, _) = preopened.find(|(_, path)| Path::new(path) == folder).ok_or(io::ErrorKind::NotFound)?;
        let how = OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
        let file = folder.open_at(PathFlags::empty(), name, how, DescriptorFlags::WRITE).map_err(failed)?;
        Ok(Self { file, length: 0 })
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let bytes = bytes.get(..CALL_BYTES_MAX).unwrap_or(bytes);
        let written = self.file.write(bytes, self.length).map_err(failed)?;
        self.length += written;
        usize::try_from(written).map_err(io::Error::other)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn failed(code: ErrorCode) -> io::Error {
    let kind = match code {
        ErrorCode::Exist => io::ErrorKind::AlreadyExists,
        ErrorCode::InsufficientSpace => io::ErrorKind::StorageFull,
        _ => return io::Error::other(code.message()),
    };
    kind.into()
}
