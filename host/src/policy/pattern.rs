//! Patterns of names and of URLs: all of a policy's in one automaton, so that a thousand cost what one does.
//!
//! Matching takes time in proportion to the text, whatever a repository or a policy holds.

use std::collections::HashMap;

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

/// A pattern's length, in bytes.
pub(super) const PATTERN_BYTES_MAX: usize = 4 * 1024;

/// One compiled pattern, in bytes: `[a-z]{1000}{1000}` is refused.
const COMPILED_BYTES_MAX: usize = 1024 * 1024;

/// All compiled patterns of one kind, in bytes.
const COMPILED_SET_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What matching may cache, in bytes.
const CACHE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Why a pattern is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadPattern {
    /// Nothing, or white space only.
    #[error("the pattern is empty")]
    Empty,
    /// Over [`PATTERN_BYTES_MAX`].
    #[error("the pattern has {0} bytes; {PATTERN_BYTES_MAX} are allowed")]
    TooLong(usize),
    /// It would take too much memory.
    #[error("the pattern is too large when compiled; make its repetitions smaller")]
    TooLarge,
    /// Not of the syntax.
    #[error("no regular expression: {0}")]
    Syntax(String),
}

/// Rules by patterns of names, in which `*` stands for any characters. Case does not count.
#[derive(Debug, Default)]
pub(super) struct Names {
    exact: HashMap<String, Vec<u32>>,
    globs: Set,
}

/// Rules by patterns of URLs.
#[derive(Debug, Default)]
pub(super) struct Urls {
    set: Set,
}

/// Collects patterns of names.
#[derive(Debug, Default)]
pub(super) struct NamesBuilder {
    names: Names,
    sources: Sources,
}

/// Collects patterns of URLs.
#[derive(Debug, Default)]
pub(super) struct UrlsBuilder {
    sources: Sources,
}

#[derive(Debug, Default)]
struct Set {
    set: RegexSet,
    /// The rule of each pattern.
    rules: Vec<u32>,
}

#[derive(Debug, Default)]
struct Sources {
    patterns: Vec<String>,
    rules: Vec<u32>,
}

impl Names {
    /// The rules whose patterns match all of `name`.
    pub(super) fn matching(&self, name: &str) -> Vec<u32> {
        let name = name.to_lowercase();
        let exact = self.exact.get(&name).into_iter().flatten().copied();
        exact.chain(self.globs.matching(&name)).collect()
    }

    /// Whether there is no pattern.
    pub(super) fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.globs.rules.is_empty()
    }
}

impl NamesBuilder {
    /// One more pattern of a rule.
    pub(super) fn add(&mut self, pattern: &str, rule: u32) -> Result<(), BadPattern> {
        let pattern = checked(pattern)?.to_lowercase();
        if pattern.contains('*') {
            return self.sources.add(format!("(?s)^{}$", glob(&pattern, ".*", ".*")), rule);
        }
        self.names.exact.entry(pattern).or_default().push(rule);
        Ok(())
    }

    /// All together.
    pub(super) fn build(mut self) -> Result<Names, BadPattern> {
        self.names.globs = self.sources.build()?;
        Ok(self.names)
    }
}

