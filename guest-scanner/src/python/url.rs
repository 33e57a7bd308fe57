//! URLs as a report may show them.

/// The URL without the user and password that may stand in it: files hold tokens there, and reports
/// travel further than files. The user of an SSH URL without a password stays: it is part of the place.
pub(crate) fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let Some((authority, path)) = rest.split_at_checked(authority_end) else { return url.to_owned() };
    let Some((user, host)) = authority.rsplit_once('@') else { return url.to_owned() };
    if scheme.ends_with("ssh") && !user.contains(':') {
        return url.to_owned();
    }
    format!("{scheme}://{host}{path}")
}

/// Whether it names a repository of a version control system, `git+https://…` for example.
pub(crate) fn is_vcs(url: &str) -> bool {
    ["git+", "hg+", "svn+", "bzr+", "git://"].iter().any(|scheme| url.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::without_credentials;

    #[test]
    fn passwords_are_cut_out() {
        for (url, shown) in [
            ("https://user:secret@host.example/a@v1", "https://host.example/a@v1"),
            ("https://token@host.example", "https://host.example"),
            ("git+ssh://git@host.example/a", "git+ssh://git@host.example/a"),
            ("https://host.example/a@v1", "https://host.example/a@v1"),
            ("../a", "../a"),
        ] {
            assert_eq!(without_credentials(url), shown);
        }
    }
}
