//! Files below a root with the standard library: for tests, fuzzing and benchmarks, on trusted trees only.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;

use super::{Larger, ReadError};

/// The files of a tree.
#[derive(Debug)]
pub(super) struct Files {
    root: PathBuf,
}

impl Files {
    /// Those below `root`.
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Whether there is a file at `path`.
    pub(super) fn is_there(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }

    /// The bytes of the file at `path`, if it has no more than `bytes_max`. What it gains meanwhile is not read.
    #[expect(clippy::disallowed_methods, reason = "the one place where the scanner opens what the repository holds")]
    pub(super) fn read(&self, path: &str, bytes_max: u64, larger: Larger) -> Result<Vec<u8>, ReadError> {
        let file = File::open(self.root.join(path)).map_err(|error| {
            let missing = matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
            if missing { ReadError::NotFound } else { ReadError::Io(error) }
        })?;
        let size = larger.allowed(file.metadata()?.len(), bytes_max)?;
        let mut bytes = Vec::with_capacity(usize::try_from(size).map_err(|_| ReadError::TooLarge)?);
        file.take(size).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}
