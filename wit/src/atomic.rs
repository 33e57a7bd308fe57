//! Files that are never seen half-written.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use serde::Serialize;

/// Writes `value` as JSON for people into `folder/name`: a temporary file, then a rename.
///
/// The temporary file is made with `O_EXCL`, so that a link which something hostile left under
/// its name is never followed; a rename replaces a link instead of following it. Survives a
/// killed process, not a power cut: there is no fsync.
#[expect(clippy::disallowed_methods, reason = "the one writer of status files, on both sides of the sandbox")]
pub fn write_json<T: Serialize>(folder: &Path, name: &str, value: &T) -> io::Result<()> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(io::Error::other)?;
    bytes.push(b'\n');
    let temporary = folder.join(format!("{name}.tmp"));
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
    file.write_all(&bytes)?;
    drop(file);
    fs::rename(&temporary, folder.join(name))
}
