//! Documents of jobs that have ended, for clients that go on polling them: they never change.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fumehood_contract::master::Master;
use uuid::Uuid;

use crate::jobs::live;
use crate::jobs::view;
use crate::limits::ENDED_CACHE_BYTES_MAX;
use crate::tenants::Tenant;

/// A job that has ended.
#[derive(Debug)]
pub struct EndedJob {
    /// Its state.
    pub master: Master,
    /// Names this state.
    pub etag: String,
    /// The response document: JSON.
    pub body: Arc<[u8]>,
}

impl EndedJob {
    pub(super) fn new(master: Master) -> Self {
        let end = master.completed_at.unwrap_or(master.last_aggregation);
        let document = view::document(&master, &std::collections::BTreeMap::new(), end);
        let body = live::json(&document);
        let hash = blake3::hash(&body).to_hex();
        Self { etag: format!("\"{}\"", hash.get(..24).unwrap_or_default()), master, body }
    }

    /// About what it takes of the memory: the master is about as large as the document.
    fn bytes(&self) -> usize {
        3 * self.body.len() + 1024
    }
}

/// Those asked for last.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<VecDeque<(Tenant, Uuid, Arc<EndedJob>)>>);

/// More would make looking through them slow.
const ENTRIES_MAX: usize = 256;

impl Cache {
    pub(super) fn get(&self, tenant: &Tenant, id: Uuid) -> Option<Arc<EndedJob>> {
        let mut kept = self.lock();
        let at = kept.iter().position(|(owner, known, _)| *known == id && owner == tenant)?;
        let found = kept.remove(at)?;
        let job = Arc::clone(&found.2);
        kept.push_front(found);
        Some(job)
    }

    pub(super) fn put(&self, tenant: &Tenant, id: Uuid, job: &Arc<EndedJob>) {
        let mut kept = self.lock();
        kept.push_front((tenant.clone(), id, Arc::clone(job)));
        while kept.len() > ENTRIES_MAX
            || kept.iter().map(|(_, _, job)| job.bytes()).sum::<usize>() > ENDED_CACHE_BYTES_MAX
        {
            kept.pop_back();
        }
    }

    pub(super) fn forget(&self, tenant: &Tenant, id: Uuid) {
        self.lock().retain(|(owner, known, _)| *known != id || owner != tenant);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Tenant, Uuid, Arc<EndedJob>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
