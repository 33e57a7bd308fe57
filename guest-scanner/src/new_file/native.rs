//! By the standard library: for tests, fuzzing and benchmarks.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// An open file that was not there before.
#[derive(Debug)]
pub(crate) struct NewFile(File);

impl NewFile {
    /// Makes `name` in `folder`.
    pub(crate) fn create(folder: &Path, name: &str) -> io::Result<Self> {
        File::create_new(folder.join(name)).map(Self)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
