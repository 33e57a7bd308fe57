//! `fumehood scan`: from what a person names to a job, from a job to what is printed.

mod targets;

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;

use anyhow::Context as _;
use fumehood_contract::master::{JobState, Master, Repository};
use tokio::sync::watch;

use self::targets::Targets;

use crate::cli::{Exit, FetchArgs, MIB, ScanArgs, ServeArgs};
use crate::forges::Forges;
use crate::forges::filter::Filter;
use crate::jobs::dispatcher::{self, Places, Settings};
use crate::jobs::fair::{FairPool, Share};
use crate::jobs::reuse::Reuse;
use crate::jobs::store::{self, JobStore, LOCAL_TENANT};
use crate::policy::{self, Date, Found, Policy, PolicyError, Status};
use crate::progress::{self, Progress};
use crate::report::{self, FinishedJob, RepoReport};
use crate::source::ListOptions;
use crate::worker::spec::Artefact;
use crate::worker::supervise::Patience;
use crate::worker::{artefact, sandbox};
use crate::{config, limits};

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
    let settings = Arc::new(settings(args, forges, watched)?);
    let data = config::data_dir(args.data_dir.as_deref())?;
    store::remove_old(&data, LOCAL_TENANT, limits::JOB_AGE_MAX);
    let store = JobStore::create(&data, LOCAL_TENANT)?;
    let asked = args.sources.join(" ");
    let mut progress = Progress::new(&repositories, watched, args.quiet);
    let runtime = tokio::runtime::Runtime::new().context("no runtime")?;
    let live = dispatcher::begin(&store, &asked, repositories);
    runtime.block_on(async {
        let cancelled = cancelled_by_signals()?;
        let watcher = &mut |notice: dispatcher::Notice<'_>| progress.show(&notice);
        anyhow::Ok(dispatcher::run(&store, live.clone(), settings, places(args), cancelled, watcher).await?)
    })?;
    let job = dispatcher::read(&live);
    progress.finish(&job.master, store.folder());
    let mut reports = report::of_job(&store, &job.master);
    if let Some(policy) = policy {
        policy.judge(&mut reports, Date::today());
    }
    print(args, &job.master, &reports)?;
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
        fuel: args.fuel,
        memory_bytes: args.memory * MIB,
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

/// What the service's jobs are scanned with.
pub fn service_settings(args: &ServeArgs) -> anyhow::Result<Settings> {
    let fetch = FetchArgs { config: args.config.clone(), ..FetchArgs::default() };
    Ok(Settings {
        program: std::env::current_exe().context("cannot find our own binary")?,
        patience: Patience { deadline: args.timeout, stale: limits::STALE.max(4 * args.status_interval) },
        status_interval: args.status_interval,
        artefact: artefact(args.scanner.as_deref(), args.cache_dir.as_deref())?,
        list: ListOptions::default(),
        fuel: limits::FUEL,
        memory_bytes: limits::GUEST_MEMORY_BYTES,
        forges: config::forges(&fetch)?,
        reuse: None,
    })
}

/// The scanner, compiled; ours if no other is named.
fn artefact(scanner: Option<&Path>, cache: Option<&Path>) -> anyhow::Result<Artefact> {
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
    let job = FinishedJob { master, reports, moment: config::source_date() };
    let terminal = args.output.is_none() && io::stdout().is_terminal();
    output(args.output.as_deref(), |out| args.format.write(out, job, terminal))
}

/// Writes to a file or to standard output.
pub fn output(path: Option<&Path>, write: impl Fn(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    match path {
        Some(path) => write_file(path, write).with_context(|| format!("cannot write {}", path.display())),
        None => match write(&mut BufWriter::new(io::stdout().lock())) {
            // Whoever reads has had enough: `| head`.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.context("cannot write to standard output"),
        },
    }
}

/// The file is whole or not there: written beside its place, then renamed.
fn write_file(path: &Path, write: impl Fn(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).map_or(PathBuf::from("."), PathBuf::from);
    if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
        // A device or a pipe, /dev/stdout for example: there is nothing to rename onto.
        return write(&mut BufWriter::new(open_special(path)?));
    }
    let mut file = tempfile::Builder::new().permissions(permissions()).tempfile_in(folder)?;
    {
        let mut out = BufWriter::new(file.as_file_mut());
        write(&mut out)?;
        out.flush()?;
    }
    file.persist(path)?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a file that the user names")]
fn open_special(path: &Path) -> io::Result<File> {
    File::options().write(true).open(path)
}

/// As for any file that a command writes; the umask takes its part.
fn permissions() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
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
