//! What `serve` is to do: flags and environment over the configuration file over what is usual.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZero;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::Context as _;

use crate::cli::{FetchArgs, ServeArgs};
use crate::config::{self, Config};
use crate::forges::Forges;
use crate::jobs::dispatcher::Settings;
use crate::limits;
use crate::scanners;
use crate::service::rules::Rules;
use crate::source::ListOptions;
use crate::text;
use crate::worker::artefact::Artefacts;
use crate::worker::lockdown::Mode;
use crate::worker::spec::CallRules;
use crate::worker::supervise::Patience;

/// What `serve` is to do.
#[derive(Debug)]
pub(super) struct ServeSettings {
    /// The configuration file, if there is one.
    pub file: Option<PathBuf>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where jobs and tokens are kept.
    pub data: PathBuf,
    /// Repositories scanned at the same time.
    pub workers: usize,
    /// What tenants may have, and how long it is kept.
    pub rules: Rules,
    /// The longest a repository may take.
    pub timeout: Duration,
    /// Between two writes of a status file.
    pub status_interval: Duration,
    /// After failures of ours.
    pub retries: u32,
    /// What the workers' sandbox must have.
    pub sandbox: Mode,
    cgroup: Option<PathBuf>,
    cache_dir: Option<PathBuf>,
    forges: Forges,
    calls: CallRules,
}

const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

impl ServeSettings {
    /// Of these arguments over this file.
    pub(super) fn new(args: &ServeArgs, file: Config) -> anyhow::Result<Self> {
        let service = &file.service;
        let cores = || available_parallelism().map_or(1, NonZero::get);
        let workers = args.jobs.or(service.workers).map_or_else(cores, NonZero::get);
        let mut rules = file.rules(workers)?;
        if let Some(root) = &args.local_root {
            rules.local_root = Some(std::path::absolute(root)?);
        }
        let seconds = |seconds: Option<std::num::NonZeroU64>| seconds.map(|seconds| Duration::from_secs(seconds.get()));
        Ok(Self {
            file: file.path().map(std::path::Path::to_owned),
            listen: args.listen.or(service.listen).unwrap_or(LISTEN),
            data: config::data_dir(args.data_dir.as_deref().or(service.data_dir.as_deref()))?,
            workers,
            rules,
            timeout: args.timeout.or_else(|| seconds(service.timeout_seconds)).unwrap_or(limits::DEADLINE),
            status_interval: args
                .status_interval
                .or_else(|| seconds(service.status_interval_seconds))
                .unwrap_or(limits::STATUS_INTERVAL),
            retries: args.retries.or(service.retries).unwrap_or(limits::RETRIES),
            cgroup: args.cgroup.clone().or_else(|| service.cgroup.clone()),
            sandbox: args.sandbox.or(service.sandbox).unwrap_or(Mode::Strict),
            calls: if service.api_calls.unwrap_or(true) { CallRules::Usual } else { CallRules::Off },
            cache_dir: args.cache_dir.clone().or_else(|| service.cache_dir.clone()),
            forges: config::forges_with(&FetchArgs::default(), file.forges)?,
        })
    }

    /// Where compiled scanners are kept.
    pub(super) fn artefacts(&self) -> anyhow::Result<Artefacts> {
        Ok(Artefacts::open(config::cache_dir(self.cache_dir.as_deref())?, limits::COMPILE_DEADLINE)?)
    }

    /// What jobs are scanned with. Compiles the scanner if that was not done before.
    pub(super) fn scanning(&self, args: &ServeArgs, artefacts: &Artefacts) -> anyhow::Result<Settings> {
        Ok(Settings {
            program: std::env::current_exe().context("cannot find our own binary")?,
            patience: Patience { deadline: self.timeout, stale: limits::STALE.max(4 * self.status_interval) },
            status_interval: self.status_interval,
            artefact: match &args.scanner {
                Some(file) => scanners::prepare(artefacts, file, &scanners::read(file)?)?,
                None => scanners::ours(artefacts)?,
            },
            list: ListOptions::default(),
            calls: self.calls.clone(),
            // Its other cores are for other repositories.
            sandboxes: 1,
            fuel: limits::FUEL,
            memory_bytes: limits::GUEST_MEMORY_BYTES,
            niceness: limits::SERVICE_WORKER_NICENESS,
            control_group: self.cgroup.clone(),
            sandbox: self.sandbox,
            without: Vec::new(),
            forges: self.forges.clone(),
            reuse: None,
            keeps_found: false,
            retries: self.retries,
        })
    }
}

impl std::fmt::Display for ServeSettings {
    /// For `fumehood config check`; what is secret is not shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let time = |time: Duration| humantime::format_duration(time).to_string();
        let retention = self.rules.retention;
        let file = self.file.as_ref();
        writeln!(f, "file              {}", file.map_or("none".to_owned(), |file| file.display().to_string()))?;
        writeln!(f, "listen            {}", self.listen)?;
        writeln!(f, "data              {}", self.data.display())?;
        writeln!(f, "workers           {}", self.workers)?;
        let root = self.rules.local_root.as_ref();
        writeln!(f, "local root        {}", root.map_or("none".to_owned(), |root| root.display().to_string()))?;
        writeln!(f, "timeout           {}", time(self.timeout))?;
        writeln!(f, "status interval   {}", time(self.status_interval))?;
        writeln!(f, "retries           {}", self.retries)?;
        writeln!(f, "sandbox           {}", self.sandbox.name())?;
        writeln!(f, "jobs are kept     {}, {} MiB", time(retention.keep), retention.keep_bytes >> 20)?;
        writeln!(f, "as plain files    {}", time(retention.plain))?;
        writeln!(f, "free disk, least  {} MiB", retention.free_bytes_min >> 20)?;
        for forge in &self.forges.known {
            let token = if forge.token.is_some() { "with a token" } else { "without a token" };
            writeln!(f, "forge             {} {token}", forge.host)?;
        }
        for scanner in &self.rules.scanners {
            writeln!(f, "scanner           {} {} {}", scanner.blake3, scanner.name, scanner.file.display())?;
        }
        let mut tenants: Vec<_> = self.rules.named.iter().map(|(name, rules)| (Some(name), rules)).collect();
        tenants.sort_by_key(|(name, _)| name.map(crate::tenants::Tenant::as_str));
        for (name, rules) in std::iter::once((None, &self.rules.usual)).chain(tenants) {
            let quotas = rules.quotas;
            writeln!(
                f,
                "tenant            {}: {} workers, weight {}, {} jobs, {} repositories queued, {} a job, {} MiB, \
                 {} requests a second, {} at once, webhooks {}, policy {}, {}",
                name.map_or("any other", |name| name.as_str()),
                quotas.share.at_once,
                quotas.share.weight,
                quotas.jobs,
                quotas.queued_repositories,
                quotas.repositories_a_job,
                quotas.stored_bytes >> 20,
                quotas.requests_a_second,
                quotas.requests_burst,
                if rules.webhook_secret.is_some() { "signed" } else { "off" },
                rules.policy.as_ref().map_or("none", |policy| policy.name()),
                text::count(rules.scanners.len() as u64, "further scanner"),
            )?;
        }
        Ok(())
    }
}
