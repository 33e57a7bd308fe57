//! Brings one job to its end: finds out what it is made of, then has it scanned.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use fumehood_contract::master::Repository;

use super::running::Seat;
use super::{ScanRequest, Service};
use crate::forges;
use crate::forges::filter::Filter;
use crate::jobs::dispatcher::{self, Places};
use crate::jobs::live::{self, Shared};
use crate::jobs::store::{JobStore, StoreError};
use crate::source::location::Remote;
use crate::tenants::Tenant;

/// How long to wait until an end is written down that could not be.
const DISK_PATIENCE: Duration = Duration::from_secs(15);

/// Runs the job until it is over and stored; true then. Or until the service stops: then it is left as it is for the
/// next service.
pub(super) async fn run(
    service: &Arc<Service>,
    tenant: &Tenant,
    store: &JobStore,
    live: &Shared,
    request: Option<ScanRequest>,
    seat: &Seat,
) -> bool {
    let mut stopping = service.stopping.subscribe();
    let work = async {
        let mut ended = work(service, tenant, store, live, request, seat).await;
        // The disk is full or gone: until the end is stored, it is in memory.
        while let Err(error) = ended {
            crate::log::say(&format!("job {}: {error}", store.id()));
            tokio::time::sleep(DISK_PATIENCE).await;
            ended = live::save_behind(store, live).await;
        }
    };
    tokio::select! {
        () = work => true,
        _ = stopping.wait_for(|stopping| *stopping) => false,
    }
}

async fn work(
    service: &Arc<Service>,
    tenant: &Tenant,
    store: &JobStore,
    live: &Shared,
    request: Option<ScanRequest>,
    seat: &Seat,
) -> Result<(), StoreError> {
    let scanner = live::read(live).master.scanner.clone();
    let Some(settings) = service.scanner(tenant, scanner.as_deref()) else {
        // A service before this one had it.
        live::expanded(live, Err(format!("the scanner {} is not there any more", scanner.unwrap_or_default())));
        return live::give_up(store, live).await;
    };
    let tell = || seat.changed.send_modify(|version| *version += 1);
    if let Some(request) = request {
        let mut cancelled = seat.cancelled.clone();
        let found = tokio::select! {
            found = look_up(service, tenant, request) => Some(found),
            _ = cancelled.wait_for(|cancelled| *cancelled) => None,
        };
        let is_known =
            found.and_then(|found| service.running.expand(tenant, store.id(), found, service.quotas(tenant)));
        tell();
        if is_known.is_none() || live::read(live).master.error.is_some() {
            return live::give_up(store, live).await;
        }
    }
    let share = service.quotas(tenant).share;
    let places = Places { pool: service.pool.clone(), tenant: tenant.to_string(), share };
    let watcher = &mut |notice: dispatcher::Notice<'_>| {
        if let dispatcher::Notice::Ended { index, master, .. } = &notice
            && let Some(ended) = master.ended.get(index)
        {
            service.metrics.repository_ended(ended);
        }
        tell();
    };
    dispatcher::run(store, Arc::clone(live), settings, places, seat.cancelled.clone(), watcher).await
}

/// What a request is made of. Asking may take as long as a forge wants, so a tenant may have few forges asked at once.
async fn look_up(service: &Arc<Service>, tenant: &Tenant, request: ScanRequest) -> Result<Vec<Repository>, String> {
    let most = service.quotas(tenant).repositories_a_job;
    let place = service.lookup_place(tenant).await;
    let expanded = tokio::task::spawn_blocking({
        let service = Arc::clone(service);
        move || {
            let expanded = expand(&service, &request, most);
            drop(place);
            expanded
        }
    });
    expanded.await.unwrap_or_else(|_| Err("looking up its repositories failed".to_owned()))
}

fn expand(service: &Service, request: &ScanRequest, most: usize) -> Result<Vec<Repository>, String> {
    if let Some(path) = &request.path {
        let folder = service.local_folder(path).map_err(|error| error.to_string())?;
        let source = folder.to_str().ok_or("the folder's name is not UTF-8")?.to_owned();
        return Ok(vec![Repository { name: path.clone(), source }]);
    }
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for url in request.urls() {
        let remote = Remote::parse(url).map_err(|error| error.to_string())?;
        let expansion = forges::expand(&remote, &service.settings.forges, &Filter::default(), &mut |_| {})
            .map_err(|error| format!("{remote}: {error}"))?;
        let repositories = expansion.repositories.iter();
        found.extend(
            repositories
                .map(|found| Repository { name: found.name(), source: found.to_string() })
                .filter(|found| seen.insert(found.source.clone())),
        );
        if found.len() > most {
            return Err(format!("more than the {most} repositories that a job may have"));
        }
    }
    if found.is_empty() { Err("there is no repository there".to_owned()) } else { Ok(found) }
}
