//! What is known of every job without opening its files: for lists, quotas, repeated requests and tidying up.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use fumehood_contract::Timestamp;
use fumehood_contract::master::{JobState, Master};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::NotTaken;
use crate::tenants::Tenant;

/// A job in short.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its id.
    pub id: Uuid,
    /// What was asked for.
    pub group_url: String,
    /// As it was stored last.
    pub status: JobState,
    /// How many repositories it has.
    pub total_repositories: u32,
    /// When it was accepted.
    pub started_at: Timestamp,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// What it takes of the disk; `None` if that was not measured since it changed.
    pub stored_bytes: Option<u64>,
    /// Whether its reports are compressed.
    pub is_compressed: bool,
    /// Whether it is on the disk, so that it may be promised.
    pub is_stored: bool,
    /// With which key it was asked for.
    pub repeat: Option<Repeat>,
}

/// Tells a repeated request from another: hashes of the key and of the request, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// Of the `Idempotency-Key`.
    pub key: String,
    /// Of the request's body.
    pub body: String,
}

impl Repeat {
    /// Of this key and this body.
    pub fn new(key: &str, body: &[u8]) -> Self {
        let hash = |bytes: &[u8]| blake3::hash(bytes).to_hex().to_string();
        Self { key: hash(key.as_bytes()), body: hash(body) }
    }
}

impl Entry {
    /// Of a job as it is stored.
    pub fn new(id: Uuid, master: &Master, repeat: Option<Repeat>) -> Self {
        Self {
            id,
            group_url: master.group_url.clone(),
            status: master.status,
            total_repositories: master.total_repositories,
            started_at: master.started_at,
            completed_at: master.completed_at,
            stored_bytes: None,
            is_compressed: false,
            is_stored: true,
            repeat,
        }
    }

    /// Its place in the list.
    pub fn age(&self) -> Age {
        Age(self.started_at, self.id)
    }
}

/// Orders jobs by when they were asked for. As text it is a cursor, which holds its place when the job is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age(Timestamp, Uuid);

impl std::fmt::Display for Age {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.0.unix_seconds(), self.1.simple())
    }
}

/// A text that is no cursor.
#[derive(Debug, thiserror::Error)]
#[error("it is no cursor")]
pub struct BadCursor;

impl std::str::FromStr for Age {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let (seconds, id) = text.split_once('-').ok_or(BadCursor)?;
        let seconds = seconds.parse().map_err(|_| BadCursor)?;
        Ok(Self(Timestamp::from_unix_seconds(seconds), Uuid::try_parse(id).map_err(|_| BadCursor)?))
    }
}

#[derive(Debug, Default)]
struct Jobs {
    by_age: BTreeMap<Age, Entry>,
    ages: HashMap<Uuid, Age>,
    keys: HashMap<String, Uuid>,
}

/// The jobs of all tenants.
#[derive(Debug, Default)]
pub struct Index(Mutex<HashMap<Tenant, Jobs>>);

/// Which jobs a list shall have.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// In this state.
    pub status: Option<JobState>,
    /// With this text in what was asked for.
    pub text: Option<String>,
    /// Asked for before this one, which is the last of the page before.
    pub after: Option<Age>,
}

impl Index {
    /// Reserves a place for a new job, unless its key was used before: then the job of that key.
    pub fn reserve(&self, tenant: &Tenant, entry: Entry) -> Result<Option<Uuid>, NotTaken> {
        let mut all = self.lock();
        let jobs = all.entry(tenant.clone()).or_default();
        if let Some(repeat) = &entry.repeat
            && let Some(known) = jobs.keys.get(&repeat.key).and_then(|id| jobs.get(*id))
        {
            return match known.repeat.as_ref() {
                Some(first) if first.body != repeat.body => Err(NotTaken::KeyReused),
                Some(_) | None if known.is_stored => Ok(Some(known.id)),
                Some(_) | None => Err(NotTaken::KeyInUse),
            };
        }
        jobs.insert(entry);
        Ok(None)
    }

    /// Adds a job that is stored.
    pub fn insert(&self, tenant: &Tenant, entry: Entry) {
        self.lock().entry(tenant.clone()).or_default().insert(entry);
    }

    /// Changes what is known of a job, if it is there.
    pub fn update(&self, tenant: &Tenant, id: Uuid, change: impl FnOnce(&mut Entry)) {
        let mut all = self.lock();
        let Some(jobs) = all.get_mut(tenant) else { return };
        if let Some(entry) = jobs.ages.get(&id).and_then(|age| jobs.by_age.get_mut(age)) {
            change(entry);
        }
    }

