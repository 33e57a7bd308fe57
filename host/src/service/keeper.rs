//! Tidies up behind jobs that have ended: compresses them, removes them when they are old or there are too many, and
//! measures what they take.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use fumehood_contract::Timestamp;

use super::Service;
use super::index::Entry;
use crate::jobs::store::JobStore;
use crate::limits::TIDY_INTERVAL;
use crate::tenants::Tenant;

/// Tidies up again and again until the service stops.
pub async fn run(service: Arc<Service>) {
    let mut stopping = service.stopping();
    loop {
        let round = tokio::task::spawn_blocking({
            let service = Arc::clone(&service);
            move || tidy(&service)
        });
        // A round that fails is followed by another.
        let _failed = round.await;
        tokio::select! {
            () = tokio::time::sleep(TIDY_INTERVAL.min(service.rules.retention.plain.max(Duration::from_secs(1)))) => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}

/// One round.
fn tidy(service: &Arc<Service>) {
    let retention = service.rules.retention;
    let now = Timestamp::now();
    let age = |entry: &Entry| entry.completed_at.map_or(0, |end| now.seconds_since(end));
    for (tenant, entry) in service.index.ended() {
        if service.is_stopping() {
            return;
        }
        if age(&entry) >= retention.keep.as_secs() {
            // What cannot be removed now is tried again.
            let _again = service.remove(&tenant, entry.id);
        } else if !entry.is_compressed && age(&entry) >= retention.plain.as_secs() {
            compress(service, &tenant, &entry);
        } else if entry.stored_bytes.is_none() {
            measure(service, &tenant, &entry);
        }
    }
    make_room(service);
    remove_leftovers(service);
}

fn compress(service: &Service, tenant: &Tenant, entry: &Entry) {
    // It may have been taken up again since the round began.
    let Some(_claim) = service.claim(tenant, entry.id) else { return };
    let store = service.store(tenant, entry.id);
    // A full disk, for example: the next round tries again.
    let Ok(()) = store.compress() else { return };
    service.index.update(tenant, entry.id, |entry| entry.is_compressed = true);
    measure(service, tenant, entry);
}

fn measure(service: &Service, tenant: &Tenant, entry: &Entry) {
    let bytes = service.store(tenant, entry.id).bytes();
    service.index.update(tenant, entry.id, |entry| entry.stored_bytes = Some(bytes));
}

/// Removes the jobs that ended first until the others fit.
fn make_room(service: &Service) {
    let ended = service.index.ended();
    let mut total: u64 = ended.iter().filter_map(|(_, entry)| entry.stored_bytes).sum();
    for (tenant, entry) in ended {
        if total <= service.rules.retention.keep_bytes {
            return;
        }
        if service.remove(&tenant, entry.id).unwrap_or(false) {
            total = total.saturating_sub(entry.stored_bytes.unwrap_or(0));
        }
    }
}

/// Folders that never became jobs, or whose removal was interrupted.
const LEFTOVER_AGE: Duration = Duration::from_secs(3600);

fn remove_leftovers(service: &Service) {
    let limit = SystemTime::now().checked_sub(LEFTOVER_AGE).unwrap_or(SystemTime::UNIX_EPOCH);
    for store in JobStore::leftovers(&service.data, limit) {
        // What cannot be removed now is tried again.
        let _again = store.remove();
    }
}
