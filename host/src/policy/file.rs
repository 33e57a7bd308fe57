//! The policy's file, as it is written: YAML, unknown keys refused, every value with its line.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_saphyr::{DuplicateKeyPolicy, Location, Options, Spanned};

use super::shape;

/// So deep are values within each other; a policy needs five levels.
const DEPTH_MAX: usize = 32;

/// Where something stands and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// From 1; 0 if it is not known.
    pub line: u64,
    /// From 1; 0 if it is not known.
    pub column: u64,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// A whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) version: Option<Spanned<u32>>,
    #[serde(default)]
    pub(super) categories: BTreeMap<String, Spanned<Category>>,
    #[serde(default)]
    pub(super) exceptions: Vec<Spanned<Exception>>,
}

/// A category.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Category {
    pub(super) status: CategoryStatus,
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) dependencies: Vec<Spanned<Dependency>>,
    #[serde(default)]
    pub(super) api_patterns: Vec<Spanned<Api>>,
    #[serde(default)]
    pub(super) licenses: Vec<Spanned<String>>,
}

/// What a category means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CategoryStatus {
    /// It may be used.
    Allowed,
    /// It may not.
    Restricted,
}

/// A pattern of dependencies: a name, a glob or a purl, or one of them with more.
#[derive(Debug, Default)]
pub(super) struct Dependency {
    pub(super) name: Option<String>,
    pub(super) purl: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) versions: Option<Spanned<String>>,
}

/// A pattern of API calls: a glob, or a glob or regular expression with methods.
#[derive(Debug, Default)]
pub(super) struct Api {
    pub(super) glob: Option<String>,
    pub(super) regex: Option<String>,
    pub(super) methods: Vec<String>,
}

/// An exception.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exception {
    pub(super) category: Option<Spanned<String>>,
    pub(super) dependency: Option<Spanned<Dependency>>,
    pub(super) api: Option<Spanned<Api>>,
    pub(super) repository: Option<Spanned<String>>,
    pub(super) reason: Spanned<String>,
    pub(super) expires: Spanned<String>,
}

impl Mistake {
    /// At a place.
    pub(super) fn at(location: Location, message: impl fmt::Display) -> Self {
        Self { line: location.line(), column: location.column(), message: message.to_string() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.message),
            line => write!(f, "{line}:{}: {}", self.column, self.message),
        }
    }
}

/// Reads the syntax and the shape. What the patterns mean is looked at later.
pub(super) fn parse(text: &str) -> Result<File, Vec<Mistake>> {
    let policy = read(text).map_err(|mistake| vec![mistake])?;
    match shape::mistakes(&policy) {
        mistakes if mistakes.is_empty() => read(text).map_err(|mistake| vec![mistake]),
        mistakes => Err(mistakes),
    }
}

fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, Mistake> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| {
        let location = error.location().unwrap_or(Location::UNKNOWN);
        let message = error.without_snippet().to_string();
        // The place is said in front of the message.
        let message = message.split(" at line ").next().unwrap_or_default().lines().next().unwrap_or_default();
        Mistake::at(location, crate::text::clean(message))
    })
}

/// A policy is written by its user, but the service takes those of tenants: no bombs of aliases.
fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_aliases: 1_000,
            max_anchors: 1_000,
            max_depth: DEPTH_MAX,
        },
        // Told by their lines, like other mistakes.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        with_snippet: false,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DependencyMap {
    name: Option<String>,
    purl: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    versions: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApiMap {
    glob: Option<String>,
    regex: Option<String>,
    #[serde(default)]
    methods: Vec<String>,
}

impl<'de> Deserialize<'de> for Dependency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Dependency;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name, a purl, or a mapping with name or purl, and type and versions")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Dependency, E> {
                let text = text.to_owned();
                Ok(if text.starts_with("pkg:") {
                    Dependency { purl: Some(text), ..Dependency::default() }
                } else {
                    Dependency { name: Some(text), ..Dependency::default() }
                })
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Dependency, M::Error> {
                let DependencyMap { name, purl, kind, versions } =
                    DependencyMap::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Dependency { name, purl, kind, versions })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for Api {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Api;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a glob of URLs, or a mapping with glob or regex, and methods")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Api, E> {
                Ok(Api { glob: Some(text.to_owned()), ..Api::default() })
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Api, M::Error> {
                let ApiMap { glob, regex, methods } = ApiMap::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Api { glob, regex, methods })
            }
        }
        deserializer.deserialize_any(Either)
    }
}
