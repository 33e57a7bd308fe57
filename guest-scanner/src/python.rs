//! What the formats of Python have in common: requirements, versions, places, and pyproject.toml.

pub(crate) mod locked;
pub(crate) mod package;
pub(crate) mod pep440;
pub(crate) mod pep508;
pub(crate) mod place;
pub(crate) mod pyproject;
pub(crate) mod tokens;
pub(crate) mod url;

use fumehood_contract::Scope;

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

/// What the words of the file's name say: `requirements-dev.txt`, `requirements/test.txt`.
pub(crate) fn scope_of_file(path: &str) -> Scope {
    let file = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let mut words = file.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.find_map(scope_of_word).unwrap_or_default()
}

fn scope_of_word(word: &str) -> Option<Scope> {
    Some(match word {
        "dev" | "devel" | "develop" | "development" | "lint" | "doc" | "docs" => Scope::Dev,
        "test" | "tests" | "testing" => Scope::Test,
        "build" => Scope::Build,
        _ => return None,
    })
}
