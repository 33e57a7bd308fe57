//! The difference of two reports: a pure function.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::read::{Place, Report, Repository, Restricted, Versions};
use crate::policy::version::compare as compare_versions;

/// What changed.
#[derive(Debug, Serialize)]
pub(super) struct Difference {
    pub(super) summary: Summary,
    /// What must be known to read it rightly.
    pub(super) notes: Vec<String>,
    /// Those in which something changed, by name.
    pub(super) repositories: Vec<Changed>,
}

/// How often what changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Summary {
    pub(super) added: u64,
    pub(super) removed: u64,
    pub(super) upgraded: u64,
    pub(super) downgraded: u64,
    pub(super) changed: u64,
    pub(super) newly_restricted: u64,
    pub(super) no_longer_restricted: u64,
    pub(super) new_hosts: u64,
    pub(super) gone_hosts: u64,
}

/// What changed in one repository.
#[derive(Debug, Serialize)]
pub(super) struct Changed {
    pub(super) repo_name: String,
    pub(super) packages: Vec<PackageChange>,
    pub(super) newly_restricted: Vec<Finding>,
    pub(super) no_longer_restricted: Vec<Finding>,
    /// Hosts that its code talks to, which it did not before.
    pub(super) new_hosts: Vec<String>,
    /// Hosts that its code talks to no more.
    pub(super) gone_hosts: Vec<String>,
}

/// What changed of one package.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct PackageChange {
    pub(super) change: Change,
    pub(super) name: String,
    /// The package URL, without version.
    pub(super) purl: String,
    /// Versions that only the earlier report has.
    pub(super) before: Vec<String>,
    /// Versions that only the later report has.
    pub(super) after: Vec<String>,
}

/// The ways of changing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    Added,
    Removed,
    Upgraded,
    Downgraded,
    /// Which is newer cannot be told.
    Changed,
}

/// Something restricted, with its first place.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) category: String,
    pub(super) what: String,
    pub(super) name: String,
    pub(super) version: Option<String>,
    pub(super) file: String,
    pub(super) line: Option<u32>,
}

impl Change {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Upgraded => "upgraded",
            Self::Downgraded => "downgraded",
            Self::Changed => "changed",
        }
    }
}

/// Compares; repositories are the same if their names are, or if each report has but one.
pub(super) fn compare(mut before: Report, after: Report) -> Difference {
    if before.repositories.len() == 1 && after.repositories.len() == 1 {
        let old = before.repositories.pop_first().map(|(_, repository)| repository).unwrap_or_default();
        let name = after.repositories.keys().next().cloned().unwrap_or_default();
        before.repositories.insert(name, old);
    }
    let mut difference =
        Difference { summary: Summary::default(), notes: notes(&before, &after), repositories: Vec::new() };
    let names: BTreeSet<&String> = before.repositories.keys().chain(after.repositories.keys()).collect();
    let nothing = Repository::default();
    for name in names {
        let old = before.repositories.get(name).unwrap_or(&nothing);
        let new = after.repositories.get(name).unwrap_or(&nothing);
        let changed = Changed {
            repo_name: name.clone(),
            packages: packages(&old.packages, &new.packages),
            newly_restricted: only_in(&new.restricted, &old.restricted),
            no_longer_restricted: only_in(&old.restricted, &new.restricted),
            new_hosts: new.hosts.difference(&old.hosts).cloned().collect(),
            gone_hosts: old.hosts.difference(&new.hosts).cloned().collect(),
        };
        difference.take(changed);
    }
    difference
}

/// What is not there may only not have been read: that must be said.
fn notes(before: &Report, after: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    for (name, old) in &before.repositories {
        match after.repositories.get(name) {
            None => notes.push(format!("{name} is not in the later report")),
            Some(_) if !old.complete => notes.push(format!("{name} is incomplete in the earlier report")),
            Some(_) => {}
        }
    }
    for (name, new) in &after.repositories {
        if !before.repositories.contains_key(name) {
            notes.push(format!("{name} is not in the earlier report"));
        }
        if !new.complete {
            notes.push(format!("{name} is incomplete in the later report: what seems removed may not have been read"));
        }
    }
    match (before.judged, after.judged) {
        (false, true) => {
            notes.push("the earlier report has no policy: all that is restricted counts as new".to_owned())
        }
        (true, false) => notes.push("the later report has no policy: nothing in it counts as restricted".to_owned()),
        (true, true) | (false, false) => {}
    }
    notes
}

fn packages(old: &BTreeMap<String, Versions>, new: &BTreeMap<String, Versions>) -> Vec<PackageChange> {
    let nothing = Versions::default();
    let purls: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changes = purls.into_iter().filter_map(|purl| {
        let (before, after) = (old.get(purl), new.get(purl));
        let name = after.or(before).map(|versions| versions.name.clone()).unwrap_or_default();
        let (before, after) = (before.unwrap_or(&nothing), after.unwrap_or(&nothing));
        let gone = ordered(before.versions.difference(&after.versions));
        let come = ordered(after.versions.difference(&before.versions));
        let change = match (gone.last(), come.last()) {
            (None, None) => return None,
            (None, Some(_)) => Change::Added,
            (Some(_), None) => Change::Removed,
            (Some(gone), Some(come)) => match compare_versions(gone, come) {
                Ordering::Less if !gone.is_empty() => Change::Upgraded,
                Ordering::Greater if !come.is_empty() => Change::Downgraded,
                Ordering::Less | Ordering::Equal | Ordering::Greater => Change::Changed,
            },
        };
        Some(PackageChange { change, name, purl: purl.clone(), before: gone, after: come })
    });
    changes.collect()
}

/// The newest version last.
fn ordered<'a>(versions: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut versions: Vec<String> = versions.cloned().collect();
    versions.sort_by(|left, right| compare_versions(left, right).then_with(|| left.cmp(right)));
    versions
}

fn only_in(these: &BTreeMap<Restricted, Place>, others: &BTreeMap<Restricted, Place>) -> Vec<Finding> {
    let only = these.iter().filter(|(key, _)| !others.contains_key(key));
    let finding = |(key, place): (&Restricted, &Place)| {
        let (Restricted { category, what }, Place { name, version, file, line }) = (key.clone(), place.clone());
        Finding { category, what, name, version, file, line }
    };
    only.map(finding).collect()
}

impl Difference {
    fn take(&mut self, changed: Changed) {
        let summary = &mut self.summary;
        for package in &changed.packages {
            *match package.change {
                Change::Added => &mut summary.added,
                Change::Removed => &mut summary.removed,
                Change::Upgraded => &mut summary.upgraded,
                Change::Downgraded => &mut summary.downgraded,
                Change::Changed => &mut summary.changed,
            } += 1;
        }
        summary.newly_restricted += changed.newly_restricted.len() as u64;
        summary.no_longer_restricted += changed.no_longer_restricted.len() as u64;
        summary.new_hosts += changed.new_hosts.len() as u64;
        summary.gone_hosts += changed.gone_hosts.len() as u64;
        let restricted = changed.newly_restricted.len() + changed.no_longer_restricted.len();
        let hosts = changed.new_hosts.len() + changed.gone_hosts.len();
        if restricted + hosts + changed.packages.len() > 0 {
            self.repositories.push(changed);
        }
    }
}
