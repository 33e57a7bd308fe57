//! Packages that are taken from a repository of git.

use fumehood_contract::Package;

use crate::purl::{self, Ecosystem};

/// What is taken from the repository at `url`: at a commit or a tag, which is its version, or along a
/// branch, which is a requirement. Repositories on GitHub have a purl type of their own, others are
/// called `name`.
pub(crate) fn package(name: &str, url: &str, revision: Option<&str>) -> Package {
    let revision = revision.filter(|revision| !revision.is_empty());
    let fixed = revision.filter(|revision| is_fixed(revision));
    let source = match revision {
        Some(revision) => format!("git+{url}#{revision}"),
        None => format!("git+{url}"),
    };
    let package = match github(url) {
        Some(repository) => purl::package(Ecosystem::Github, repository, fixed),
        None => {
            let from = fixed.map_or_else(|| format!("git+{url}"), |revision| format!("git+{url}@{revision}"));
            purl::with_qualifiers(Ecosystem::Generic, name, fixed, &[("vcs_url", &from)])
        }
    };
    let requirement = if fixed.is_none() { revision.map(str::to_owned) } else { None };
    Package { requirement, source: Some(source), ..package }
}

/// `owner/name` of a repository on GitHub.
pub(crate) fn github(url: &str) -> Option<&str> {
    let (host, path) = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?,
        None => url.split_once(':')?,
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    if !host.eq_ignore_ascii_case("github.com") && !host.eq_ignore_ascii_case("www.github.com") {
        return None;
    }
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let is_name = |part: &str| !part.is_empty() && !part.contains(['/', '$', '{', ' ', '?', '#']);
    path.split_once('/').filter(|(owner, name)| is_name(owner) && is_name(name)).map(|_| path)
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
    use super::{github, is_fixed, package};

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
            assert_eq!(github(url), Some("acme/tool"), "{url}");
        }
        assert_eq!(github("https://git.example/acme/tool"), None);
        assert_eq!(github("https://github.com/acme/${NAME}"), None);
        let found = package("tool", "https://git.example/acme/tool.git", Some("v1.0"));
        assert_eq!(found.purl, "pkg:generic/tool@v1.0?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Facme%2Ftool.git%40v1.0");
    }
}
