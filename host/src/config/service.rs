//! `[service]` and `[[tenants]]` of the configuration file: what flags and environment do not say.
//!
//! ```toml
//! [service]
//! listen = "127.0.0.1:8080"
//! workers = 4                          # repositories scanned at the same time
//! data_dir = "/var/lib/fumehood"
//! cache_dir = "/var/cache/fumehood"
//! local_root = "/srv/sources"          # lets clients name folders below it
//! timeout_seconds = 3600
//! status_interval_seconds = 30
//! retries = 2                          # after failures of our own kind
//! sandbox = "strict"                   # refuse to scan where a layer of it is missing
//! cgroup = "/sys/fs/cgroup/fumehood"   # delegated to us: each worker gets a group below it
//! api_calls = true                     # look for what the code talks to
//! policy_file = "/etc/fumehood/policy.yaml"   # what reports are judged by
//!
//! [service.retention]
//! keep_hours = 24
//! keep_mebibytes = 20480
//! plain_minutes = 60                   # until reports are compressed
//! free_mebibytes_min = 512             # less than that, and no new jobs are taken
//!
//! [service.webhooks]
//! allow_addresses = ["10.0.0.0/8"]
//! ca_file = "/etc/ssl/our-authority.pem"
//!
//! [service.quotas]                     # of every tenant that has no quotas of its own
//! workers = 4
//! weight = 1                           # turns in a row when tenants wait for workers
//! jobs = 1000
//! queued_repositories = 200000
//! repositories_a_job = 100000
//! stored_mebibytes = 10240
//! requests_a_second = 200
//! requests_burst = 1000
//!
//! [[tenants]]
//! name = "acme"
//! webhook_secret_file = "/run/secrets/acme-webhook"
//! policy_file = "acme.yaml"            # instead of the service's
//! quotas = { workers = 2, requests_a_second = 20 }
//! scanners = ["af1349b9f5f9a1a6…"]     # of [[scanners]]; see `scanners`
//! ```

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use ipnet::IpNet;
use serde::Deserialize;

use super::file::token;
use crate::jobs::fair::Share;
use crate::policy;
use crate::scanners::{Registered, ScannerHash};
use crate::service::rules::{Quotas, Retention, Rules, TenantRules, WebhookReach};
use crate::tenants::Tenant;
use crate::worker::lockdown::Mode;

