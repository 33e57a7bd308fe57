//! Names and versions of artefacts, as Maven, Gradle and those that use their repositories write them.

use fumehood_contract::Package;

use crate::purl::{self, Ecosystem};

/// A package for what Gradle is asked for: an exact version, a requirement, or nothing at all.
pub(crate) fn gradle_package(name: &str, wanted: Option<&str>, qualifiers: &[(&'static str, &str)]) -> Package {
    let wanted = wanted.map(str::trim).filter(|text| !text.is_empty());
    let exact = wanted.and_then(|text| match Version::of_gradle(text) {
        Version::Exact(exact) => Some(exact),
        Version::Range => None,
    });
    let mut package = purl::with_qualifiers(Ecosystem::Maven, name, exact, qualifiers);
    package.requirement = wanted.filter(|_| exact.is_none()).map(str::to_owned);
    package
}

/// Whether `text` can be the group or the name of an artefact, as Maven's validator has it.
pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// What a version specification allows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Version<'a> {
    /// This one. Strictly, `1.0` is a wish that other dependencies may overrule, but it is what is
    /// taken otherwise.
    Exact(&'a str),
    /// One of several.
    Range,
}

impl<'a> Version<'a> {
    /// Maven's: <https://maven.apache.org/pom.html#dependency-version-requirement-specification>.
    pub(crate) fn of(text: &'a str) -> Self {
        let only = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).map(str::trim);
        match only {
            Some(only) if !only.is_empty() && !only.contains(['[', '(', ',', ']', ')']) => Self::Exact(only),
            _ if text.is_empty() || text.contains(['[', '(', ',', ']', ')']) => Self::Range,
            _ if text == "LATEST" || text == "RELEASE" => Self::Range,
            _ => Self::Exact(text),
        }
    }

    /// Gradle's: Maven's, and prefixes (`1.+`), states (`latest.release`), and `1.0!!` for strictness.
    /// Of `[1,2[!!1.5` the last part is preferred, and taken unless somebody objects.
    pub(crate) fn of_gradle(text: &'a str) -> Self {
        let text = match text.split_once("!!") {
            Some((strict, "")) => strict,
            Some((_, preferred)) => preferred,
            None => text,
        };
        if text.ends_with('+') || text.starts_with("latest.") || text.contains("${") {
            Self::Range
        } else {
            Self::of(text)
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

    #[test]
    fn gradle_has_more_of_both() {
        assert_eq!(Version::of_gradle("1.0!!"), Version::Exact("1.0"));
        assert_eq!(Version::of_gradle("[1.0, 2.0[!!1.5"), Version::Exact("1.5"));
        for range in ["1.+", "+", "latest.integration", "]1,2[", "[1,2)!!", ""] {
            assert_eq!(Version::of_gradle(range), Version::Range, "{range}");
        }
    }
}
