//! Whether a lockfile says what is installed for a manifest: one beside it, or one of a workspace that
//! it is a member of, at the root of that.

use std::borrow::Cow;

use crate::extractors::{deno_lock, package_lock::manifest};
use crate::source::Source;
use crate::tree::Tree;

/// The lockfiles of npm, Yarn, pnpm and Bun.
const LOCKFILES: [&str; 6] =
    ["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"];

/// pnpm's list of the members of a workspace.
const PNPM_WORKSPACE: &str = "pnpm-workspace.yaml";

/// What is read beside a manifest or above it, to know this.
pub(super) const COMPANIONS: [&str; 8] = {
    let [npm, shrinkwrap, yarn, pnpm, bun, bun_binary] = LOCKFILES;
    [npm, shrinkwrap, yarn, pnpm, bun, bun_binary, deno_lock::FILE_NAME, PNPM_WORKSPACE]
};

/// Manifests and lockfiles above are read again for each of those below: only to this size.
const READ_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Whether a lockfile covers this package.json.
pub(super) fn by_npm_or_its_like(source: &Source<'_>) -> bool {
    is_locked(source, has_lockfile, |tree, folder| {
        if tree.exists(&join(folder, PNPM_WORKSPACE)) {
            return Members::Unknown;
        }
        let text = tree.text_within(&join(folder, manifest::FILE_NAME), READ_BYTES_MAX).unwrap_or_default();
        let workspaces = manifest::read(&text).map(|manifest| manifest.workspaces).unwrap_or_default();
        Members::In(workspaces.into_iter().map(Cow::into_owned).collect())
    })
}

/// Which folders a workspace has as its members.
pub(in crate::extractors) enum Members {
    /// Those of these paths, or patterns of paths.
    In(Vec<String>),
    /// It has some; any folder below may be one.
    Unknown,
}

/// Whether a folder with a lockfile, as `has_lockfile` judges it, is that of the manifest, or of a
/// workspace with it as one of its `members`.
pub(in crate::extractors) fn is_locked(
    source: &Source<'_>,
    has_lockfile: impl Fn(&Tree, &str) -> bool,
    members: impl Fn(&Tree, &str) -> Members,
) -> bool {
    let mut folders = source.folders();
    let Some(own) = folders.next() else { return false };
    let tree = source.tree();
    has_lockfile(tree, own)
        || folders.any(|folder| {
            has_lockfile(tree, folder)
                && match members(tree, folder) {
                    Members::Unknown => true,
                    Members::In(patterns) => {
                        let inside = own.strip_prefix(folder).unwrap_or(own).trim_start_matches('/');
                        patterns.iter().any(|pattern| may_match(pattern, inside))
                    }
                }
        })
}

/// The path of a file in a folder; the root is `""`.
pub(in crate::extractors) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn has_lockfile(tree: &Tree, folder: &str) -> bool {
    // Deno locks a package.json too, if it is Deno that installs what it asks for.
    let deno = || {
        let text = tree.text_within(&join(folder, deno_lock::FILE_NAME), READ_BYTES_MAX);
        text.is_ok_and(|text| text.contains("\"packageJson\""))
    };
    LOCKFILES.iter().any(|name| tree.exists(&join(folder, name))) || deno()
}

/// Whether a pattern may mean a folder. Only what stands before the first sign with a meaning is
/// compared: some more than are members are taken for such.
fn may_match(pattern: &str, folder: &str) -> bool {
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern).trim_end_matches('/');
    match pattern.find(['*', '?', '{', '[', '(']) {
        None => folder == pattern,
        Some(end) => !pattern.starts_with('!') && pattern.get(..end).is_some_and(|start| folder.starts_with(start)),
    }
}

#[cfg(test)]
mod tests {
    use super::may_match;

    #[test]
    fn patterns_are_compared_up_to_their_first_sign() {
        assert!(may_match("packages/*", "packages/a"));
        assert!(may_match("./tools/", "tools"));
        assert!(may_match("**", "any/where"));
        assert!(!may_match("packages/*", "examples/a"));
        assert!(!may_match("tools", "tools/a"));
        assert!(!may_match("!packages/*", "packages/a"));
    }
}
