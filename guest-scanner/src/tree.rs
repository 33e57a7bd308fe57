//! The repository's files, as the scanner may see them: by path, below one root, bounded.

#[cfg(not(target_family = "wasm"))]
#[path = "tree/native.rs"]
mod files;
#[cfg(target_family = "wasm")]
#[path = "tree/wasi.rs"]
mod files;

use std::any::Any;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;

use files::Files;

/// The largest file that is read. About twice the largest lockfile known to us; what is larger is
/// reported as over the limit.
pub const FILE_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// The files of which something is kept, see [`Tree::parsed`].
const KEPT_MAX: usize = 32;

/// The bytes of their texts.
const KEPT_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// A repository on disk. In the sandbox its root is the preopened `/repo`, and WASI refuses whatever
/// leads outside; natively it is for trusted test data only.
#[derive(Debug)]
pub struct Tree {
    files: Files,
    kept: RefCell<Kept>,
    remembered: RefCell<Remembered>,
}

/// A file that will be asked for twice, and its bytes once they were.
#[derive(Debug, Default)]
struct Remembered {
    path: String,
    bytes_max: u64,
    bytes: Option<Vec<u8>>,
}

/// What was made of some files' texts, the last used first.
#[derive(Default)]
struct Kept(VecDeque<KeptFile>);

struct KeptFile {
    path: String,
    bytes: u64,
    made: Rc<dyn Any>,
}

impl Kept {
    fn take<T: Any>(&mut self, path: &str) -> Option<(Rc<T>, u64)> {
        let at = self.0.iter().position(|file| file.path == path && file.made.is::<T>())?;
        let file = self.0.remove(at)?;
        let found = Rc::clone(&file.made).downcast().ok().map(|made| (made, file.bytes));
        self.0.push_front(file);
        found
    }

    fn keep(&mut self, file: KeptFile) {
        self.0.push_front(file);
        while self.0.len() > KEPT_MAX || self.0.iter().map(|file| file.bytes).sum::<u64>() > KEPT_BYTES_MAX {
            self.0.pop_back();
        }
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|file| &file.path)).finish()
    }
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

/// What becomes of a file that has more bytes than are wanted.
#[derive(Clone, Copy, Debug)]
enum Larger {
    Refused,
    Cut,
}

impl Larger {
    /// How many of a file's `size` bytes are read.
    fn allowed(self, size: u64, bytes_max: u64) -> Result<u64, ReadError> {
        match self {
            Self::Refused if size > bytes_max => Err(ReadError::TooLarge),
            Self::Refused | Self::Cut => Ok(size.min(bytes_max)),
        }
    }
}

