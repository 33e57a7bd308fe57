//! Where a package's repository is, as reports and package URLs write it.

use fumehood_contract::Package;

use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;

/// A revision of a repository.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// `git+URL#revision`, for the report.
    pub(crate) source: String,
    /// `git+URL@revision`, for the purl's qualifier `vcs_url`.
    pub(crate) vcs_url: String,
}

/// Of a git repository; `git@host:path`, which is no URL, is written as the one that it means.
pub(crate) fn git(url: &str, revision: Option<&str>) -> Place {
    let url =
        scp(url).map_or_else(|| without_credentials(url), |(user, host, path)| format!("ssh://{user}{host}/{path}"));
    let url = url.strip_prefix("git+").unwrap_or(&url);
    match revision {
        Some(revision) => Place { source: format!("git+{url}#{revision}"), vcs_url: format!("git+{url}@{revision}") },
        None => Place { source: format!("git+{url}"), vcs_url: format!("git+{url}") },
    }
}

/// `host/path` of a repository's URL, without user, port and `.git`; `None` if it has no host.
pub(crate) fn host_and_path(url: &str) -> Option<String> {
    let (host, path) = match scp(url) {
        Some((_, host, path)) => (host, path),
        None => {
            let (scheme, rest) = url.split_once("://")?;
            let (authority, path) = rest.split_once('/')?;
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            let host = host.split_once(':').map_or(host, |(host, _)| host);
            if scheme.eq_ignore_ascii_case("file") {
                return None;
            }
            (host, path)
        }
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path).trim_end_matches('/');
    (!host.is_empty() && !path.is_empty()).then(|| format!("{}/{path}", host.to_ascii_lowercase()))
}

/// What is taken from the repository at `url`: at a commit or a tag, which is its version, or along a
/// branch, which is a requirement. Repositories on GitHub have a purl type of their own, others are
/// called `name`.
pub(crate) fn package(name: &str, url: &str, revision: Option<&str>) -> Package {
    let revision = revision.filter(|revision| !revision.is_empty());
    let fixed = revision.filter(|revision| is_fixed(revision));
    let package = match github(url) {
        Some(repository) => purl::package(Ecosystem::Github, &repository, fixed),
        None => purl::with_qualifiers(Ecosystem::Generic, name, fixed, &[("vcs_url", &git(url, fixed).vcs_url)]),
    };
    let requirement = if fixed.is_none() { revision.map(str::to_owned) } else { None };
    Package { requirement, source: Some(git(url, revision).source), ..package }
}

/// `owner/name` of a repository on GitHub.
fn github(url: &str) -> Option<String> {
    let place = host_and_path(url)?;
    let path = place.strip_prefix("github.com/").or_else(|| place.strip_prefix("www.github.com/"))?;
    let is_name = |part: &str| !part.is_empty() && !part.contains(['/', '$', '{', ' ']);
    path.split_once('/').filter(|(owner, name)| is_name(owner) && is_name(name)).map(|_| path.to_owned())
}

/// `user@`, host and path of `user@host:path`, the short form that git has from `scp`.
fn scp(url: &str) -> Option<(&str, &str, &str)> {
    let (before, path) = url.split_once(':')?;
    if before.contains('/') || path.starts_with("//") || path.is_empty() {
        return None;
    }
    let user_end = before.find('@')? + 1;
    let (user, host) = before.split_at_checked(user_end)?;
    Some((user, host, path.trim_start_matches('/')))
}

/// Whether it is the full hash of a commit.
pub(crate) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a revision says one state and no other: a commit, or what looks like the tag of a version.
pub(crate) fn is_fixed(revision: &str) -> bool {
    let is_commit = revision.len() >= 7 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    let branches = ["origin/", "release/", "releases/", "feature/", "branch/", "heads/", "refs/heads/"];
    let is_branch = branches.iter().any(|prefix| revision.starts_with(prefix))
        || revision.ends_with(".x")
        || revision.ends_with("-stable")
        || revision.contains(['$', '{', '*', ' ']);
    let is_numbered = |text: &str| {
        let text = text.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        !text.is_empty() && (text.contains(['.', '-', '_']) || text.bytes().all(|byte| byte.is_ascii_digit()))
    };
    is_commit || (!is_branch && is_numbered(revision))
}

#[cfg(test)]
mod tests {
    use super::{git, github, host_and_path, is_fixed, package};

    #[test]
    fn hosts_and_paths_are_found() {
        for (url, expected) in [
            ("https://Host.example/Owner/name.git", Some("host.example/Owner/name")),
            ("https://user:secret@host.example:8443/a/b/c/", Some("host.example/a/b/c")),
            ("git@host.example:owner/name.git", Some("host.example/owner/name")),
            ("ssh://git@host.example/owner/name", Some("host.example/owner/name")),
            ("file:///tmp/name", None),
            ("../name", None),
            ("https://host.example", None),
            ("C:/name", None),
        ] {
            assert_eq!(host_and_path(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn places_hide_passwords() {
        assert_eq!(git("https://u:p@host.example/a.git", Some("v1")).source, "git+https://host.example/a.git#v1");
        assert_eq!(git("git@host.example:o/a.git", Some("v1")).vcs_url, "git+ssh://git@host.example/o/a.git@v1");
    }

    #[test]
    fn tags_are_told_from_branches() {
        for fixed in ["v1.2.3", "release-1.12.0", "0a1b2c3", "boost-1.80.0", "2024-01-02", "refs/tags/v2.0", "10"] {
            assert!(is_fixed(fixed), "{fixed}");
        }
        for branch in ["main", "master", "origin/1.2", "v1.x", "1.2-stable", "release/2.0", "v${VERSION}", "head", ""] {
            assert!(!is_fixed(branch), "{branch}");
        }
    }

    #[test]
    fn repositories_of_github_are_known_in_every_spelling() {
        for url in [
            "https://github.com/acme/tool",
            "https://github.com/acme/tool.git",
            "git@github.com:acme/tool.git",
            "ssh://git@github.com/acme/tool/",
        ] {
            assert_eq!(github(url).as_deref(), Some("acme/tool"), "{url}");
        }
        assert_eq!(github("https://git.example/acme/tool"), None);
        assert_eq!(github("https://github.com/acme/${NAME}"), None);
        let found = package("tool", "https://git.example/acme/tool.git", Some("v1.0"));
        assert_eq!(found.purl, "pkg:generic/tool@v1.0?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Facme%2Ftool.git%40v1.0");
    }
}
