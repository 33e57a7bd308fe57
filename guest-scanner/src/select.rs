//! Which files are read at all, judged by their paths.

use crate::endings::Endings;
use crate::extractor::{Extractor, Pattern};
use crate::extractors::EXTRACTORS;
use crate::names::NameMap;
use crate::path;

type Claim = (&'static Pattern, &'static Extractor);

/// The registry, arranged for fast look-up by name.
#[derive(Debug)]
pub struct Selector {
    /// Of each name that somebody wants, the extractor; none for those that are only read beside others.
    by_name: NameMap<&'static str, Option<&'static Extractor>>,
    by_pattern: Endings<Claim>,
}

impl Selector {
    /// For all extractors.
    #[expect(clippy::new_without_default, reason = "building it costs something; that should be seen")]
    pub fn new() -> Self {
        let claims =
            || EXTRACTORS.iter().flat_map(|extractor| extractor.files.iter().map(move |pattern| (pattern, extractor)));
        let mut by_name: NameMap<_, _> = NameMap::default();
        for (pattern, extractor) in claims() {
            if let Pattern::Name(name) = pattern {
                by_name.entry(*name).or_insert(Some(extractor));
            }
        }
        for companion in EXTRACTORS.iter().flat_map(|extractor| extractor.companions) {
            by_name.entry(companion).or_insert(None);
        }
        let patterns = claims().filter(|(pattern, _)| !matches!(pattern, Pattern::Name(_)));
        Self { by_name, by_pattern: Endings::new(patterns, |(pattern, _)| pattern.ending()) }
    }

    /// The extractor that reads the file at `path`. Exact names go before other patterns.
    pub fn extractor(&self, path: &str) -> Option<&'static Extractor> {
        let (folder, name) = path::split(path);
        self.by_name.get(name).copied().flatten().or_else(|| self.by_patterns(folder, name))
    }

    /// Whether an extractor reads the file at `path`, or wants it beside one that it reads.
    pub fn wants(&self, path: &str) -> bool {
        let (folder, name) = path::split(path);
        self.by_name.contains_key(name) || self.by_patterns(folder, name).is_some()
    }

    fn by_patterns(&self, folder: &str, name: &str) -> Option<&'static Extractor> {
        self.by_pattern.of(name).iter().find(|(pattern, _)| pattern.fits(folder, name)).map(|(_, found)| *found)
    }
}
