//! The keys of packages, which pnpm calls dependency paths.
//!
//! | version | from the registry | with peers |
//! |---|---|---|
//! | 5 | `/name/1.0.0` | `/name/1.0.0_peer@2.0.0`, before 5.2 `/name/1.0.0/peer@2.0.0` |
//! | 6 | `/name@1.0.0` | `/name@1.0.0(peer@2.0.0)` |
//! | 9 | `name@1.0.0` | `name@1.0.0(peer@2.0.0)` |
//!
//! From elsewhere it is `host/name/1.0.0`, `host/user/repository/commit`, `@host/…/archive.tgz`,
//! `file:…`, or `name@` with a URL. Mixtures of the versions are in use, so the key alone decides.

use crate::extractors::package_lock::spec;

/// A key, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Path<'a> {
    /// `None` where only a field of the package tells.
    pub(super) name: Option<&'a str>,
    /// What stands behind the name: the version with its peers, or a place.
    pub(super) rest: &'a str,
    /// The exact version, if there is one in the key.
    pub(super) version: Option<&'a str>,
}

impl<'a> Path<'a> {
    pub(super) fn parse(key: &'a str) -> Self {
        if key.starts_with("file:") {
            return Self { name: None, rest: key, version: None };
        }
        if let Some(path) = key.strip_prefix('/') {
            return Self::below_registry(path);
        }
        match spec::split_at(key) {
            Some((name, rest)) if is_name(name) => Self::of(name, rest, exact(without_peers(rest))),
            Some(_) | None => Self::elsewhere(key),
        }
    }

    /// `name/1.0.0` or `name@1.0.0`.
    fn below_registry(path: &'a str) -> Self {
        let scope = if path.starts_with('@') { path.find('/').map_or(0, |at| at + 1) } else { 0 };
        let end = path.get(scope..).and_then(|last| last.find(['/', '@'])).map(|at| scope + at);
        let parts = end.and_then(|end| Some((path.get(..end)?, path.get(end + 1..)?)));
        let Some((name, rest)) = parts.filter(|(name, _)| !name.is_empty()) else {
            return Self { name: None, rest: path, version: None };
        };
        // No version has a `_` or a `/` in it.
        let version = without_peers(rest).split(['_', '/']).next().filter(|version| !version.is_empty());
        Self::of(name, rest, version)
    }

    /// `host/name/1.0.0`; of anything else there only the fields of the package tell more.
    fn elsewhere(key: &'a str) -> Self {
        let below = key.split_once('/').filter(|(host, _)| host.contains(['.', ':'])).map(|(_, path)| path);
        let path = below.map(Self::below_registry).filter(|path| path.version.and_then(exact).is_some());
        path.unwrap_or(Self { name: None, rest: key, version: None })
    }

    fn of(name: &'a str, rest: &'a str, version: Option<&'a str>) -> Self {
        Self { name: Some(name), rest, version }
    }
}

/// The key without the groups of peers, and of the hash of a patch, at its end: `(a@1)(b@2(c@3))`.
pub(super) fn without_peers(key: &str) -> &str {
    let mut end = key.len();
    let mut depth = 0_usize;
    for (at, letter) in key.char_indices().rev() {
        match letter {
            ')' => depth += 1,
            '(' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    end = at;
                }
            }
            _ if depth == 0 => break,
            _ => {}
        }
    }
    key.get(..end).unwrap_or(key)
}

/// A version, and not a place.
fn exact(text: &str) -> Option<&str> {
    let number = text.starts_with(|first: char| first.is_ascii_digit());
    (number && text.contains('.') && !text.contains(['/', ':'])).then(|| text.split('_').next()).flatten()
}

/// `a`, `@a/b`; but not the `@host/path/archive` that version 5 makes of a URL.
fn is_name(text: &str) -> bool {
    match text.strip_prefix('@') {
        Some(scoped) => scoped.split('/').count() == 2 && !scoped.split('/').any(str::is_empty),
        None => !text.contains(['/', ':']),
    }
}

#[cfg(test)]
mod tests {
    use super::{Path, without_peers};

    #[test]
    fn keys_of_all_versions_are_understood() {
        let cases = [
            ("/a/1.0.0", Some("a"), Some("1.0.0")),
            ("/@s/a/1.0.0", Some("@s/a"), Some("1.0.0")),
            ("/@s/a/1.0.0_b@2.0.0+@t+c@3.0.0", Some("@s/a"), Some("1.0.0")),
            ("/a/1.0.0/b@2.0.0", Some("a"), Some("1.0.0")),
            ("/@s/a@1.0.0-rc.1(b@2.0.0)(@t/c@3.0.0(d@4.0.0))", Some("@s/a"), Some("1.0.0-rc.1")),
            ("/@s/a@1.0.0_b@2.0.0", Some("@s/a"), Some("1.0.0")),
            ("a@1.0.0(patch_hash=abc)(b@2.0.0)", Some("a"), Some("1.0.0")),
            ("@s/a@1.0.0+build", Some("@s/a"), Some("1.0.0+build")),
            ("registry.example/@s/a/1.0.0", Some("@s/a"), Some("1.0.0")),
            ("registry.example/a@1.0.0(b@2.0.0)", Some("a"), Some("1.0.0")),
            ("a@https://archive.example/a.tgz", Some("a"), None),
            ("a@file:../a(b@2.0.0)", Some("a"), None),
            ("a@git+ssh://git@git.example/a/b.git#0123", Some("a"), None),
            ("git.example/user/repository/0123abc", None, None),
            ("@archive.example/@s/a/-/@s/a-1.0.0.tgz", None, None),
            ("file:../a", None, None),
            ("invalid", None, None),
            ("/", None, None),
            ("", None, None),
        ];
        for (key, name, version) in cases {
            let path = Path::parse(key);
            assert_eq!((path.name, path.version), (name, version), "{key}");
        }
    }

    #[test]
    fn only_groups_at_the_end_are_peers() {
        assert_eq!(without_peers("a@1(b@2(c@3))(d@4)"), "a@1");
        assert_eq!(without_peers("a@file:x(1)/y"), "a@file:x(1)/y");
        assert_eq!(without_peers("a)"), "a)");
    }
}