impl Urls {
    /// The rules whose patterns match a URL. One that has no scheme is matched by patterns without one.
    pub(super) fn matching(&self, url: &str) -> Vec<u32> {
        let mut found: Vec<u32> = self.set.matching(url).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl UrlsBuilder {
    /// A glob: `*` stands for anything but a slash, `**` for anything. Without a scheme it means all of them; a host
    /// alone means everything on it; what begins with a slash means that path on hosts that are not known.
    pub(super) fn add_glob(&mut self, pattern: &str, rule: u32) -> Result<(), BadPattern> {
        let pattern = checked(pattern)?;
        let (scheme, rest) = match pattern.split_once("://") {
            Some((scheme, rest)) => (format!("{}://", glob(scheme, "[a-z+]*", "[a-z+]*")), rest),
            None if pattern.starts_with('/') => (String::new(), pattern),
            None => ("(?:[a-z][a-z0-9+.-]*://)?".to_owned(), pattern),
        };
        let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let path = if path.is_empty() { "(?::[0-9]+)?(?:[/?#].*)?".to_owned() } else { glob(path, "[^/]*", ".*") };
        // A host's star stays in the host: https://evil.example/.good.example is not *.good.example.
        let host = glob(host, "[^/?#@]*", "[^/?#@]*");
        self.sources.add(format!("(?si)^{scheme}{host}(?-i){path}$"), rule)
    }

    /// A regular expression, anywhere in the URL unless it is anchored.
    pub(super) fn add_regex(&mut self, pattern: &str, rule: u32) -> Result<(), BadPattern> {
        self.sources.add(checked(pattern)?.to_owned(), rule)
    }

    /// All together.
    pub(super) fn build(self) -> Result<Urls, BadPattern> {
        Ok(Urls { set: self.sources.build()? })
    }
}

impl Sources {
    fn add(&mut self, pattern: String, rule: u32) -> Result<(), BadPattern> {
        compile(&pattern)?;
        self.patterns.push(pattern);
        self.rules.push(rule);
        Ok(())
    }

    fn build(self) -> Result<Set, BadPattern> {
        let mut builder = RegexSetBuilder::new(&self.patterns);
        let set = builder.size_limit(COMPILED_SET_BYTES_MAX).dfa_size_limit(CACHE_BYTES_MAX).build();
        Ok(Set { set: set.map_err(bad)?, rules: self.rules })
    }
}

impl Set {
    fn matching(&self, text: &str) -> impl Iterator<Item = u32> {
        self.set.matches(text).into_iter().filter_map(|at| self.rules.get(at).copied())
    }
}

fn checked(pattern: &str) -> Result<&str, BadPattern> {
    match pattern.trim() {
        "" => Err(BadPattern::Empty),
        long if long.len() > PATTERN_BYTES_MAX => Err(BadPattern::TooLong(long.len())),
        pattern => Ok(pattern),
    }
}

fn compile(pattern: &str) -> Result<Regex, BadPattern> {
    RegexBuilder::new(pattern).size_limit(COMPILED_BYTES_MAX).dfa_size_limit(COMPILED_BYTES_MAX).build().map_err(bad)
}

fn bad(error: regex::Error) -> BadPattern {
    match error {
        regex::Error::CompiledTooBig(_) => BadPattern::TooLarge,
        // The last line of its message says what is wrong; those before it draw the pattern.
        other @ (regex::Error::Syntax(_) | _) => {
            BadPattern::Syntax(other.to_string().lines().last().unwrap_or_default().replace("error: ", ""))
        }
    }
}

/// A regular expression for a glob: `one` for each star, `many` for two.
fn glob(pattern: &str, one: &str, many: &str) -> String {
    let between: Vec<String> =
        pattern.split("**").map(|part| part.split('*').map(regex::escape).collect::<Vec<_>>().join(one)).collect();
    between.join(many)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url_matches(pattern: &str, url: &str) -> bool {
        let mut builder = UrlsBuilder::default();
        builder.add_glob(pattern, 0).unwrap();
        !builder.build().unwrap().matching(url).is_empty()
    }

    #[test]
    fn names_match_whole_and_without_case() {
        let mut builder = NamesBuilder::default();
        builder.add("left-pad", 0).unwrap();
        builder.add("@Acme/*", 1).unwrap();
        builder.add("a.c", 2).unwrap();
        let names = builder.build().unwrap();
        assert_eq!(names.matching("Left-Pad"), [0]);
        assert_eq!(names.matching("@acme/deep/er"), [1]);
        assert!(names.matching("left-pad2").is_empty());
        assert!(names.matching("abc").is_empty());
    }

    #[test]
    fn a_star_in_a_host_stays_in_the_host() {
        assert!(url_matches("https://*.good.example/**", "https://api.good.example/v1/users/{id}"));
        for evil in [
            "https://evil.example/.good.example/x",
            "https://evil.example?x=.good.example/",
            "https://u@evil.example#.good.example/",
            "https://evil.good.example.evil/",
        ] {
            assert!(!url_matches("https://*.good.example/**", evil), "{evil}");
            assert!(!url_matches("*.good.example", evil), "{evil}");
        }
    }

    #[test]
    fn globs_of_urls() {
        for (pattern, url, expected) in [
            ("api.example.com", "https://api.example.com/v1?x=1", true),
            ("api.example.com", "api.example.com:8080", true),
            ("API.example.com", "https://api.EXAMPLE.com", true),
            ("api.example.com", "https://api.example.com.evil/", false),
            ("https://a.example/users/{id}", "https://a.example/users/{id}", true),
            ("https://a.example/users/*", "https://a.example/users/1/keys", false),
            ("https://a.example/users/**", "https://a.example/users/1/keys", true),
            ("https://a.example/**", "http://a.example/", false),
            ("a.example/v1/*", "wss://a.example/v1/x", true),
            ("/v1/*", "/v1/users", true),
        ] {
            assert_eq!(url_matches(pattern, url), expected, "{pattern} and {url}");
        }
    }

    #[test]
    fn patterns_are_bounded() {
        let mut builder = UrlsBuilder::default();
        assert_eq!(builder.add_regex("[a-z]{1000}{1000}", 0), Err(BadPattern::TooLarge));
        assert_eq!(builder.add_regex("  ", 0), Err(BadPattern::Empty));
        assert_eq!(builder.add_glob(&"x".repeat(5000), 0), Err(BadPattern::TooLong(5000)));
        assert!(matches!(builder.add_regex("a(", 0), Err(BadPattern::Syntax(_))));
    }
}
