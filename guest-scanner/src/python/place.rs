//! Requirements that are places: URLs, paths and archives.

use super::pep508;

/// What a requirement that is a place says, an URL or a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    /// Without what stands behind `#`.
    pub(crate) url: &'a str,
    pub(crate) name: Option<&'a str>,
    /// Out of a wheel's file name; nothing else is sure.
    pub(crate) version: Option<&'a str>,
    /// `sha256:…` out of `#sha256=…`.
    pub(crate) hash: Option<String>,
}

/// `text` as a place, if it is one. Without a scheme, a separator or an archive's ending it is none.
pub(crate) fn place(text: &str) -> Option<Place<'_>> {
    let whole = text.split_whitespace().next()?.trim_end_matches(';');
    let (url, fragment) = whole.split_once('#').unwrap_or((whole, ""));
    if !is_archive(url) && !url.contains(['/', '\\']) && !url.starts_with("file:") && !is_here(url) {
        return None;
    }
    let wheel = wheel(url);
    let mut place =
        Place { url, name: wheel.map(|(name, _)| name), version: wheel.map(|(_, version)| version), hash: None };
    for part in fragment.split('&') {
        match part.split_once('=') {
            Some(("egg", egg)) => place.name = egg.split(['[', '=', '@']).next().filter(|name| pep508::is_name(name)),
            Some((algorithm @ ("sha256" | "sha384" | "sha512" | "sha1" | "md5"), sum)) => {
                place.hash = Some(format!("{algorithm}:{}", sum.to_ascii_lowercase()));
            }
            Some(_) | None => {}
        }
    }
    Some(place)
}

/// Whether it is a folder on this machine, `.` for example: the project's own code, without a name.
pub(crate) fn is_folder(url: &str) -> bool {
    is_here(url) || (!is_archive(url) && !url.contains("://") && !url.starts_with("file:") && !url.contains('+'))
}

fn is_archive(url: &str) -> bool {
    [".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar"].iter().any(|ending| url.ends_with(ending))
}

fn is_here(url: &str) -> bool {
    url == "." || url == ".." || url.starts_with(".[") || url.starts_with("..[")
}

/// Name and version out of `…/name-version-tags.whl`.
pub(crate) fn wheel(url: &str) -> Option<(&str, &str)> {
    let url = url.split(['#', '?']).next()?;
    let file = url.rsplit(['/', '\\']).next()?.strip_suffix(".whl")?;
    let mut parts = file.splitn(3, '-');
    let (name, version, tags) = (parts.next()?, parts.next()?, parts.next()?);
    (pep508::is_name(name) && tags.contains('-') && version.starts_with(|letter: char| letter.is_ascii_digit()))
        .then_some((name, version))
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn places_may_name_their_package() {
        let git = place("git+ssh://git@host.example/x.git@v1#egg=x[y]&subdirectory=z").unwrap();
        assert_eq!((git.url, git.name), ("git+ssh://git@host.example/x.git@v1", Some("x")));
        let wheel = place("./wheels/foo_bar-1.2.3-py3-none-any.whl#sha256=AB").unwrap();
        assert_eq!((wheel.name, wheel.version), (Some("foo_bar"), Some("1.2.3")));
        assert_eq!(wheel.hash.as_deref(), Some("sha256:ab"));
        assert_eq!(place("foo.bar"), None);
    }
}
