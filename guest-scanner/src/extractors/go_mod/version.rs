//! Versions as Go modules have them: semantic versions after a `v`.

use std::cmp::Ordering;

/// Whether `version` names one version. `v1`, `v1.2`, `latest` or a branch are queries, which the go
/// command answers and overwrites when it next runs.
pub(in crate::extractors) fn is_exact(version: &str) -> bool {
    Version::parse(version).is_some()
}

/// Whether go.mod with this go directive leaves out modules that only others need.
pub(super) fn lists_only_direct(go: Option<&str>) -> bool {
    let Some(go) = go else { return true };
    let mut numbers = go.split('.');
    let major = numbers.next().unwrap_or_default();
    let minor: String = numbers.next().unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
    compare_numbers(major, "1").then_with(|| compare_numbers(&minor, "17")).is_lt()
}

/// Which of the two is newer. What is no version is older than every version.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    match (Version::parse(a), Version::parse(b)) {
        (Some(a), Some(b)) => a.compare(&b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

struct Version<'a> {
    numbers: [&'a str; 3],
    pre_release: Option<&'a str>,
}

impl<'a> Version<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix('v')?;
        let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
        let (core, pre_release) = text.split_once('-').map_or((text, None), |(core, pre)| (core, Some(pre)));
        let mut parts = core.split('.');
        let numbers = [parts.next()?, parts.next()?, parts.next()?];
        let is_number =
            |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit()) && (*text == "0" || !text.starts_with('0'));
        let named = |text: &str| {
            text.split('.')
                .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
        };
        let well_formed = parts.next().is_none()
            && numbers.iter().all(|number| !number.is_empty() && is_number(number))
            && pre_release.is_none_or(named)
            && build.is_none_or(named);
        well_formed.then_some(Self { numbers, pre_release })
    }

    fn compare(&self, other: &Self) -> Ordering {
        let numbers = self.numbers.iter().zip(other.numbers);
        let by_number = numbers.map(|(a, b)| compare_numbers(a, b)).find(|order| order.is_ne());
        by_number.unwrap_or_else(|| match (self.pre_release, other.pre_release) {
            (None, other) => other.is_some().cmp(&false),
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => compare_pre_releases(a, b),
        })
    }
}

/// Of any length, without leading zeros.
fn compare_numbers(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Numbers are older than words; the shorter is older if it begins the longer.
fn compare_pre_releases(a: &str, b: &str) -> Ordering {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let by_part = a.split('.').zip(b.split('.')).map(|(a, b)| match (is_number(a), is_number(b)) {
        (true, true) => compare_numbers(a, b),
        (false, false) => a.cmp(b),
        (a, b) => b.cmp(&a),
    });
    by_part.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| a.len().cmp(&b.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_that_of_semantic_versions() {
        let ascending = [
            "none",
            "v0.0.0-20200101000000-aaaaaaaaaaaa",
            "v0.9.10",
            "v1.0.0-1",
            "v1.0.0-2",
            "v1.0.0-alpha",
            "v1.0.0-alpha.1",
            "v1.0.0-alpha.beta",
            "v1.0.0",
            "v1.10.0",
            "v2.0.0+incompatible",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
    }

    #[test]
    fn only_whole_versions_are_exact() {
        assert!(is_exact("v1.2.3") && is_exact("v2.0.0+incompatible") && is_exact("v1.2.3-0.20200101000000-abc"));
        for query in ["v1", "v1.2", "latest", "master", "1.2.3", "v1.2.3.4", "v01.2.3", "v1.2.3-", "v1.2.x"] {
            assert!(!is_exact(query), "{query}");
        }
    }

    #[test]
    fn indirect_modules_are_listed_since_1_17() {
        for (go, only_direct) in [("1.9", true), ("1.16", true), ("1.17", false), ("1.21.3", false), ("1.17rc1", false)]
        {
            assert_eq!(lists_only_direct(Some(go)), only_direct, "{go}");
        }
        assert!(lists_only_direct(None) && !lists_only_direct(Some("2.0")));
    }
}
