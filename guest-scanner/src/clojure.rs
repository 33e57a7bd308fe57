//! What Clojure's tools have in common: libraries are Maven artefacts, called `group/artifact`, or
//! `artifact` where both are the same.

use fumehood_contract::{Package, Scope};

use crate::maven::Version;
use crate::purl::{self, Ecosystem};

/// A package that is wanted at a version, which may be a range. `is_certain`: the version is what is
/// taken unless others object; where it is not, it is a requirement only.
pub(crate) fn package(
    name: &str,
    wanted: Option<&str>,
    is_certain: bool,
    qualifiers: &[(&'static str, &str)],
) -> Package {
    let exact = wanted.filter(|_| is_certain).and_then(|text| match Version::of(text) {
        Version::Exact(exact) => Some(exact),
        Version::Range => None,
    });
    let mut package = purl::with_qualifiers(Ecosystem::Clojars, name, exact, qualifiers);
    package.requirement = wanted.filter(|text| exact.is_none() && !text.is_empty()).map(str::to_owned);
    package
}

/// Whether a symbol or string can be the name of a library.
pub(crate) fn is_library(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.chars().all(|letter| letter.is_alphanumeric() || "-_.+*!?<>=&$%".contains(letter))
    };
    let mut parts = name.split('/');
    !name.starts_with(|letter: char| letter.is_ascii_digit())
        && parts.next().is_some_and(part)
        && parts.next().is_none_or(part)
        && parts.next().is_none()
}

/// The scope of what an alias or a profile adds, which is chosen by its name when something is run.
pub(crate) fn scope_of(chosen: &str) -> Scope {
    let name = chosen.trim_start_matches(':').to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.split(['-', '/', '.', '_']).any(|part| part == *word));
    if has(&["test", "tests", "testing", "runner", "kaocha"]) {
        Scope::Test
    } else if has(&["build", "jar", "uberjar", "uberdeps", "depstar", "deploy", "release", "provided"]) {
        Scope::Build
    } else {
        Scope::Dev
    }
}

#[cfg(test)]
mod tests {
    use super::{Scope, is_library, scope_of};

    #[test]
    fn names_of_libraries_have_one_slash_at_most() {
        assert!(is_library("org.clojure/data.xml") && is_library("bidi") && is_library("a/b$natives"));
        assert!(["", "a/b/c", "/a", "a/", ":a", "a b", "1a"].iter().all(|name| !is_library(name)));
    }

    #[test]
    fn names_tell_what_is_chosen_when() {
        assert_eq!(scope_of(":test-runner"), Scope::Test);
        assert_eq!(scope_of(":uberjar"), Scope::Build);
        assert_eq!(scope_of(":latest"), Scope::Dev);
    }
}
