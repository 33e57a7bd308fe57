//! `fumehood scan`: from what a person names to a job, from a job to what is printed.

mod targets;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, available_parallelism};

use anyhow::Context as _;
use fumehood_contract::master::{JobState, Master, Repository};

use self::targets::Targets;

use crate::cli::{Exit, MIB, ScanArgs};
use crate::forges::Forges;
use crate::forges::filter::Filter;
use crate::jobs::dispatcher::{self, Notice, Places, Settings};
use crate::jobs::fair::{FairPool, Share};
use crate::jobs::live;
use crate::jobs::reuse::Reuse;
use crate::jobs::store::{self, JobStore, LOCAL_TENANT};
use crate::policy::{self, Date, Found, Policy, PolicyError, Status};
use crate::progress::{self, Progress};
use crate::report::{self, FinishedJob, RepoReport};
use crate::scanners::{self, ScannerError, ScannerHash};
use crate::source::ListOptions;
use crate::worker::artefact::Artefacts;
use crate::worker::lockdown::Mode;
use crate::worker::spec::{Artefact, CallRules};
use crate::worker::supervise::Patience;
use crate::{config, doctor, limits, output, signals};

/// The whole command.
pub fn main(args: &ScanArgs) -> anyhow::Result<Exit> {
    let watched = io::stderr().is_terminal() && !args.quiet;
    let forges = config::forges(&args.fetch)?;
    let targets = match targets(args, &forges) {
        Ok(targets) => targets,
        Err(error) => {
            say(&format!("fumehood: {error:#}"));
            return Ok(Exit::Usage);
        }
    };
    let repositories = targets.repositories;
    let policy = match policy(args, &repositories) {
        Ok(policy) => policy,
        Err(error) => {
            say(&format!("fumehood: {error}"));
            return Ok(Exit::Usage);
        }
    };
    let (artefact, scanner) = match scanner(args)? {
        Ok(scanner) => scanner,
        Err(error) => {
            say(&format!("fumehood: {error}"));
            return Ok(Exit::Usage);
        }
    };
    let settings = Arc::new(settings(args, artefact, forges, repositories.len(), watched)?);
    let data = config::data_dir(args.data_dir.as_deref())?;
    let store = JobStore::create(&data, LOCAL_TENANT)?;
    let tidying = thread::spawn(move || store::remove_old(&data, LOCAL_TENANT, limits::JOB_AGE_MAX));
    let asked = args.sources.join(" ");
    let names = repositories.iter().map(|repository| repository.name.clone()).collect();
    let mut progress = Progress::new(names, watched, args.quiet);
    let runtime = tokio::runtime::Runtime::new().context("no runtime")?;
    let job = live::begin(&store, &asked, repositories, scanner);
    let mut found = BTreeMap::new();
    runtime.block_on(async {
        if settings.sandbox == Mode::Strict {
            doctor::demand_all(&settings.artefact).await?;
        }
        let cancelled = signals::asked_to_end()?;
        let watcher = &mut |notice: Notice<'_>| {
            progress.show(&notice);
            if let Notice::Ended { index, found: Some(one), .. } = notice {
                found.insert(index, one);
            }
        };
        anyhow::Ok(dispatcher::run(&store, job.clone(), settings, places(args), cancelled, watcher).await?)
    })?;
    let job = live::read(&job);
    progress.finish(&job.master, store.folder());
    let mut reports = report::of_job(&store, &job.master, found);
    if let Some(policy) = policy {
        policy.judge(&mut reports, Date::today());
    }
    print(args, &job.master, &reports)?;
    // What is old and could not be removed now, the next scan removes.
    let _removed = tidying.join();
    Ok(exit(args, &job.master, &reports))
}

/// The policy that is named, or that of the folder where the command runs.
fn policy(args: &ScanArgs, repositories: &[Repository]) -> Result<Option<Box<Policy>>, PolicyError> {
    let folders = repositories.iter().map(|repository| Path::new(&repository.source));
    let here = std::env::current_dir().unwrap_or_default();
    match policy::find(args.policy.as_deref(), &here, folders.filter(|path| path.is_absolute()))? {
        Found::Policy(policy) => Ok(Some(policy)),
        Found::Nothing => Ok(None),
        Found::OfTheScanned(path) => {
            let path = path.display();
            if !args.quiet {
                say(&format!(
                    "{path} lies in what is scanned, which does not judge itself; to use it: --policy {path}"
                ));
            }
            Ok(None)
        }
    }
}

/// The repositories behind the sources. While forges are asked, standard error says so.
fn targets(args: &ScanArgs, forges: &Forges) -> anyhow::Result<Targets> {
    let fetch = &args.fetch;
    let filter = Filter::new(&fetch.include, &fetch.exclude, fetch.no_archived, fetch.no_forks)
        .map_err(|error| anyhow::anyhow!("--include and --exclude: {error}"))?;
    let asking = progress::Asking::new(args.quiet);
    let targets = targets::find(args, forges, &filter, &mut |message| asking.say(message));
    asking.finish();
    let targets = targets?;
    if !targets.left_out.is_empty() && !args.quiet {
        say(&format!("left out: {}", targets.left_out()));
    }
    Ok(targets)
}

