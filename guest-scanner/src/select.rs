//! Which files are read at all, judged by their paths.

use std::collections::HashMap;

use crate::extractor::{Extractor, Pattern};
use crate::extractors::EXTRACTORS;

/// The registry, arranged for fast look-up by name.
#[derive(Debug)]
pub struct Selector {
    by_name: HashMap<&'static str, &'static Extractor>,
    by_pattern: Vec<(&'static Pattern, &'static Extractor)>,
    companions: Vec<&'static str>,
}

impl Selector {
    /// For all extractors.
    #[expect(clippy::new_without_default, reason = "building it costs something; that should be seen")]
    pub fn new() -> Self {
        let mut selector = Self { by_name: HashMap::new(), by_pattern: Vec::new(), companions: Vec::new() };
        for extractor in EXTRACTORS {
            for pattern in extractor.files {
                match pattern {
                    Pattern::Name(name) => {
                        selector.by_name.entry(name).or_insert(extractor);
                    }
                    Pattern::Affixes(..)
                    | Pattern::Holding(..)
                    | Pattern::In(..)
                    | Pattern::InEach(..)
                    | Pattern::Raw(_) => selector.by_pattern.push((pattern, extractor)),
                }
            }
            selector.companions.extend(extractor.companions);
        }
        selector
    }

    /// The extractor that reads the file at `path`. Exact names go before other patterns.
    pub fn extractor(&self, path: &str) -> Option<&'static Extractor> {
        let named = self.by_name.get(file_name(path)).copied();
        named.or_else(|| self.by_pattern.iter().find(|(pattern, _)| pattern.matches(path)).map(|(_, found)| *found))
    }

    /// Whether an extractor reads the file at `path`, or wants it beside one that it reads.
    pub fn wants(&self, path: &str) -> bool {
        self.extractor(path).is_some() || self.companions.contains(&file_name(path))
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
