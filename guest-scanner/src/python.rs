//! What the formats of Python have in common: requirements, versions, places, and pyproject.toml.

pub(crate) mod locked;
pub(crate) mod package;
pub(crate) mod pep440;
pub(crate) mod pep508;
pub(crate) mod place;
pub(crate) mod pyproject;
pub(crate) mod url;

use crate::source::Source;

/// The largest manifest of a workspace that is looked at for each of its members.
const WORKSPACE_BYTES_MAX: u64 = 1024 * 1024;

/// Whether a lockfile says what the manifest `source` only asks for: one beside it, or that of a
/// workspace of uv above it.
pub(crate) fn is_locked(source: &Source<'_>) -> bool {
    const LOCKFILES: [&str; 4] = ["poetry.lock", "uv.lock", "pdm.lock", "pylock.toml"];
    if LOCKFILES.iter().any(|name| source.has_sibling(name)) {
        return true;
    }
    source.folders().skip(1).any(|folder| {
        let at = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        source.tree().exists(&at("uv.lock"))
            && source
                .tree()
                .text_within(&at("pyproject.toml"), WORKSPACE_BYTES_MAX)
                .is_ok_and(|text| text.contains("tool.uv.workspace"))
    })
}
