//! Gradle's configurations, by their names.
//!
//! A name is made of the source set or variant and what it is for: `testRuntimeClasspath`,
//! `debugAndroidTestCompileClasspath`, `releaseImplementation`.

use fumehood_contract::Scope;

/// What a configuration is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Configuration {
    /// To run.
    Runtime,
    /// To compile against; shipped only if it is in one of the others too.
    Compile,
    /// To test.
    Test,
    /// To develop; not shipped.
    Development,
    /// For processors and other tools of the build.
    Tool,
    /// Anything else.
    Other,
}

impl Configuration {
    /// The scope of what is in it. `has_runtime`: what is shipped is listed elsewhere.
    pub(crate) fn scope(self, has_runtime: bool) -> Scope {
        match self {
            Self::Compile if has_runtime => Scope::Build,
            Self::Runtime | Self::Compile | Self::Other => Scope::Runtime,
            Self::Test => Scope::Test,
            Self::Development => Scope::Dev,
            Self::Tool => Scope::Build,
        }
    }
}

/// Tools that Gradle's own and the most used other plugins keep in configurations of their own; the
/// names begin so.
const TOOLS: &[&str] = &[
    "annotationprocessor",
    "checkstyle",
    "codenarc",
    "classpath",
    "detekt",
    "errorprone",
    "findbugs",
    "jacoco",
    "kapt",
    "kotlinbuildtools",
    "kotlincompiler",
    "kotlinklib",
    "kotlinnative",
    "kotlinscript",
    "ksp",
    "ktlint",
    "lintchecks",
    "pmd",
    "scalacompilerplugins",
    "spotbugs",
    "spotless",
    "zinc",
];

/// What a configuration of this name is for.
pub(crate) fn kind(name: &str) -> Configuration {
    let lower = name.to_ascii_lowercase();
    let for_processors = lower.ends_with("annotationprocessor") || lower.ends_with("annotationprocessorclasspath");
    if lower == "developmentonly" || lower == "testanddevelopmentonly" {
        Configuration::Development
    } else if TOOLS.iter().any(|tool| lower.starts_with(tool)) || for_processors || lower.ends_with("compileronly") {
        Configuration::Tool
    } else if is_of_tests(name) {
        Configuration::Test
    } else if lower.ends_with("compileonly") || lower.ends_with("compileonlyapi") || lower.ends_with("compileclasspath")
    {
        Configuration::Compile
    } else if lower.ends_with("runtimeclasspath") || lower.ends_with("runtimeonly") || lower == "runtime" {
        Configuration::Runtime
    } else {
        Configuration::Other
    }
}

/// Whether a source set, variant or configuration of this name is for tests.
pub(crate) fn is_of_tests(name: &str) -> bool {
    words(name).any(|word| matches!(word.to_ascii_lowercase().as_str(), "test" | "tests"))
}

/// The words of a name in camel case.
fn words(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let end = rest.char_indices().skip(1).find(|(_, letter)| letter.is_uppercase() || *letter == '_');
        let (word, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        rest = after;
        (!word.is_empty()).then(|| word.trim_matches('_'))
    })
}

#[cfg(test)]
mod tests {
    use super::{Configuration, kind};

    #[test]
    fn names_tell_what_a_configuration_is_for() {
        let cases = [
            ("runtimeClasspath", Configuration::Runtime),
            ("productionRuntimeClasspath", Configuration::Runtime),
            ("debugCompileClasspath", Configuration::Compile),
            ("compileOnly", Configuration::Compile),
            ("testRuntimeClasspath", Configuration::Test),
            ("debugAndroidTestRuntimeClasspath", Configuration::Test),
            ("latestRuntimeClasspath", Configuration::Runtime),
            ("testAnnotationProcessor", Configuration::Tool),
            ("kaptDebug", Configuration::Tool),
            ("developmentOnly", Configuration::Development),
            ("implementation", Configuration::Other),
            ("default", Configuration::Other),
        ];
        for (name, expected) in cases {
            assert_eq!(kind(name), expected, "{name}");
        }
    }
}
