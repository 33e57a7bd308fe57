//! Which repositories lie below a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::limits::{EACH_DEPTH_MAX, REPOSITORIES_MAX};

/// Why there is nothing to scan below a folder.
#[derive(Debug, thiserror::Error)]
pub enum RepositoriesError {
    /// The folder cannot be read.
    #[error("cannot look for repositories in {}: {error}", folder.display())]
    Unreadable {
        /// Which folder.
        folder: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// None holds a `.git`.
    #[error("no repository lies below {} (no folder there holds a .git); without --each the folder itself is scanned", folder.display())]
    None {
        /// Which folder.
        folder: PathBuf,
    },
    /// More than a job may have.
    #[error("more than {REPOSITORIES_MAX} repositories lie below {}; scan parts of it", folder.display())]
    TooMany {
        /// Which folder.
        folder: PathBuf,
    },
}

/// The folders below `folder` that hold a `.git`, sorted; what lies inside one is a part of it. Looks
/// [`EACH_DEPTH_MAX`] folders deep and follows no links. Folders that cannot be read are no repositories,
/// unless it is `folder` itself.
#[expect(clippy::disallowed_methods, reason = "looks at the user's own folders for names alone")]
pub fn below(folder: &Path) -> Result<Vec<PathBuf>, RepositoriesError> {
    let mut found = Vec::new();
    let mut waiting = vec![(folder.to_owned(), 0)];
    while let Some((path, depth)) = waiting.pop() {
        if path.join(".git").symlink_metadata().is_ok() {
            found.push(path);
            if found.len() > REPOSITORIES_MAX {
                return Err(RepositoriesError::TooMany { folder: folder.to_owned() });
            }
            continue;
        }
        if depth >= EACH_DEPTH_MAX {
            continue;
        }
        match fs::read_dir(&path) {
            Ok(entries) => waiting.extend(
                entries
                    .flatten()
                    .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
                    .map(|entry| (entry.path(), depth + 1)),
            ),
            Err(error) if depth == 0 => return Err(RepositoriesError::Unreadable { folder: path, error }),
            Err(_) => {}
        }
    }
    if found.is_empty() {
        return Err(RepositoriesError::None { folder: folder.to_owned() });
    }
    found.sort();
    Ok(found)
}