impl Tree {
    /// The tree below `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { files: Files::new(root.into()), kept: RefCell::default(), remembered: RefCell::default() }
    }

    /// Whether there is a file at `path`; relative, separated by `/`, without `..`.
    pub fn exists(&self, path: &str) -> bool {
        self.files.is_there(path)
    }

    /// A file's bytes. `path` is relative, separated by `/`, without `..`.
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.bytes_within(path, FILE_BYTES_MAX)
    }

    /// Like [`Tree::bytes`], but a file of more than `bytes_max` bytes is too large.
    pub(crate) fn bytes_within(&self, path: &str, bytes_max: u64) -> Result<Vec<u8>, ReadError> {
        let bytes = self.files.read(path, bytes_max, Larger::Refused)?;
        let mut remembered = self.remembered.borrow_mut();
        if remembered.path == path && bytes.len() as u64 <= remembered.bytes_max {
            remembered.bytes = Some(bytes.clone());
        }
        Ok(bytes)
    }

    /// Keeps the bytes of the file at `path` for [`Tree::remembered`] when they are read, if they are not more than that.
    /// One file is remembered, the last that was named.
    pub(crate) fn remember(&self, path: &str, bytes_max: u64) {
        *self.remembered.borrow_mut() = Remembered { path: path.to_owned(), bytes_max, bytes: None };
    }

    /// The bytes of a file that was to be remembered, which is forgotten then. It is read again if it was not.
    pub(crate) fn remembered(&self, path: &str, bytes_max: u64) -> Result<Vec<u8>, ReadError> {
        let Remembered { path: last, bytes_max: most, bytes } = self.remembered.take();
        let bytes = bytes.filter(|_| last == path && most == bytes_max);
        bytes.map_or_else(|| self.bytes_within(path, bytes_max), Ok)
    }

    /// The first bytes of a file, `bytes_max` of them or what there is, however large it is.
    pub fn head(&self, path: &str, bytes_max: u64) -> Result<Vec<u8>, ReadError> {
        self.files.read(path, bytes_max, Larger::Cut)
    }

    /// A file's text without its byte order mark: UTF-8, or UTF-16 if a byte order mark says so, as
    /// some Windows tools write it, or what an XML declaration says.
    pub fn text(&self, path: &str) -> Result<String, ReadError> {
        decode(self.bytes(path)?)
    }

    /// Like [`Tree::text`], but a file of more than `bytes_max` bytes is too large: for files that
    /// are read again and again, for each of those that refer to them.
    pub fn text_within(&self, path: &str, bytes_max: u64) -> Result<String, ReadError> {
        decode(self.bytes_within(path, bytes_max.min(FILE_BYTES_MAX))?)
    }

    /// What `make` makes of a file that many others refer to, and the bytes of its text. What was
    /// made of the last such files is kept, so that a parent is not parsed again for each of its
    /// children. The outcome is the same as without: a file of more than `bytes_max` bytes is too large
    /// even if it is kept. `make` must be the same for the same `T`.
    pub fn parsed<T: Any>(
        &self,
        path: &str,
        bytes_max: u64,
        make: impl FnOnce(&str) -> T,
    ) -> Result<(Rc<T>, u64), ReadError> {
        let kept = self.kept.borrow_mut().take::<T>(path);
        if let Some((made, bytes)) = kept {
            return if bytes > bytes_max { Err(ReadError::TooLarge) } else { Ok((made, bytes)) };
        }
        let raw = self.bytes_within(path, bytes_max.min(FILE_BYTES_MAX))?;
        let bytes = raw.len() as u64;
        let made = Rc::new(make(&decode(raw)?));
        self.kept.borrow_mut().keep(KeptFile { path: path.to_owned(), bytes, made: Rc::clone(&made) as Rc<dyn Any> });
        Ok((made, bytes))
    }
}

/// Text out of bytes, see [`Tree::text`].
pub fn decode(mut bytes: Vec<u8>) -> Result<String, ReadError> {
    // XML may be UTF-16 without a mark: then its declaration's first two letters tell the order.
    let utf16 = match bytes.as_slice() {
        [0xFF, 0xFE, ..] => Some((u16::from_le_bytes as fn([u8; 2]) -> u16, 1)),
        [0xFE, 0xFF, ..] => Some((u16::from_be_bytes as fn([u8; 2]) -> u16, 1)),
        [b'<', 0, b'?', 0, ..] => Some((u16::from_le_bytes as fn([u8; 2]) -> u16, 0)),
        [0, b'<', 0, b'?', ..] => Some((u16::from_be_bytes as fn([u8; 2]) -> u16, 0)),
        _ => None,
    };
    if let Some((unit, marks)) = utf16 {
        let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().skip(marks).map(|pair| unit(*pair)).collect();
        return String::from_utf16(&units).map_err(|_| ReadError::NotText { offset: 0 });
    }
    if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        bytes.drain(..3);
    } else if is_declared_latin(&bytes) && !bytes.is_ascii() {
        return Ok(bytes.into_iter().map(char::from).collect());
    }
    String::from_utf8(bytes).map_err(|error| ReadError::NotText { offset: error.utf8_error().valid_up_to() })
}

