//! `fumehood scan`: from what a person names to a job, from a job to what is printed.

mod targets;

use std::fs;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;

use anyhow::Context as _;
use fumehood_contract::Timestamp;
use fumehood_contract::master::{JobState, Master};
use tokio::sync::watch;

use self::targets::Targets;

use crate::cli::{Exit, Format, MIB, ScanArgs};
use crate::forges::Forges;
use crate::forges::filter::Filter;
use crate::jobs::dispatcher::{self, Places, Settings};
use crate::jobs::fair::{FairPool, Share};
use crate::jobs::live;
use crate::jobs::reuse::Reuse;
use crate::jobs::store::{self, JobStore, LOCAL_TENANT};
use crate::jobs::view;
use crate::progress::{self, Progress};
use crate::report::{self, RepoReport, cyclonedx, json, table};
use crate::source::ListOptions;
use crate::worker::spec::Artefact;
use crate::worker::supervise::Patience;
use crate::worker::{artefact, sandbox};
use crate::{config, limits, output};

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
    let settings = Arc::new(settings(args, forges, watched)?);
    let data = config::data_dir(args.data_dir.as_deref())?;
    store::remove_old(&data, LOCAL_TENANT, limits::JOB_AGE_MAX);
    let store = JobStore::create(&data, LOCAL_TENANT)?;
    let asked = args.sources.join(" ");
    let names = repositories.iter().map(|repository| repository.name.clone()).collect();
    let mut progress = Progress::new(names, watched, args.quiet);
    let runtime = tokio::runtime::Runtime::new().context("no runtime")?;
    let job = live::begin(&store, &asked, repositories);
    runtime.block_on(async {
        let cancelled = cancelled_by_signals()?;
        let watcher = &mut |notice: dispatcher::Notice<'_>| progress.show(&notice);
        anyhow::Ok(dispatcher::run(&store, job.clone(), settings, places(args), cancelled, watcher).await?)
    })?;
    let job = live::read(&job);
    progress.finish(&job.master, store.folder());
    let reports = report::of_job(&store, &job.master);
    print(args, &job.master, &reports)?;
    Ok(exit(args, &job.master))
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

/// A person at a terminal has the whole pool.
fn places(args: &ScanArgs) -> Places {
    let cores = || available_parallelism().map_or(1, std::num::NonZero::get);
    let pool = args.jobs.map_or_else(cores, std::num::NonZero::get);
    Places { pool: FairPool::new(pool), tenant: LOCAL_TENANT.to_owned(), share: Share { weight: 1, at_once: pool } }
}

fn settings(args: &ScanArgs, forges: Forges, watched: bool) -> anyhow::Result<Settings> {
    let usual = if watched { limits::STATUS_INTERVAL_WATCHED } else { limits::STATUS_INTERVAL };
    let status_interval = args.status_interval.unwrap_or(usual);
    Ok(Settings {
        program: std::env::current_exe().context("cannot find our own binary")?,
        patience: Patience {
            deadline: args.timeout,
            stale: args.stale.unwrap_or(limits::STALE.max(4 * status_interval)),
        },
        status_interval,
        artefact: artefact(args.scanner.as_deref(), args.cache_dir.as_deref())?,
        list: ListOptions { include_installed: args.include_installed },
        retries: args.retries,
        fuel: args.fuel,
        memory_bytes: args.memory * MIB,
        niceness: 0,
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

/// The scanner, compiled; ours if no other is named.
pub fn artefact(scanner: Option<&Path>, cache: Option<&Path>) -> anyhow::Result<Artefact> {
    let cache = config::cache_dir(cache)?;
    let engine = sandbox::engine().map_err(|error| anyhow::anyhow!("no WebAssembly engine: {error:#}"))?;
    Ok(match scanner {
        Some(path) => artefact::prepare(&engine, &read_scanner(path)?, &cache)?,
        None => artefact::prepare(&engine, artefact::SCANNER, &cache)?,
    })
}

#[expect(clippy::disallowed_methods, reason = "a file that the user names")]
fn read_scanner(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read the scanner {}", path.display()))
}

/// Turns true at the first Ctrl-C or SIGTERM. At the second the process ends at once; its workers end
/// with it, because their standard input closes.
fn cancelled_by_signals() -> anyhow::Result<watch::Receiver<bool>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (cancel, cancelled) = watch::channel(false);
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if cancel.send_replace(true) {
                std::process::exit(130);
            }
        }
    });
    Ok(cancelled)
}

fn print(args: &ScanArgs, master: &Master, reports: &[RepoReport]) -> anyhow::Result<()> {
    let write = |out: &mut dyn Write| match args.format {
        Format::Table => table::write(out, reports, args.output.is_none() && io::stdout().is_terminal()),
        Format::Json => {
            let document = view::document(master, &std::collections::BTreeMap::new(), Timestamp::now());
            json::write(out, &document, reports)
        }
        Format::Cyclonedx => cyclonedx::write(out, reports),
    };
    match &args.output {
        Some(path) => output::to_file(path, &mut { write }).with_context(|| format!("cannot write {}", path.display())),
        None => match write(&mut BufWriter::new(io::stdout().lock())) {
            // Whoever reads has had enough: `| head`.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.context("cannot write to standard output"),
        },
    }
}

fn exit(args: &ScanArgs, master: &Master) -> Exit {
    let incomplete = master.ended.values().any(|ended| !ended.complete);
    match master.status {
        JobState::Cancelled => Exit::Interrupted,
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
