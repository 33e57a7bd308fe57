//! What one of several sandboxes found, for the first of them, which writes the report: a line of JSON a file, in a file
//! of its own in the status folder. It is gone before the scan ends.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::new_file::NewFile;
use crate::seen::Seen;

/// Bytes that are written together.
const BUFFER_BYTES: usize = 64 * 1024;

/// The file of the sandbox with this number.
fn name(number: u32) -> String {
    format!("part_{number}.jsonl")
}

/// A file's line.
#[derive(Serialize, Deserialize)]
struct Line {
    /// Position among the files that are looked at.
    position: usize,
    seen: Seen,
}

/// Writes what was seen, in the order of the files.
pub(crate) fn write(folder: &Path, number: u32, all: Vec<(usize, Seen)>) -> io::Result<()> {
    let mut file = BufWriter::with_capacity(BUFFER_BYTES, NewFile::create(folder, &name(number))?);
    for (position, seen) in all {
        serde_json::to_writer(&mut file, &Line { position, seen })?;
        file.write_all(b"\n")?;
    }
    file.flush()
}

/// Reads what a sandbox has written, and removes it.
#[expect(clippy::disallowed_methods, reason = "the one reader of parts")]
pub(crate) fn take(folder: &Path, number: u32) -> io::Result<Vec<(usize, Seen)>> {
    let path = folder.join(name(number));
    let lines = BufReader::new(File::open(&path)?).lines();
    let parse = |line: io::Result<String>| {
        let Line { position, seen } = serde_json::from_str(&line?)?;
        Ok((position, seen))
    };
    let all: io::Result<Vec<_>> = lines.map(parse).collect();
    fs::remove_file(path)?;
    all
}
