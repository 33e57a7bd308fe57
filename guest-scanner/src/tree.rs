//! The repository's files, as the scanner may see them: by path, below one root, bounded.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;

/// The largest file that is read. About twice the largest lockfile known to us; what is larger is
/// reported as over the limit.
pub const FILE_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// A repository on disk. In the sandbox its root is the preopened `/repo`, and WASI refuses whatever
/// leads outside; natively it is for trusted test data only.
#[derive(Debug)]
pub struct Tree {
    root: PathBuf,
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such file.
    #[error("there is no such file")]
    NotFound,
    /// It is larger than [`FILE_BYTES_MAX`].
    #[error("it is larger than {} MiB", FILE_BYTES_MAX / 1024 / 1024)]
    TooLarge,
    /// It is not UTF-8, or another encoding that its format allows.
    #[error("it is not UTF-8 text (first bad byte at offset {offset})")]
    NotText {
        /// Of the first byte that is none.
        offset: usize,
    },
    /// The system refuses.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl Tree {
    /// The tree below `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// A file's bytes. `path` is relative, separated by `/`, without `..`.
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let file = open(&self.root.join(path))?;
        let size = file.metadata()?.len();
        if size > FILE_BYTES_MAX {
            return Err(ReadError::TooLarge);
        }
        // One byte more than the size, so that the end is seen without another call.
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
        file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err(ReadError::TooLarge);
        }
        Ok(bytes)
    }

    /// A file's text without its byte order mark: UTF-8, or UTF-16 if a byte order mark says so, as
    /// some Windows tools write it.
    pub fn text(&self, path: &str) -> Result<String, ReadError> {
        decode(self.bytes(path)?)
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the scanner opens what the repository holds")]
fn open(path: &std::path::Path) -> Result<File, ReadError> {
    File::open(path).map_err(|error| {
        let missing = matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
        if missing { ReadError::NotFound } else { ReadError::Io(error) }
    })
}

/// Text out of bytes, see [`Tree::text`].
pub fn decode(mut bytes: Vec<u8>) -> Result<String, ReadError> {
    let utf16 = match bytes.get(..2) {
        Some([0xFF, 0xFE]) => Some(u16::from_le_bytes as fn([u8; 2]) -> u16),
        Some([0xFE, 0xFF]) => Some(u16::from_be_bytes as fn([u8; 2]) -> u16),
        _ => None,
    };
    if let Some(unit) = utf16 {
        let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().skip(1).map(|pair| unit(*pair)).collect();
        return String::from_utf16(&units).map_err(|_| ReadError::NotText { offset: 0 });
    }
    if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        bytes.drain(..3);
    }
    String::from_utf8(bytes).map_err(|error| ReadError::NotText { offset: error.utf8_error().valid_up_to() })
}

#[cfg(test)]
mod tests {
    use super::{ReadError, decode};

    #[test]
    fn byte_order_marks_are_understood() {
        assert_eq!(decode(b"\xEF\xBB\xBFab".to_vec()).ok().as_deref(), Some("ab"));
        assert_eq!(decode(b"\xFF\xFEa\0b\0".to_vec()).ok().as_deref(), Some("ab"));
        assert_eq!(decode(b"\xFE\xFF\0a\0b".to_vec()).ok().as_deref(), Some("ab"));
    }

    #[test]
    fn other_bytes_are_refused_with_their_place() {
        assert!(matches!(decode(b"ab\xE9".to_vec()), Err(ReadError::NotText { offset: 2 })));
    }
}
