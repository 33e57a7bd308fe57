//! References to packages of Conan, which its lockfiles and manifests have in common.
//!
//! Format: Conan's documentation, "Package references": `name/version@user/channel#revision%timestamp`,
//! everything from `@` on may be missing. In brackets the version is a range: `zlib/[>=1.2 <2]`.

use fumehood_contract::Package;

use crate::purl::{self, Ecosystem};

/// A reference, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reference<'a> {
    pub(crate) name: &'a str,
    /// As written: a range has its brackets.
    pub(crate) version: &'a str,
    /// With a channel, or the channel is empty.
    user: Option<(&'a str, &'a str)>,
    revision: Option<&'a str>,
}

impl<'a> Reference<'a> {
    /// `None`, if it has no name or no version.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        let (name, rest) = text.trim().split_once('/')?;
        let (version, rest) = match rest.strip_prefix('[').and_then(|range| range.split_once(']')) {
            Some((range, after)) => (rest.get(..range.len() + 2)?, after),
            None => rest.split_at(rest.find(['@', '#', '%', ':']).unwrap_or(rest.len())),
        };
        let (rest, revision) = match rest.split_once('#') {
            Some((rest, revision)) => (rest, revision.split(['%', ':', '#']).next().filter(|text| !text.is_empty())),
            None => (rest, None),
        };
        let user = rest.strip_prefix('@').map(|user| user.split([':', '%']).next().unwrap_or_default());
        let user = user.filter(|user| !user.is_empty() && *user != "_/_");
        let user = user.map(|user| user.split_once('/').unwrap_or((user, "")));
        let is_plain = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
        let is_whole = is_plain(name) && (is_plain(version) || version.starts_with('['));
        is_whole.then_some(Self { name, version, user, revision })
    }

    /// Whether the version leaves a choice.
    pub(crate) fn is_range(&self) -> bool {
        self.version.starts_with('[') || self.version.contains(['*', '{', '$'])
    }

    /// Its package, with the qualifiers that the purl's type has, and others if wanted.
    pub(crate) fn package(&self, more: &[(&'static str, &str)]) -> Package {
        let user = self.user.map_or([None, None], |(user, channel)| [Some(("user", user)), Some(("channel", channel))]);
        let revision = self.revision.map(|revision| ("rrev", revision));
        let qualifiers = user.into_iter().chain([revision]).flatten().chain(more.iter().copied());
        let qualifiers: Vec<_> = qualifiers.filter(|(_, value)| !value.is_empty()).collect();
        let version = (!self.is_range()).then_some(self.version);
        let package = purl::with_qualifiers(Ecosystem::Conan, self.name, version, &qualifiers);
        Package { requirement: self.is_range().then(|| self.version.to_owned()), ..package }
    }
}

#[cfg(test)]
mod tests {
    use super::Reference;

    #[test]
    fn references_have_many_parts() {
        for (text, purl) in [
            ("zlib/1.2.11", "pkg:conan/zlib@1.2.11"),
            ("zlib/1.2.11@", "pkg:conan/zlib@1.2.11"),
            ("zlib/1.2.11@_/_#abc", "pkg:conan/zlib@1.2.11?rrev=abc"),
            ("zlib/1.2.11#abc%1667396813.184", "pkg:conan/zlib@1.2.11?rrev=abc"),
            ("zlib/1.2@acme/stable#abc:def#0", "pkg:conan/zlib@1.2?channel=stable&rrev=abc&user=acme"),
            ("zlib/1.2@acme", "pkg:conan/zlib@1.2?user=acme"),
            ("zlib/[>=1.2 <2]@acme/stable", "pkg:conan/zlib?channel=stable&user=acme"),
        ] {
            assert_eq!(Reference::of(text).map(|found| found.package(&[]).purl).as_deref(), Some(purl), "{text}");
        }
        for text in ["1.2.3#abc", "/1.0", "zlib/", "zlib", "", "a b/1.0"] {
            assert_eq!(Reference::of(text), None, "{text}");
        }
    }
}
