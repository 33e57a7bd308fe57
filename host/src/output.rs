//! Where what is printed goes: standard output, or a file that a user names.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Writes to the file, or to standard output.
pub fn write(path: Option<&Path>, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    match path {
        Some(path) => to_file(path, write).with_context(|| format!("cannot write {}", path.display())),
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            match write(&mut out).and_then(|()| out.flush()) {
                // Whoever reads has had enough: `| head`.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                other => other.context("cannot write to standard output"),
            }
        }
    }
}

/// The file is whole or not there: written beside its place, then renamed.
fn to_file(path: &Path, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).map_or(PathBuf::from("."), PathBuf::from);
    if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
        // A device or a pipe, /dev/stdout for example: there is nothing to rename onto.
        return write(&mut BufWriter::new(open_special(path)?));
    }
    let mut file = tempfile::Builder::new().permissions(permissions()).tempfile_in(folder)?;
    {
        let mut out = BufWriter::new(file.as_file_mut());
        write(&mut out)?;
        out.flush()?;
    }
    file.persist(path)?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a file that the user names")]
fn open_special(path: &Path) -> io::Result<File> {
    File::options().write(true).open(path)
}

/// As for any file that a command writes; the umask takes its part.
fn permissions() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}
