//! Files below a preopened folder, by wasi:filesystem 0.2 itself. The standard library's way leads through preview1 and
//! takes ten calls out of the sandbox and back for each file; this takes three, and a repository has tens of thousands.

use std::io;
use std::path::{Path, PathBuf};

use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags};

use super::{Larger, ReadError};

/// Bytes of the first reading of a file, which is all of most.
const FIRST_BYTES: u64 = 64 * 1024;

/// The files of a tree.
#[derive(Debug)]
pub(super) struct Files {
    folder: Option<Descriptor>,
}

impl Files {
    /// Those below `root`, if that is preopened.
    pub(super) fn new(root: PathBuf) -> Self {
        let mut preopened = get_directories().into_iter();
        Self { folder: preopened.find(|(_, path)| Path::new(path) == root).map(|(folder, _)| folder) }
    }

    /// Whether there is a file at `path`.
    pub(super) fn is_there(&self, path: &str) -> bool {
        let stat = |folder: &Descriptor| folder.stat_at(PathFlags::SYMLINK_FOLLOW, path);
        self.folder
            .as_ref()
            .is_some_and(|folder| stat(folder).is_ok_and(|stat| matches!(stat.type_, DescriptorType::RegularFile)))
    }

    /// The bytes of the file at `path`, if it has no more than `bytes_max`.
    pub(super) fn read(&self, path: &str, bytes_max: u64, larger: Larger) -> Result<Vec<u8>, ReadError> {
        let folder = self.folder.as_ref().ok_or(ReadError::NotFound)?;
        let file = folder
            .open_at(PathFlags::SYMLINK_FOLLOW, path, OpenFlags::empty(), DescriptorFlags::READ)
            .map_err(failed)?;
        let (mut bytes, is_whole) = file.read(FIRST_BYTES, 0).map_err(failed)?;
        let length = bytes.len() as u64;
        let size = if is_whole { length } else { file.stat().map_err(failed)?.size };
        let size = larger.allowed(size, bytes_max)?;
        bytes.truncate(usize::try_from(size).map_err(|_| ReadError::TooLarge)?);
        if size > length {
            read_on(&file, &mut bytes, size)?;
        }
        Ok(bytes)
    }
}

/// Up to `size` bytes in all, or less if the file has lost some meanwhile.
fn read_on(file: &Descriptor, bytes: &mut Vec<u8>, size: u64) -> Result<(), ReadError> {
    bytes.reserve_exact(usize::try_from(size).map_err(|_| ReadError::TooLarge)?.saturating_sub(bytes.len()));
    while let Some(missing) = size.checked_sub(bytes.len() as u64).filter(|missing| *missing > 0) {
        let (more, is_whole) = file.read(missing, bytes.len() as u64).map_err(failed)?;
        bytes.extend_from_slice(&more);
        if is_whole || more.is_empty() {
            break;
        }
    }
    Ok(())
}

fn failed(code: ErrorCode) -> ReadError {
    let kind = match code {
        ErrorCode::NoEntry | ErrorCode::NotDirectory => return ReadError::NotFound,
        ErrorCode::Access | ErrorCode::NotPermitted => io::ErrorKind::PermissionDenied,
        ErrorCode::IsDirectory => io::ErrorKind::IsADirectory,
        _ => return ReadError::Io(io::Error::other(code.message())),
    };
    ReadError::Io(kind.into())
}
