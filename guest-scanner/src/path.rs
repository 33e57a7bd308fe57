//! Parts of paths, which are relative and separated by `/`. They are asked for of every file of a repository, several
//! times; the standard library's searches are made for longer texts.

/// The folder, empty for the root, and the name.
pub(crate) fn split(path: &str) -> (&str, &str) {
    last(path, b'/').unwrap_or(("", path))
}

/// The name without its folder.
pub(crate) fn name(path: &str) -> &str {
    split(path).1
}

/// What stands behind a name's last dot.
pub(crate) fn extension(name: &str) -> Option<&str> {
    last(name, b'.').map(|(_, extension)| extension)
}

/// What stands before and behind the last `separator`, which is ASCII.
fn last(text: &str, separator: u8) -> Option<(&str, &str)> {
    let at = text.bytes().rposition(|byte| byte == separator)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::{extension, name, split};

    #[test]
    fn paths_are_taken_apart() {
        assert_eq!(split("a/ü/c.tar.gz"), ("a/ü", "c.tar.gz"));
        assert_eq!(split("c"), ("", "c"));
        assert_eq!(name("a/"), "");
        assert_eq!(extension("c.tar.ü"), Some("ü"));
        assert_eq!(extension("c"), None);
    }
}