fn cores() -> usize {
    available_parallelism().map_or(1, std::num::NonZero::get)
}

fn pool(args: &ScanArgs) -> usize {
    args.jobs.map_or_else(cores, std::num::NonZero::get)
}

/// The sandboxes of each repository: what cores are left where there are fewer repositories than cores.
fn sandboxes(args: &ScanArgs, repositories: usize) -> u32 {
    let at_once = pool(args).min(repositories).max(1);
    let left = u32::try_from(cores() / at_once).unwrap_or(u32::MAX);
    args.sandboxes.unwrap_or(left).clamp(1, limits::SANDBOXES_MAX)
}

/// A person at a terminal has the whole pool.
fn places(args: &ScanArgs) -> Places {
    let pool = pool(args);
    Places { pool: FairPool::new(pool), tenant: LOCAL_TENANT.to_owned(), share: Share { weight: 1, at_once: pool } }
}

fn settings(
    args: &ScanArgs,
    artefact: Artefact,
    forges: Forges,
    repositories: usize,
    watched: bool,
) -> anyhow::Result<Settings> {
    let usual = if watched { limits::STATUS_INTERVAL_WATCHED } else { limits::STATUS_INTERVAL };
    let status_interval = args.status_interval.unwrap_or(usual);
    Ok(Settings {
        program: std::env::current_exe().context("cannot find our own binary")?,
        patience: Patience {
            deadline: args.timeout,
            stale: args.stale.unwrap_or(limits::STALE.max(4 * status_interval)),
        },
        status_interval,
        artefact,
        calls: call_rules(args),
        list: ListOptions { include_installed: args.include_installed },
        keeps_found: true,
        retries: args.retries,
        sandboxes: sandboxes(args, repositories),
        fuel: args.fuel,
        memory_bytes: args.memory * MIB,
        niceness: 0,
        sandbox: args.sandbox.sandbox,
        control_group: args.sandbox.cgroup.clone(),
        without: args.sandbox.without.clone(),
        forges,
        reuse: args
            .fetch
            .cache
            .as_deref()
            .map(|folder| Reuse::open(&std::path::absolute(folder)?))
            .transpose()
            .context("cannot keep scans in the folder of --cache")?,
    })
}

fn call_rules(args: &ScanArgs) -> CallRules {
    match &args.exclude_api_calls {
        _ if args.no_api_calls => CallRules::Off,
        None => CallRules::Usual,
        Some(patterns) => CallRules::Excluding(patterns.clone()),
    }
}

/// The scanner, compiled, with the hash of its file; ours, which has none, if no other is named.
fn scanner(args: &ScanArgs) -> anyhow::Result<Result<(Artefact, Option<ScannerHash>), ScannerError>> {
    let artefacts = Artefacts::open(config::cache_dir(args.cache_dir.as_deref())?, args.compile_timeout)?;
    let prepared = match &args.scanner {
        None => scanners::ours(&artefacts).map(|artefact| (artefact, None)),
        Some(file) => scanners::read(file).and_then(|wasm| {
            let artefact = scanners::prepare(&artefacts, file, &wasm)?;
            Ok((artefact, Some(scanners::hash(&wasm))))
        }),
    };
    match prepared {
        Err(ScannerError::Ours(error)) => Err(error.into()),
        prepared => Ok(prepared),
    }
}

fn print(args: &ScanArgs, master: &Master, reports: &[RepoReport]) -> anyhow::Result<()> {
    let job = FinishedJob { master, reports, moment: config::source_date() };
    let terminal = args.output.is_none() && io::stdout().is_terminal();
    output::write(args.output.as_deref(), &mut |out| args.format.write(out, job, terminal))
}
fn exit(args: &ScanArgs, master: &Master, reports: &[RepoReport]) -> Exit {
    let incomplete = master.ended.values().any(|ended| !ended.complete);
    let mut verdicts = reports.iter().filter_map(|report| report.verdict.as_ref());
    let restricted = verdicts.any(|verdict| verdict.status == Status::Restricted);
    match master.status {
        JobState::Cancelled => Exit::Interrupted,
        _ if restricted => Exit::Restricted,
        JobState::Completed if args.require_complete && incomplete => Exit::Failed,
        JobState::Completed => Exit::Success,
        JobState::Initializing | JobState::InProgress | JobState::CompletedWithErrors | JobState::Failed => {
            Exit::Failed
        }
    }
}

#[expect(clippy::print_stderr, reason = "the command's own words")]
fn say(message: &str) {
    eprintln!("{message}");
}
