//! `build.sbt.lock`, the lockfile of the plugin sbt-dependency-lock for Scala's sbt.
//!
//! Format: version 1, as the plugin's `DependencyLockFileFormat` writes it. Names carry the version of
//! Scala that they are built for (`cats-core_2.13`), as their artefacts do. Scopes follow from the
//! configurations of Ivy that a module is in; who asked for it is not in the file.

use std::fmt;

use fumehood_contract::limits::CHECKSUMS_PER_PACKAGE_MAX;
use fumehood_contract::{ProblemKind, Scope};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::composer_lock::lenient::Lenient;
use crate::json::{MaybeText, Text};
use crate::maven::is_id;
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `build.sbt.lock`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "build-sbt-lock",
    ecosystem: "JVM",
    files: &[Pattern::Name("build.sbt.lock")],
    companions: &[],
    extract,
};

/// The only version that there is.
const VERSION: f64 = 1.0;

fn extract(source: &Source<'_>, records: &mut Records) {
    let mut lockfile = Lockfile::default();
    let mut deserializer = serde_json::Deserializer::from_str(source.text());
    let outcome = deserializer.deserialize_map(&mut lockfile).and_then(|()| deserializer.end());
    if let Err(error) = outcome {
        let line = u32::try_from(error.line()).ok().filter(|line| *line > 0);
        records.problem(ProblemKind::Unparsable, line, &error.to_string());
    } else if lockfile.version.is_none_or(|version| version != VERSION) {
        let found = lockfile.version.map_or_else(|| "missing".to_owned(), |version| version.to_string());
        let message = format!("lockVersion is {found}; only {VERSION} is known, so it is not read");
        return records.problem(ProblemKind::Unsupported, Some(1), &message);
    }
    for entry in lockfile.entries {
        match entry {
            Some(entry) => entry.report(source, records),
            None => records.problem(ProblemKind::BadEntry, None, "a dependency is no object"),
        }
    }
}

#[derive(Default)]
struct Lockfile<'a> {
    version: Option<f64>,
    /// As far as they were read.
    entries: Vec<Option<Entry<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry<'a> {
    #[serde(borrow)]
    org: MaybeText<'a>,
    #[serde(borrow)]
    name: MaybeText<'a>,
    #[serde(borrow)]
    version: MaybeText<'a>,
    #[serde(borrow)]
    configurations: Lenient<Vec<MaybeText<'a>>>,
    #[serde(borrow)]
    artifacts: Lenient<Vec<Lenient<Artifact<'a>>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Artifact<'a> {
    #[serde(borrow)]
    hash: MaybeText<'a>,
}

impl Entry<'_> {
    fn report(&self, source: &Source<'_>, records: &mut Records) {
        let (org, name) = (self.org.as_str(), self.name.as_str());
        let line = name.or(org).and_then(|text| source.line_of(text));
        let shown = format!("{}:{}", org.unwrap_or("?"), name.unwrap_or("?"));
        let Some(version) = self.version.as_str().filter(|version| !version.is_empty()) else {
            return records.problem(ProblemKind::BadEntry, line, &format!("the dependency {shown} has no version"));
        };
        if !org.is_some_and(is_id) || !name.is_some_and(is_id) {
            return records.problem(ProblemKind::BadEntry, line, &format!("{shown} cannot be the name of a module"));
        }
        let mut package = purl::package(Ecosystem::Maven, &shown, Some(version));
        package.line = line;
        let configurations = self.configurations.0.iter().flatten().filter_map(MaybeText::as_str);
        package.scope = scope(&configurations.collect::<Vec<_>>());
        let artifacts = self.artifacts.0.iter().flatten().filter_map(|artifact| artifact.0.as_ref()?.hash.as_str());
        package.checksums = artifacts.take(CHECKSUMS_PER_PACKAGE_MAX).map(str::to_owned).collect();
        records.package(package);
    }
}

/// The strongest of those of its configurations, which are Ivy's and those that sbt adds.
fn scope(configurations: &[&str]) -> Scope {
    let of = |name: &str| match name {
        "test" | "test-internal" | "it" => Scope::Test,
        "provided" | "compile-internal" | "plugin" | "scala-tool" | "scala-doc-tool" => Scope::Build,
        "optional" => Scope::Optional,
        _ => Scope::Runtime,
    };
    let scopes: Vec<Scope> = configurations.iter().map(|name| of(name)).collect();
    let order = [Scope::Runtime, Scope::Optional, Scope::Build, Scope::Test];
    order.into_iter().find(|scope| scopes.contains(scope)).unwrap_or_default()
}

impl<'a> Visitor<'a> for &mut Lockfile<'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'a>>()? {
            match key.as_str() {
                "lockVersion" => self.version = map.next_value::<Lenient<f64>>()?.0,
                "dependencies" => map.next_value_seed(List(&mut self.entries))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

struct List<'p, 'a>(&'p mut Vec<Option<Entry<'a>>>);

impl<'a> DeserializeSeed<'a> for List<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'a> Visitor<'a> for List<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of dependencies")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(entry) = seq.next_element::<Lenient<Entry<'a>>>()? {
            self.0.push(entry.0);
        }
        Ok(())
    }
}