    /// What is known of a job.
    pub fn get(&self, tenant: &Tenant, id: Uuid) -> Option<Entry> {
        self.lock().get(tenant).and_then(|jobs| jobs.get(id)).cloned()
    }

    /// Forgets a job.
    pub fn remove(&self, tenant: &Tenant, id: Uuid) {
        let mut all = self.lock();
        let Some(jobs) = all.get_mut(tenant) else { return };
        if let Some(entry) = jobs.ages.remove(&id).and_then(|age| jobs.by_age.remove(&age))
            && let Some(repeat) = entry.repeat
        {
            jobs.keys.remove(&repeat.key);
        }
    }

    /// A tenant's jobs, newest first, of those wanted at most `max`. `live` tells the state of one that runs.
    pub fn list(
        &self,
        tenant: &Tenant,
        wanted: &Wanted,
        max: usize,
        live: impl Fn(&Entry) -> Option<(JobState, u32)>,
    ) -> Vec<Entry> {
        let all = self.lock();
        let Some(jobs) = all.get(tenant) else { return Vec::new() };
        let before = wanted.after.map_or(Bound::Unbounded, Bound::Excluded);
        let older = jobs.by_age.range((Bound::Unbounded, before)).rev().map(|(_, entry)| entry);
        let has_text = |entry: &Entry| wanted.text.as_ref().is_none_or(|text| entry.group_url.contains(text));
        let current = older.filter(|entry| entry.is_stored && has_text(entry)).map(|entry| {
            let (status, total) = live(entry).unwrap_or((entry.status, entry.total_repositories));
            (entry, status, total)
        });
        current
            .filter(|(_, found, _)| wanted.status.is_none_or(|status| status == *found))
            .take(max)
            .map(|(entry, status, total_repositories)| Entry { status, total_repositories, ..entry.clone() })
            .collect()
    }

    /// Every stored job that has ended, the one that ended first in front.
    pub fn ended(&self) -> Vec<(Tenant, Entry)> {
        let all = self.lock();
        let mut ended: Vec<_> = all
            .iter()
            .flat_map(|(tenant, jobs)| jobs.by_age.values().map(move |entry| (tenant.clone(), entry.clone())))
            .filter(|(_, entry)| entry.is_stored && entry.completed_at.is_some())
            .collect();
        ended.sort_by_key(|(_, entry)| (entry.completed_at, entry.id));
        ended
    }

    /// What a tenant's jobs take of the disk, as far as it was measured.
    pub fn stored_bytes(&self, tenant: &Tenant) -> u64 {
        let all = self.lock();
        all.get(tenant).map_or(0, |jobs| jobs.by_age.values().filter_map(|entry| entry.stored_bytes).sum())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Tenant, Jobs>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Jobs {
    fn get(&self, id: Uuid) -> Option<&Entry> {
        self.by_age.get(self.ages.get(&id)?)
    }

    fn insert(&mut self, entry: Entry) {
        if let Some(repeat) = &entry.repeat {
            self.keys.insert(repeat.key.clone(), entry.id);
        }
        self.ages.insert(entry.id, entry.age());
        self.by_age.insert(entry.age(), entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seconds: u64) -> Entry {
        let id = Uuid::new_v4();
        let store = crate::jobs::store::JobStore::open(std::path::Path::new("/nowhere"), "acme", id);
        let live = crate::jobs::live::begin(&store, "x", Vec::new(), None);
        let mut entry = Entry::new(id, &crate::jobs::live::read(&live).master, None);
        entry.started_at = Timestamp::from_unix_seconds(seconds);
        entry
    }

    #[test]
    fn pages_go_on_where_a_job_is_gone() {
        let (index, acme) = (Index::default(), "acme".parse().unwrap());
        let entries: Vec<_> = [5, 5, 5, 9, 2].map(entry).into_iter().collect();
        entries.iter().for_each(|entry| index.insert(&acme, entry.clone()));
        let page = |after| index.list(&acme, &Wanted { after, ..Wanted::default() }, 2, |_| None);
        let first = page(None);
        let cursor: Age = first[1].age().to_string().parse().unwrap();
        index.remove(&acme, first[1].id);
        index.insert(&acme, entry(11));
        let (second, seen) = (page(Some(cursor)), first.iter().map(|entry| entry.id).collect::<Vec<_>>());
        let third = page(Some(second[1].age()));
        assert_eq!((second.len(), third.len(), third[0].started_at.unix_seconds()), (2, 1, 2));
        assert!(second.iter().chain(&third).all(|entry| !seen.contains(&entry.id)));
        for bad in ["", "5", "x-y", "5-", "-5"] {
            assert!(bad.parse::<Age>().is_err(), "{bad}");
        }
    }
}