/// Whether an XML declaration says that the text is Latin-1 or one of its near relatives. Those differ
/// in a few signs (the euro, typographic quotes) that no name or version of a package holds.
fn is_declared_latin(bytes: &[u8]) -> bool {
    const DECLARATION_BYTES_MAX: usize = 256;
    let start = bytes.get(..DECLARATION_BYTES_MAX).unwrap_or(bytes);
    let declaration = start.split(|byte| *byte == b'>').next().unwrap_or_default();
    let Some(declaration) = declaration.strip_prefix(b"<?xml").and_then(|rest| str::from_utf8(rest).ok()) else {
        return false;
    };
    let Some((_, value)) = declaration.split_once("encoding") else { return false };
    let value = value.trim_start_matches(|letter: char| letter == '=' || letter.is_ascii_whitespace());
    let label = value.trim_start_matches(['"', '\'']).split(['"', '\'']).next().unwrap_or_default();
    let known = ["iso-8859-1", "iso-8859-15", "iso8859-1", "iso8859_1", "latin1", "windows-1252", "cp1252"];
    known.iter().any(|known| label.eq_ignore_ascii_case(known))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test")]
mod tests {
    use super::{KEPT_MAX, ReadError, Tree, decode};

    #[test]
    fn byte_order_marks_are_understood() {
        assert_eq!(decode(b"\xEF\xBB\xBFab".to_vec()).ok().as_deref(), Some("ab"));
        assert_eq!(decode(b"\xFF\xFEa\0b\0".to_vec()).ok().as_deref(), Some("ab"));
        assert_eq!(decode(b"\xFE\xFF\0a\0b".to_vec()).ok().as_deref(), Some("ab"));
    }

    #[test]
    fn an_xml_declaration_may_say_latin_1() {
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>".to_vec();
        assert!(decode(latin).is_ok_and(|text| text.ends_with("<a>\u{e9}</a>")));
        let utf_8 = b"<?xml version='1.0' encoding='UTF-8'?><a>\xE9</a>".to_vec();
        assert!(matches!(decode(utf_8), Err(ReadError::NotText { .. })));
        assert_eq!(decode(b"<\0?\0x\0".to_vec()).ok().as_deref(), Some("<?x"));
    }

    #[test]
    fn a_parsed_file_is_kept_for_a_while() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::new(folder.path());
        let mut made = 0;
        let mut parsed = |tree: &Tree, path: &str, max| {
            tree.parsed(path, max, |text| {
                made += 1;
                text.len()
            })
            .map(|(length, _)| (*length, made))
        };
        for name in 0..=KEPT_MAX {
            std::fs::write(folder.path().join(name.to_string()), "text").unwrap();
        }
        assert_eq!(parsed(&tree, "0", 9).ok(), Some((4, 1)));
        assert_eq!(parsed(&tree, "0", 9).ok(), Some((4, 1)));
        assert!(matches!(parsed(&tree, "0", 3), Err(ReadError::TooLarge)));
        assert!(matches!(parsed(&tree, "nowhere", 9), Err(ReadError::NotFound)));
        for name in 1..=KEPT_MAX {
            assert!(parsed(&tree, &name.to_string(), 9).is_ok());
        }
        assert_eq!(parsed(&tree, "0", 9).ok(), Some((4, KEPT_MAX + 2)));
    }

    #[test]
    fn what_is_remembered_is_not_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let (tree, path) = (Tree::new(folder.path()), folder.path().join("a"));
        std::fs::write(&path, "text").unwrap();
        tree.remember("a", 4);
        assert!(tree.text("a").is_ok());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(tree.remembered("a", 4).ok().as_deref(), Some(&b"text"[..]));
        assert!(matches!(tree.remembered("a", 4), Err(ReadError::NotFound)));
        std::fs::write(&path, "text").unwrap();
        for (name, most) in [("a", 3), ("b", 4)] {
            tree.remember(name, most);
            assert!(tree.text("a").is_ok());
            assert_eq!(tree.remembered("a", most).is_ok(), most == 4);
        }
    }

    #[test]
    fn other_bytes_are_refused_with_their_place() {
        assert!(matches!(decode(b"ab\xE9".to_vec()), Err(ReadError::NotText { offset: 2 })));
    }
}
