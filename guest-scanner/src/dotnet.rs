//! What the formats of .NET have in common.

pub(crate) mod libraries;
pub(crate) mod msbuild;
pub(crate) mod references;

use fumehood_contract::Package;

use crate::purl::{self, Ecosystem};

/// What NuGet's notation for versions says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted<'a> {
    /// `1.2.3`, which strictly is the least version that will do: NuGet takes the least that it can,
    /// so this one. Or `[1.2.3]`.
    Exact(&'a str),
    /// Several versions, or none that can be told.
    Range(&'a str),
    /// Nothing is said.
    Any,
}

impl<'a> Wanted<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let text = text.trim();
        let only = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).map_or(text, str::trim);
        let begins = only.strip_prefix(['v', 'V']).unwrap_or(only).starts_with(|letter: char| letter.is_ascii_digit());
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '+' | '_');
        if text.is_empty() {
            Self::Any
        } else if begins && only.chars().all(is_plain) {
            Self::Exact(only)
        } else {
            Self::Range(text)
        }
    }
}

/// A package of NuGet for what is said of its version.
pub(crate) fn package(name: &str, wanted: &Wanted<'_>) -> Package {
    let (version, requirement) = match *wanted {
        Wanted::Exact(version) => (Some(version), None),
        Wanted::Range(range) => (None, Some(range.to_owned())),
        Wanted::Any => (None, None),
    };
    Package { requirement, ..purl::package(Ecosystem::Nuget, name, version) }
}

/// NuGet's hashes are SHA-512 in base64, with or without a prefix that says so.
pub(crate) fn checksum(hash: &str) -> Option<String> {
    match hash {
        "" => None,
        _ if hash.starts_with("sha512-") => Some(hash.to_owned()),
        _ => Some(format!("sha512-{hash}")),
    }
}

/// The form in which names are compared: NuGet does not know upper from lower case.
pub(crate) fn normal(name: &str) -> String {
    name.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    #[test]
    fn versions_are_told_from_ranges() {
        for exact in ["1.2.3", " 1.2.3 ", "[1.2.3]", "[ 1.2.3 ]"] {
            assert_eq!(Wanted::of(exact), Wanted::Exact("1.2.3"), "{exact}");
        }
        for range in ["1.*", "*", "[1.0,2.0)", "(1.0,)", "[1.0];[2.0]", "1.0-*", "$(Version)", ">= 1.0"] {
            assert_eq!(Wanted::of(range), Wanted::Range(range));
        }
        assert_eq!(Wanted::of(" "), Wanted::Any);
    }
}
