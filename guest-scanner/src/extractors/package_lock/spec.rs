//! How npm, yarn and pnpm write what is asked for: `name@range`, aliases, git, folders.

/// Splits `name@rest`; the `@` of a scope is part of the name. `None` without a name or an `@`.
pub(in crate::extractors) fn split_at(text: &str) -> Option<(&str, &str)> {
    let from = usize::from(text.starts_with('@'));
    let at = from + text.get(from..)?.find('@')?;
    let (name, rest) = (text.get(..at)?, text.get(at + 1..)?);
    (!name.is_empty()).then_some((name, rest))
}

/// The package behind an alias, `npm:real@range`.
pub(in crate::extractors) fn alias(range: &str) -> Option<(&str, &str)> {
    let real = range.strip_prefix("npm:")?;
    // `npm:^1.0.0` is only a protocol, and so is a range with an `@` in it that is no name.
    let (name, rest) = split_at(real)?;
    is_name(name).then_some((name, rest))
}

/// Whether that is a git repository, at a commit or not.
pub(in crate::extractors) fn is_git(reference: &str) -> bool {
    let prefixes = ["git+", "git:", "git@", "ssh:", "github:", "gitlab:", "bitbucket:", "gist:"];
    prefixes.iter().any(|prefix| reference.starts_with(prefix)) || reference.contains(".git#")
}

/// Whether that is something on the disk.
pub(in crate::extractors) fn is_local(reference: &str) -> bool {
    ["file:", "link:", "portal:"].iter().any(|prefix| reference.starts_with(prefix))
}

/// `1.2.3`, with what may follow. Less, or anything else, is answered by the newest that fits.
pub(in crate::extractors) fn is_exact(version: &str) -> bool {
    let mut parts = version.splitn(3, '.');
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let start = parts.by_ref().take(2).filter(|part| is_number(part)).count() == 2;
    let last = parts.next().unwrap_or("");
    start && last.starts_with(|first: char| first.is_ascii_digit())
}

/// The version that a range allows alone, `1.2.3`, `=1.2.3` or `v1.2.3`: nothing else can be installed for it.
pub(in crate::extractors) fn pinned(range: &str) -> Option<&str> {
    let version = range.trim().trim_start_matches('=').trim_start();
    let version = version.strip_prefix('v').unwrap_or(version);
    let is_single = |letter: char| letter.is_ascii_alphanumeric() || "-.+".contains(letter);
    // `1.2.3.x` is a range of Composer's.
    let has_wildcard = version.split('.').any(|part| matches!(part, "x" | "X"));
    (is_exact(version) && version.chars().all(is_single) && !has_wildcard).then_some(version)
}

/// The hashes of an integrity field, as the file has them.
pub(in crate::extractors) fn hashes(integrity: &str) -> impl Iterator<Item = String> {
    integrity.split_ascii_whitespace().map(str::to_owned)
}

fn is_name(text: &str) -> bool {
    text.starts_with('@') && text.contains('/')
        || text.starts_with(|first: char| first.is_ascii_alphanumeric()) && !text.contains([' ', '/', ':', '|'])
}

#[cfg(test)]
mod tests {
    use super::{alias, is_exact, is_git, pinned, split_at};

    #[test]
    fn names_keep_their_scope() {
        assert_eq!(split_at("@a/b@^1"), Some(("@a/b", "^1")));
        assert_eq!(split_at("a@npm:b@1"), Some(("a", "npm:b@1")));
        assert_eq!(split_at("@a/b"), None);
        assert_eq!(split_at("a"), None);
        assert_eq!(split_at("@"), None);
    }

    #[test]
    fn pins_are_told_from_ranges() {
        for (range, version) in [("1.2.3", Some("1.2.3")), ("= v1.2.3-rc.1", Some("1.2.3-rc.1"))] {
            assert_eq!(pinned(range), version);
        }
        for range in ["1.2", "1.2.x", "^1.2.3", "1.2.3 - 2.0.0", "1.2.3 || 2.0.0", "1.2.3.x", "1.2.3@dev", "*", ""] {
            assert_eq!(pinned(range), None, "{range}");
        }
    }

    #[test]
    fn aliases_are_told_from_ranges() {
        assert_eq!(alias("npm:@a/b@^1"), Some(("@a/b", "^1")));
        assert_eq!(alias("npm:^1"), None);
        assert_eq!(alias("npm:1.0.0"), None);
        assert_eq!(alias("^1"), None);
    }

    #[test]
    fn git_has_many_spellings() {
        assert!(is_git("git+ssh://git@git.example/a/b.git#0123"));
        assert!(is_git("github:a/b#0123"));
        assert!(is_git("https://git.example/a/b.git#0123"));
        assert!(!is_git("https://registry.example/a/-/a-1.0.0.tgz"));
    }

    #[test]
    fn an_exact_version_has_three_numbers() {
        for version in ["1.2.3", "10.0.0", "0.1.0-rc.1", "1.2.3+build"] {
            assert!(is_exact(version), "{version}");
        }
        for version in ["1", "1.2", "^1.2.3", "main", "1.2.x", "1.2.", "1..3", ""] {
            assert!(!is_exact(version), "{version}");
        }
    }
}
