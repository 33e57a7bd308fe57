//! Where a package's repository is, as reports and package URLs write it.

use crate::extractors::requirements_txt::url::without_credentials;

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

#[cfg(test)]
mod tests {
    use super::{git, host_and_path};

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
}
