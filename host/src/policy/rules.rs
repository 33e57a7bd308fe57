//! What matches what: the rules of a policy against one dependency or one API call.

use std::collections::HashMap;

use fumehood_contract::Package;

use super::file::CategoryStatus;
use super::license::{Stated, Wanted};
use super::pattern::{Names, Urls};
use super::version::Range;
use super::{Call, CategoryInfo, Date};

/// Whom a rule speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Category(u16),
    Exception(u32),
}

#[derive(Debug)]
pub(super) struct DependencyRule {
    pub(super) owner: Owner,
    /// The package URL's type, in lower case.
    pub(super) kind: Option<String>,
    pub(super) versions: Option<Range>,
}

#[derive(Debug)]
pub(super) struct ApiRule {
    pub(super) owner: Owner,
    /// In upper case; none means all.
    pub(super) methods: Vec<String>,
}

#[derive(Debug)]
pub(super) struct ExceptionRule {
    /// Of all categories if none is named.
    pub(super) category: Option<u16>,
    /// In every repository.
    pub(super) anywhere: bool,
    pub(super) reason: String,
    pub(super) expires: Date,
}

#[derive(Debug, Default)]
pub(super) struct Patterns {
    pub(super) names: Names,
    pub(super) purls: Names,
    pub(super) urls: Urls,
    pub(super) licenses: Names,
    pub(super) repositories: Names,
}

#[derive(Debug)]
pub(super) struct Matcher {
    pub(super) patterns: Patterns,
    pub(super) dependencies: Vec<DependencyRule>,
    pub(super) apis: Vec<ApiRule>,
    /// The category of each licence pattern.
    pub(super) licenses: Vec<u16>,
}

/// What matched one thing.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// Ascending, without doubles.
    pub(super) categories: Vec<u16>,
    /// Categories that would match some versions, of something whose version is not known.
    pub(super) perhaps: Vec<u16>,
    pub(super) exceptions: Vec<u32>,
}

/// Licences that were read before: most packages have one of few.
pub(super) type Licenses = HashMap<String, Vec<u16>>;

impl Matcher {
    /// What matches a package.
    pub(super) fn package(&self, package: &Package, categories: &[CategoryInfo], known: &mut Licenses) -> Matches {
        let kind = kind(&package.purl);
        let mut matches = Matches::default();
        for rule in self.named(package, &kind) {
            let Some(DependencyRule { owner, kind: wanted, versions }) = self.dependencies.get(rule as usize) else {
                continue;
            };
            if wanted.as_ref().is_some_and(|wanted| *wanted != kind) {
                continue;
            }
            match (versions, &package.version) {
                (Some(range), Some(version)) if range.contains(version) => matches.surely(*owner),
                // Beside a requirement the version is only one that would do.
                (Some(_), Some(_)) if package.requirement.is_none() => {}
                (Some(_), _) => matches.perhaps(*owner),
                (None, _) => matches.surely(*owner),
            }
        }
        if let Some(license) = package.license.as_deref().filter(|_| !self.licenses.is_empty()) {
            if !known.contains_key(license) {
                known.insert(license.to_owned(), self.licensed(license, categories));
            }
            matches.categories.extend(known.get(license).into_iter().flatten());
        }
        matches.in_order()
    }

    /// What matches a call.
    pub(super) fn call(&self, call: &Call<'_>) -> Matches {
        let mut matches = Matches::default();
        for rule in self.patterns.urls.matching(call.url) {
            let Some(ApiRule { owner, methods }) = self.apis.get(rule as usize) else { continue };
            match call.method {
                _ if methods.is_empty() => matches.surely(*owner),
                Some(method) if methods.iter().any(|known| known.eq_ignore_ascii_case(method)) => {
                    matches.surely(*owner);
                }
                Some(_) => {}
                None => matches.perhaps(*owner),
            }
        }
        matches.in_order()
    }

    /// The rules of a package's name or package URL; some may stand there twice.
    fn named(&self, package: &Package, kind: &str) -> Vec<u32> {
        let Patterns { names, purls, .. } = &self.patterns;
        let mut rules = names.matching(&package.name);
        if kind == "pypi" && !names.is_empty() {
            let name = python_name(&package.name);
            rules.extend(names.matching(&name));
            rules.extend(names.matching(&format!("pypi {name}")));
        }
        if !purls.is_empty() {
            rules.extend(purls.matching(&package.purl));
            let plain = package.purl.split(['?', '#']).next().unwrap_or_default();
            rules.extend(purls.matching(plain));
            rules.extend(purls.matching(without_version(plain)));
        }
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    fn licensed(&self, license: &str, categories: &[CategoryInfo]) -> Vec<u16> {
        let stated = Stated::new(license);
        let by_category = (0u16..).zip(categories).filter(|(at, category)| {
            let wanted = match category.status {
                CategoryStatus::Allowed => Wanted::Sufficient,
                CategoryStatus::Restricted => Wanted::Unavoidable,
            };
            let rules: Vec<u32> =
                (0u32..).zip(&self.licenses).filter(|(_, owner)| *owner == at).map(|(rule, _)| rule).collect();
            !rules.is_empty() && stated.meets(&self.patterns.licenses, &rules, wanted)
        });
        by_category.map(|(at, _)| at).collect()
    }
}

impl Matches {
    fn surely(&mut self, owner: Owner) {
        match owner {
            Owner::Category(at) => self.categories.push(at),
            Owner::Exception(at) => self.exceptions.push(at),
        }
    }

    fn perhaps(&mut self, owner: Owner) {
        // An exception for some versions holds for these alone.
        if let Owner::Category(at) = owner {
            self.perhaps.push(at);
        }
    }

    fn in_order(mut self) -> Self {
        self.categories.sort_unstable();
        self.categories.dedup();
        self
    }
}

/// How Python's index compares names: in lower case, with one dash for any run of `-`, `_` and `.`.
pub(super) fn python_name(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            other => normal.push(other),
        }
    }
    normal
}

/// The type of a package URL.
pub fn kind(purl: &str) -> String {
    let rest = purl.strip_prefix("pkg:").unwrap_or_default();
    rest.split('/').next().unwrap_or_default().to_ascii_lowercase()
}

/// A package URL up to its version; what stands behind `?` or `#` must be gone.
pub fn without_version(purl: &str) -> &str {
    let name = purl.rfind('/').map_or(0, |at| at + 1);
    match purl.get(name..).and_then(|rest| rest.rfind('@')) {
        Some(at) => purl.get(..name + at).unwrap_or(purl),
        None => purl,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_package_urls() {
        assert_eq!(kind("pkg:npm/left-pad@1"), "npm");
        assert_eq!(without_version("pkg:npm/%40a/b@1.0"), "pkg:npm/%40a/b");
        assert_eq!(without_version("pkg:npm/b"), "pkg:npm/b");
        assert_eq!(python_name("Flask__Login.x"), "flask-login-x");
    }
}
