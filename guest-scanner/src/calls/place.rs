//! Which files are looked at for calls, judged by their paths.

use std::cell::RefCell;

use memchr::memmem;

use super::config;
use super::language::Language;
use crate::endings::Endings;
use crate::names::NameSet;
use crate::path;

/// What is left out unless somebody says otherwise: tests, documentation, examples, vendored and
/// generated code. A pattern without a slash is the name of a file or of a folder above it, `*` stands for
/// anything within a name; one with a slash is the beginning of the path.
pub const EXCLUDED: &[&str] = &[
    "test",
    "tests",
    "__tests__",
    "testing",
    "spec",
    "specs",
    "testdata",
    "test-data",
    "test_data",
    "fixtures",
    "__fixtures__",
    "__mocks__",
    "mocks",
    "mock",
    "e2e",
    "integration-tests",
    "test-*",
    "*-tests",
    "*-test",
    "Tests",
    "Test",
    "*.Tests",
    "*.Test",
    "androidTest",
    "benches",
    "benchmark",
    "benchmarks",
    "cassettes",
    "__snapshots__",
    "doc",
    "docs",
    "documentation",
    "example",
    "examples",
    "Example",
    "Examples",
    "sample",
    "samples",
    "Samples",
    "demo",
    "demos",
    "Demo",
    "tutorial",
    "tutorials",
    "example_*",
    "vendor",
    "vendored",
    "_vendor",
    "node_modules",
    "third_party",
    "third-party",
    "thirdparty",
    "bower_components",
    "site-packages",
    ".venv",
    "venv",
    ".tox",
    "Pods",
    "Carthage",
    ".git",
    ".yarn",
    "storybook-static",
    "coverage",
    "locales",
    "locale",
    "i18n",
    "*_test.go",
    "test_*.py",
    "*_test.py",
    "conftest.py",
    "*.test.*",
    "*.spec.*",
    "*_spec.rb",
    "*_test.rb",
    "test_*.rb",
    "*Test.java",
    "*Tests.java",
    "*Test.kt",
    "*Tests.kt",
    "*Spec.scala",
    "*Test.scala",
    "*Test.php",
    "*Tests.cs",
    "*Test.cs",
    "*Tests.swift",
    "*Test.swift",
    "*_test.rs",
    "tests.rs",
    "test.rs",
    "*_test.sh",
    "*.min.js",
    "*.bundle.js",
    "*.d.ts",
    "*.stories.*",
    "*_pb2.py",
    "*_pb2_grpc.py",
    "*.pb.go",
    "*.designer.cs",
    "*.g.cs",
    "bom.json",
    "sbom.json",
    "*.cyclonedx.json",
    "*.cdx.json",
    "*.spdx.json",
    "*.sbom.json",
];

/// Chooses files by their paths.
#[derive(Clone, Debug)]
pub struct Places {
    names: NameSet<String>,
    globs: Endings<Glob>,
    beginnings: Vec<String>,
    /// The folder that was asked for last, with its answer: files come folder by folder.
    last_folder: RefCell<(String, bool)>,
}

#[derive(Clone, Debug)]
struct Glob(Vec<String>);

impl Places {
    /// Those that none of `excluded` fits.
    pub fn new<'p>(excluded: impl IntoIterator<Item = &'p str>) -> Self {
        let (mut names, mut globs, mut beginnings) = (NameSet::default(), Vec::new(), Vec::new());
        for pattern in excluded {
            match pattern.trim_end_matches('/') {
                path if path.contains('/') => beginnings.push(path.trim_start_matches("./").to_owned()),
                name if name.contains('*') => globs.push(Glob(name.split('*').map(str::to_owned).collect())),
                name => {
                    names.insert(name.to_owned());
                }
            }
        }
        let globs = Endings::new(globs, |glob: &Glob| glob.0.last().map_or("", String::as_str));
        Self { names, globs, beginnings, last_folder: RefCell::default() }
    }

    /// Whether the file at `path` is one that could hold calls.
    pub fn wants(&self, path: &str) -> bool {
        (Language::of(path).is_some() || config::is_config(path)) && !self.is_excluded(path)
    }

    fn is_excluded(&self, path: &str) -> bool {
        let (folder, name) = path::split(path);
        self.is_excluded_folder(folder)
            || self.is_excluded_name(name)
            || self.beginnings.iter().any(|beginning| {
                path.strip_prefix(beginning.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    }

    fn is_excluded_folder(&self, folder: &str) -> bool {
        let mut last = self.last_folder.borrow_mut();
        if last.0 != folder {
            // What is above both was looked at.
            let known = if last.1 { 0 } else { shared(&last.0, folder) };
            let new = folder.get(known..).unwrap_or(folder);
            *last = (folder.to_owned(), new.split('/').any(|name| self.is_excluded_name(name)));
        }
        last.1
    }

    fn is_excluded_name(&self, name: &str) -> bool {
        self.names.contains(name) || self.globs.of(name).iter().any(|glob| glob.matches(name))
    }
}

impl Default for Places {
    fn default() -> Self {
        Self::new(EXCLUDED.iter().copied())
    }
}

impl Glob {
    /// Each part is taken where it comes first, which is right for `*` alone and needs no going back.
    fn matches(&self, name: &str) -> bool {
        let Some((first, rest)) = self.0.split_first() else { return false };
        let Some(mut left) = name.strip_prefix(first.as_str()) else { return false };
        let Some((last, between)) = rest.split_last() else { return left.is_empty() };
        for part in between {
            let Some(at) = memmem::find(left.as_bytes(), part.as_bytes()) else { return false };
            left = left.get(at + part.len()..).unwrap_or_default();
        }
        left.ends_with(last.as_str())
    }
}

/// The bytes of the folders above both paths, with the slash behind them.
fn shared(left: &str, right: &str) -> usize {
    let same = left.bytes().zip(right.bytes()).take_while(|(left, right)| left == right).count();
    let above = right.as_bytes().get(..same).unwrap_or_default();
    above.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1)
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn what_is_left_out_does_not_depend_on_what_was_asked_before() {
        let paths = ["a/b/x.py", "a/tests/x.py", "a/tests/c/x.py", "a/t/x.py", "a/testsy/x.py", "tests/x.py", "x.py"];
        let places = Places::default();
        for (before, path) in paths.iter().flat_map(|before| paths.map(|path| (before, path))) {
            let _asked = places.wants(before);
            assert_eq!(places.wants(path), Places::default().wants(path), "{path} after {before}");
        }
    }

    #[test]
    fn tests_docs_and_vendored_code_are_left_out() {
        let places = Places::default();
        for path in [
            "src/api.py",
            "a/testimony.go",
            "app/latest/x.ts",
            "config/application.yml",
            "Dockerfile",
            "deploy.sh",
            "contest.rb",
        ] {
            assert!(places.wants(path), "{path}");
        }
        for path in [
            "tests/api.py",
            "a/b_test.go",
            "docs/x.js",
            "vendor/a/b.php",
            "lib/jquery.min.js",
            "a.txt",
            "web/a.test.ts",
            "My.Tests/A.cs",
        ] {
            assert!(!places.wants(path), "{path}");
        }
        assert!(!Places::new(["src/gen"]).wants("src/gen/a.py"));
        assert!(Places::new(["src/gen"]).wants("src/general/a.py"));
        assert!(Places::new([]).wants("tests/a.py"));
    }
}
