//! What Deno's imports name: `npm:a@^1/sub`, `jsr:@a/b@1`, `https://host/a@1.0.0/mod.ts`.

use crate::extractors::package_lock::spec;
use crate::purl::Ecosystem;

/// A package of a registry, asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extractors) struct Specifier<'a> {
    pub(in crate::extractors) ecosystem: Ecosystem,
    pub(in crate::extractors) name: &'a str,
    pub(in crate::extractors) requirement: Option<&'a str>,
}

impl<'a> Specifier<'a> {
    /// `None` for what is neither of npm nor of JSR.
    pub(in crate::extractors) fn parse(text: &'a str) -> Option<Self> {
        let (ecosystem, rest) = match (text.strip_prefix("npm:"), text.strip_prefix("jsr:")) {
            (Some(rest), _) => (Ecosystem::Npm, rest),
            (None, Some(rest)) => (Ecosystem::Jsr, rest),
            (None, None) => return None,
        };
        Self::of(ecosystem, rest)
    }

    /// Of what stands behind the registry's prefix.
    pub(in crate::extractors) fn of(ecosystem: Ecosystem, rest: &'a str) -> Option<Self> {
        let rest = rest.trim_start_matches('/');
        let scope = if rest.starts_with('@') { rest.find('/').map_or(rest.len(), |at| at + 1) } else { 0 };
        let end = rest.get(scope..)?.find('/').map_or(rest.len(), |at| scope + at);
        let package = rest.get(..end)?;
        let (name, requirement) = match spec::split_at(package) {
            Some((name, requirement)) => (name, Some(requirement).filter(|text| !text.is_empty())),
            None => (package, None),
        };
        (!name.is_empty()).then_some(Self { ecosystem, name, requirement })
    }
}

/// A module that is fetched by its URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extractors) struct Module<'a> {
    /// The URL without its protocol, up to the version if there is one: `host/a`.
    pub(in crate::extractors) name: &'a str,
    /// What stands behind the first `@` of the path that does not begin a scope: `host/a@1.0.0/mod.ts`.
    pub(in crate::extractors) version: Option<&'a str>,
    /// The URL up to the end of the version; all of it without one.
    pub(in crate::extractors) base: &'a str,
}

impl<'a> Module<'a> {
    /// `None` for what is no URL of the web.
    pub(in crate::extractors) fn parse(url: &'a str) -> Option<Self> {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
        let host = rest.find('/').unwrap_or(rest.len());
        let path_end = rest.find(['?', '#']).unwrap_or(rest.len());
        let mut signs = rest.match_indices('@').map(|(at, _)| at).take_while(|at| *at < path_end);
        let sign = signs.find(|at| *at > host && !rest.get(..*at).is_some_and(|before| before.ends_with('/')));
        let Some(sign) = sign else {
            return Some(Self { name: rest.get(..path_end)?, version: None, base: url });
        };
        let after = rest.get(sign + 1..)?;
        let length = after.find(['/', '?', '#', '&']).unwrap_or(after.len());
        let base = url.get(..url.len() - after.len() + length)?;
        Some(Self { name: rest.get(..sign)?, version: after.get(..length).filter(|text| !text.is_empty()), base })
    }
}

#[cfg(test)]
mod tests {
    use super::{Module, Specifier};

    #[test]
    fn specifiers_may_have_a_path() {
        let cases = [
            ("npm:a@^1.0.0", "a", Some("^1.0.0")),
            ("npm:/@s/a@1/sub/path", "@s/a", Some("1")),
            ("jsr:@s/a", "@s/a", None),
            ("jsr:@s/a/sub", "@s/a", None),
            ("npm:a@", "a", None),
            ("npm:a@>=1 <3", "a", Some(">=1 <3")),
        ];
        for (text, name, requirement) in cases {
            let found = Specifier::parse(text).map(|found| (found.name, found.requirement));
            assert_eq!(found, Some((name, requirement)), "{text}");
        }
        assert_eq!(Specifier::parse("./a.ts"), None);
        assert_eq!(Specifier::parse("npm:"), None);
    }

    #[test]
    fn modules_have_their_version_in_the_path() {
        let cases = [
            ("https://host.example/std@0.1.0/mod.ts", "host.example/std", Some("0.1.0")),
            ("https://host.example/@s/a@1.0.0?target=x@2", "host.example/@s/a", Some("1.0.0")),
            ("https://user@host.example/a/mod.ts", "user@host.example/a/mod.ts", None),
            ("http://host.example/a.ts?v=a@1", "host.example/a.ts", None),
            ("https://host.example", "host.example", None),
        ];
        for (url, name, version) in cases {
            let found = Module::parse(url).map(|found| (found.name, found.version));
            assert_eq!(found, Some((name, version)), "{url}");
        }
        let base = Module::parse("https://host.example/std@0.1.0/mod.ts").map(|module| module.base);
        assert_eq!(base, Some("https://host.example/std@0.1.0"));
        assert_eq!(Module::parse("file:///a@1"), None);
    }
}
