//! Brings one job to its end: finds out what it is made of, then has it scanned.

use std::collections::HashSet;

use fumehood_contract::Timestamp;
use fumehood_contract::master::Repository;
use tokio::sync::watch;

use super::{ScanRequest, Service};
use crate::forges;
use crate::forges::filter::Filter;
use crate::jobs::dispatcher::{self, Places, Shared};
use crate::jobs::store::JobStore;
use crate::source::location::Remote;
use crate::tenants::Tenant;

/// Runs the job until it is over, or the service stops: then it is left as it is for the next service.
pub(super) async fn run(
    service: &std::sync::Arc<Service>,
    tenant: &Tenant,
    store: &JobStore,
    live: Shared,
    request: Option<ScanRequest>,
    cancelled: watch::Receiver<bool>,
    changed: watch::Sender<u64>,
) {
    let mut stopping = service.stopping.subscribe();
    let work = async {
        if let Some(request) = request {
            let expanded = tokio::task::spawn_blocking({
                let service = std::sync::Arc::clone(service);
                move || expand(&service, &request)
            });
            let found = expanded.await.unwrap_or_else(|_| Err("looking up its repositories failed".to_owned()));
            dispatcher::expanded(&live, found);
            changed.send_modify(|version| *version += 1);
        }
        let is_hopeless = dispatcher::read(&live).master.error.is_some();
        if is_hopeless {
            return dispatcher::give_up(store, &live);
        }
        let share = service.quotas.share;
        let places = Places { pool: service.pool.clone(), tenant: tenant.to_string(), share };
        let settings = std::sync::Arc::clone(&service.settings);
        let watcher = &mut |_: dispatcher::Notice<'_>| changed.send_modify(|version| *version += 1);
        dispatcher::run(store, std::sync::Arc::clone(&live), settings, places, cancelled, watcher).await
    };
    let ended = tokio::select! {
        ended = work => ended,
        _ = stopping.wait_for(|stopping| *stopping) => return,
    };
    if let Err(error) = ended {
        // The disk is full or gone: nothing can be written down. The next service tries again.
        complain(&format!("job {}: {error}", store.id()));
    }
    changed.send_modify(|version| *version += 1);
}

fn expand(service: &Service, request: &ScanRequest) -> Result<Vec<Repository>, String> {
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
        if found.len() > service.quotas.repositories {
            return Err(format!("more than the {} repositories that a job may have", service.quotas.repositories));
        }
    }
    if found.is_empty() { Err("there is no repository there".to_owned()) } else { Ok(found) }
}

#[expect(clippy::print_stderr, reason = "the service's log is its standard error")]
fn complain(message: &str) {
    eprintln!("{} {message}", Timestamp::now());
}
