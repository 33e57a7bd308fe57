//! What the operator allows: quotas of tenants, and how long jobs are kept.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::jobs::fair::Share;
use crate::limits;
use crate::policy::Policy;
use crate::scanners::{Registered, ScannerHash};
use crate::secret::Secret;
use crate::tenants::Tenant;

/// What one tenant may have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quotas {
    /// Of the pool of workers.
    pub share: Share,
    /// Jobs that have not ended.
    pub jobs: usize,
    /// Repositories that wait or are at work, in all jobs together.
    pub queued_repositories: usize,
    /// Repositories of one job.
    pub repositories_a_job: usize,
    /// What jobs may take of the disk, together.
    pub stored_bytes: u64,
    /// Requests a second, in the long run.
    pub requests_a_second: u32,
    /// Requests at once after a while of silence.
    pub requests_burst: u32,
}

impl Quotas {
    /// Where the operator says nothing: the whole pool of `workers`.
    pub fn usual(workers: usize) -> Self {
        Self {
            share: Share { weight: 1, at_once: workers },
            jobs: limits::JOBS_AT_ONCE,
            queued_repositories: limits::QUEUED_REPOSITORIES,
            repositories_a_job: limits::REPOSITORIES_MAX,
            stored_bytes: limits::TENANT_STORED_BYTES,
            requests_a_second: limits::REQUESTS_A_SECOND,
            requests_burst: limits::REQUESTS_BURST,
        }
    }
}

/// How long what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Jobs, after their end.
    pub keep: Duration,
    /// All jobs together; the ones that ended first go first.
    pub keep_bytes: u64,
    /// Reports and statuses as they were written, after their end; then compressed.
    pub plain: Duration,
    /// What must be free on the disk for a new job.
    pub free_bytes_min: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            keep: limits::JOB_AGE_MAX,
            keep_bytes: limits::STORED_BYTES_MAX,
            plain: limits::PLAIN_AGE_MAX,
            free_bytes_min: limits::FREE_BYTES_MIN,
        }
    }
}

/// What holds for one tenant in particular.
#[derive(Clone, Debug)]
pub struct TenantRules {
    /// What it may have.
    pub quotas: Quotas,
    /// What its webhooks are signed with; without it there are none.
    pub webhook_secret: Option<Secret>,
    /// What its reports are judged by, if anything.
    pub policy: Option<Arc<Policy>>,
    /// The scanners that it may use besides the usual one.
    pub scanners: HashSet<ScannerHash>,
}

/// Where webhooks may go beyond the public internet.
#[derive(Clone, Debug, Default)]
pub struct WebhookReach {
    /// Networks that are not public.
    pub allow_addresses: Vec<ipnet::IpNet>,
    /// Certificate authorities beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// Everything that the operator allows.
#[derive(Clone, Debug)]
pub struct Rules {
    /// For tenants that are not named.
    pub usual: TenantRules,
    /// For those that are.
    pub named: HashMap<Tenant, TenantRules>,
    /// How long jobs are kept.
    pub retention: Retention,
    /// Where webhooks may go.
    pub webhooks: WebhookReach,
    /// Whether paths on this machine may be scanned, and below which folder.
    pub local_root: Option<PathBuf>,
    /// Scanners besides the usual one, which tenants may use that are allowed to.
    pub scanners: Vec<Registered>,
}

impl Rules {
    /// What holds for this tenant.
    pub fn of(&self, tenant: &Tenant) -> &TenantRules {
        self.named.get(tenant).unwrap_or(&self.usual)
    }

    /// What this tenant may have.
    pub fn quotas(&self, tenant: &Tenant) -> Quotas {
        self.of(tenant).quotas
    }
}
