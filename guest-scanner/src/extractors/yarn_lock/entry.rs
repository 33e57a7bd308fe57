//! What each spelling of the lockfile comes to.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use fumehood_contract::status::cut;

use crate::extractors::package_lock::spec;

const LABEL_BYTES_MAX: usize = 200;

/// The file.
#[derive(Debug, Default)]
pub(super) struct Lockfile<'a> {
    pub(super) flavour: Flavour,
    pub(super) version: Option<Cow<'a, str>>,
    pub(super) entries: Vec<Entry<'a>>,
}

/// Which Yarn wrote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Flavour {
    /// Yarn 1.
    #[default]
    Classic,
    /// Yarn 2 and newer.
    Berry,
}

/// One entry.
#[derive(Debug, Default)]
pub(super) struct Entry<'a> {
    pub(super) line: Option<u32>,
    /// Everything that was asked for and is answered by this package.
    pub(super) descriptors: Vec<Descriptor<'a>>,
    /// Classic: the real name, where it was asked for under another.
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) version: Option<Cow<'a, str>>,
    /// Berry: the package, `name@protocol:…`.
    pub(super) resolution: Option<Cow<'a, str>>,
    /// Classic: the archive.
    pub(super) resolved: Option<Cow<'a, str>>,
    pub(super) checksum: Option<Cow<'a, str>>,
    pub(super) wants: Vec<Descriptor<'a>>,
    /// Which of `wants` are optional.
    pub(super) optional: Vec<Cow<'a, str>>,
}

/// `name@range`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Descriptor<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) range: Cow<'a, str>,
}

impl<'a> Descriptor<'a> {
    /// Out of `name@range`.
    pub(super) fn parse(text: Cow<'a, str>) -> Option<Self> {
        let split = |(name, range)| Self { name: Cow::Borrowed(name), range: Cow::Borrowed(range) };
        match text {
            Cow::Borrowed(text) => spec::split_at(text).map(split),
            Cow::Owned(text) => {
                let (name, range) = spec::split_at(&text)?;
                Some(Self { name: Cow::Owned(name.to_owned()), range: Cow::Owned(range.to_owned()) })
            }
        }
    }

    /// Out of several, with commas between them.
    pub(super) fn parse_list(text: Cow<'a, str>) -> Vec<Self> {
        match text {
            Cow::Borrowed(text) => text.split(',').filter_map(|part| Self::parse(Cow::Borrowed(part.trim()))).collect(),
            Cow::Owned(text) => {
                text.split(',').filter_map(|part| Self::parse(Cow::Owned(part.trim().to_owned()))).collect()
            }
        }
    }
}

impl Entry<'_> {
    /// How problems call it; it may be repeated for each of its dependencies.
    pub(super) fn label(&self) -> &str {
        self.descriptors.first().map_or("an entry", |descriptor| cut(&descriptor.name, LABEL_BYTES_MAX))
    }
}

/// Finds entries by what is asked for.
#[derive(Debug)]
pub(super) struct Index<'a> {
    exact: HashMap<(&'a str, &'a str), usize>,
    /// The only entry of a name; `None` if there are several.
    single: HashMap<&'a str, Option<usize>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(entries: &'a [Entry<'_>]) -> Self {
        let mut index = Self { exact: HashMap::new(), single: HashMap::new() };
        for (position, entry) in entries.iter().enumerate() {
            for descriptor in &entry.descriptors {
                let (name, range) = (&*descriptor.name, without_default(&descriptor.range));
                index.exact.entry((name, range)).or_insert(position);
                match index.single.entry(name) {
                    Slot::Vacant(slot) => {
                        slot.insert(Some(position));
                    }
                    Slot::Occupied(mut slot) if *slot.get() != Some(position) => {
                        slot.insert(None);
                    }
                    Slot::Occupied(_) => {}
                }
            }
        }
        index
    }

    /// The entry for `name@range`.
    pub(super) fn find(&self, name: &str, range: &str) -> Option<usize> {
        self.exact.get(&(name, without_default(range))).copied()
    }

    /// The only entry that anybody asked for by this name.
    pub(super) fn single(&self, name: &str) -> Option<usize> {
        self.single.get(name).copied().flatten()
    }
}

/// `npm:` is understood where no protocol stands; whether it is written changed with the versions.
fn without_default(range: &str) -> &str {
    range.strip_prefix("npm:").unwrap_or(range)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{Descriptor, Entry, Index};

    #[test]
    fn the_default_protocol_may_be_left_out() {
        let descriptor = |text| Descriptor::parse(Cow::Borrowed(text)).into_iter().collect();
        let entries = [
            Entry { descriptors: descriptor("a@npm:^1"), ..Entry::default() },
            Entry { descriptors: descriptor("a@^2"), ..Entry::default() },
        ];
        let index = Index::new(&entries);
        assert_eq!((index.find("a", "^1"), index.find("a", "npm:^2")), (Some(0), Some(1)));
        assert_eq!(index.single("a"), None);
    }
}
