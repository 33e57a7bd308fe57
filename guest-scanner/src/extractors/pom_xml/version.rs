//! Maven's version specifications.

/// What a specification allows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Version<'a> {
    /// This one. Strictly, `1.0` is a wish that other dependencies may overrule, but it is what is
    /// taken otherwise.
    Exact(&'a str),
    /// One of several.
    Range,
}

impl<'a> Version<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let only = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).map(str::trim);
        match only {
            Some(only) if !only.is_empty() && !only.contains(['[', '(', ',', ']', ')']) => Self::Exact(only),
            _ if text.is_empty() || text.contains(['[', '(', ',', ']', ')']) => Self::Range,
            _ if text == "LATEST" || text == "RELEASE" => Self::Range,
            _ => Self::Exact(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn ranges_are_told_from_versions() {
        assert_eq!(Version::of("1.0"), Version::Exact("1.0"));
        assert_eq!(Version::of("[1.0]"), Version::Exact("1.0"));
        for range in ["[1,2)", "(,1.0]", "[1],[2]", "[1.0", "LATEST", "RELEASE", "[]"] {
            assert_eq!(Version::of(range), Version::Range, "{range}");
        }
    }
}