/// `[service]`. Whatever is left out has its usual value.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceFile {
    /// See `serve --listen`.
    pub listen: Option<SocketAddr>,
    /// See `serve --jobs`.
    pub workers: Option<NonZeroUsize>,
    /// See `serve --data-dir`.
    pub data_dir: Option<PathBuf>,
    /// See `serve --cache-dir`.
    pub cache_dir: Option<PathBuf>,
    /// See `serve --local-root`.
    pub local_root: Option<PathBuf>,
    /// See `serve --timeout`.
    pub timeout_seconds: Option<NonZeroU64>,
    /// See `serve --status-interval`.
    pub status_interval_seconds: Option<NonZeroU64>,
    /// See `serve --retries`.
    pub retries: Option<u32>,
    /// See `serve --sandbox`.
    pub sandbox: Option<Mode>,
    /// See `serve --cgroup`.
    pub cgroup: Option<PathBuf>,
    /// Whether the scanner looks for what the code talks to; it does unless told otherwise.
    pub api_calls: Option<bool>,
    policy_file: Option<PathBuf>,
    retention: RetentionFile,
    webhooks: WebhooksFile,
    quotas: QuotasFile,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RetentionFile {
    keep_hours: Option<NonZeroU64>,
    keep_mebibytes: Option<NonZeroU64>,
    plain_minutes: Option<u64>,
    free_mebibytes_min: Option<u64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WebhooksFile {
    allow_addresses: Vec<IpNet>,
    ca_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct QuotasFile {
    workers: Option<NonZeroUsize>,
    weight: Option<NonZeroU32>,
    jobs: Option<usize>,
    queued_repositories: Option<usize>,
    repositories_a_job: Option<NonZeroUsize>,
    stored_mebibytes: Option<u64>,
    requests_a_second: Option<NonZeroU32>,
    requests_burst: Option<NonZeroU32>,
}

/// `[[tenants]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TenantFile {
    name: Tenant,
    webhook_secret_file: Option<PathBuf>,
    policy_file: Option<PathBuf>,
    #[serde(default)]
    quotas: QuotasFile,
    #[serde(default)]
    scanners: Vec<ScannerHash>,
}

const MIB: u64 = 1024 * 1024;

impl ServiceFile {
    /// Paths of the file begin where it lies.
    pub(super) fn beside(mut self, folder: &Path) -> std::io::Result<Self> {
        let paths = [&mut self.data_dir, &mut self.cache_dir, &mut self.local_root, &mut self.webhooks.ca_file];
        for path in paths.into_iter().flatten() {
            *path = std::path::absolute(folder.join(&*path))?;
        }
        Ok(self)
    }
}

/// What the operator allows, where the pool has `workers`. `folder` is where the file lies.
pub(super) fn rules(
    service: &ServiceFile,
    tenants: &[TenantFile],
    scanners: Vec<Registered>,
    folder: &Path,
    workers: usize,
) -> anyhow::Result<Rules> {
    let usual = quotas(service.quotas, Quotas::usual(workers));
    let policy = |file: &Option<PathBuf>| file.as_ref().map(|file| policy::load(&folder.join(file)).map(Arc::new));
    let usual_policy = policy(&service.policy_file).transpose()?;
    let mut named = HashMap::new();
    for tenant in tenants {
        let secret = tenant.webhook_secret_file.as_ref().map(|path| token(&folder.join(path)));
        let own_policy = policy(&tenant.policy_file).transpose().with_context(|| format!("tenant {}", tenant.name))?;
        let rules = TenantRules {
            policy: own_policy.or_else(|| usual_policy.clone()),
            scanners: super::scanners::allowed(&tenant.scanners, &scanners)
                .with_context(|| format!("tenant {}", tenant.name))?,
            quotas: quotas(tenant.quotas, usual),
            webhook_secret: secret
                .transpose()
                .with_context(|| format!("tenant {}: webhook_secret_file", tenant.name))?,
        };
        if let Some(secret) = &rules.webhook_secret {
            crate::service::webhook::key(secret)
                .with_context(|| format!("tenant {}: webhook_secret_file", tenant.name))?;
        }
        if named.insert(tenant.name.clone(), rules).is_some() {
            bail!("tenant {} stands there twice", tenant.name);
        }
    }
    Ok(Rules {
        usual: TenantRules { quotas: usual, webhook_secret: None, policy: usual_policy, scanners: HashSet::new() },
        scanners,
        named,
        retention: retention(&service.retention),
        webhooks: WebhookReach {
            allow_addresses: service.webhooks.allow_addresses.clone(),
            ca_file: service.webhooks.ca_file.clone(),
        },
        local_root: service.local_root.clone(),
    })
}

fn quotas(file: QuotasFile, usual: Quotas) -> Quotas {
    Quotas {
        share: Share {
            weight: file.weight.map_or(usual.share.weight, NonZeroU32::get),
            at_once: file.workers.map_or(usual.share.at_once, NonZeroUsize::get),
        },
        jobs: file.jobs.unwrap_or(usual.jobs),
        queued_repositories: file.queued_repositories.unwrap_or(usual.queued_repositories),
        repositories_a_job: file.repositories_a_job.map_or(usual.repositories_a_job, NonZeroUsize::get),
        stored_bytes: file.stored_mebibytes.map_or(usual.stored_bytes, |mebibytes| mebibytes.saturating_mul(MIB)),
        requests_a_second: file.requests_a_second.map_or(usual.requests_a_second, NonZeroU32::get),
        requests_burst: file.requests_burst.map_or(usual.requests_burst, NonZeroU32::get),
    }
}

fn retention(file: &RetentionFile) -> Retention {
    let usual = Retention::default();
    Retention {
        keep: file.keep_hours.map_or(usual.keep, |hours| Duration::from_secs(hours.get().saturating_mul(3600))),
        keep_bytes: file.keep_mebibytes.map_or(usual.keep_bytes, |mebibytes| mebibytes.get().saturating_mul(MIB)),
        plain: file.plain_minutes.map_or(usual.plain, |minutes| Duration::from_secs(minutes.saturating_mul(60))),
        free_bytes_min: file.free_mebibytes_min.map_or(usual.free_bytes_min, |mebibytes| mebibytes.saturating_mul(MIB)),
    }
}
