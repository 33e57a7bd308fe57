//! `fumehood scan`: from what a person names to a job, from a job to what is printed.

mod targets;

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;

use anyhow::Context as _;
use fumehood_contract::Timestamp;
use fumehood_contract::master::JobState;
use tokio::sync::watch;

use self::targets::Targets;

use crate::cli::{Exit, Format, MIB, ScanArgs};
use crate::forges::Forges;
use crate::forges::filter::Filter;
use crate::jobs::dispatcher::{self, FinishedJob, Settings};
use crate::jobs::reuse::Reuse;
use crate::jobs::status_reader::Reader;
use crate::jobs::store::{self, JobStore, LOCAL_TENANT};
use crate::jobs::view;
use crate::progress::{self, Progress};
use crate::report::{RepoReport, cyclonedx, json, reader, table};
use crate::source::ListOptions;
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
    let settings = Arc::new(settings(args, forges, watched)?);
    let data = config::data_dir(args.data_dir.as_deref())?;
    store::remove_old(&data, LOCAL_TENANT, limits::JOB_AGE_MAX);
    let store = JobStore::create(&data, LOCAL_TENANT)?;
    let asked = args.sources.join(" ");
    let mut progress = Progress::new(&repositories, watched, args.quiet);
    let runtime = tokio::runtime::Runtime::new().context("no runtime")?;
    let job = runtime.block_on(async {
        let cancelled = cancelled_by_signals()?;
        let watcher = &mut |notice: dispatcher::Notice<'_>| progress.show(&notice);
        anyhow::Ok(dispatcher::run(&store, &asked, repositories, settings, cancelled, watcher).await?)
    })?;
    progress.finish(&job.master, store.folder());
    let reports = reports(&store, &job);
    print(args, &job, &reports)?;
    Ok(exit(args, &job))
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

fn settings(args: &ScanArgs, forges: Forges, watched: bool) -> anyhow::Result<Settings> {
    let cache = config::cache_dir(args.cache_dir.as_deref())?;
    let engine = sandbox::engine().map_err(|error| anyhow::anyhow!("no WebAssembly engine: {error:#}"))?;
    let artefact = match &args.scanner {
        Some(path) => artefact::prepare(&engine, &read_scanner(path)?, &cache)?,
        None => artefact::prepare(&engine, artefact::SCANNER, &cache)?,
    };
    let usual = if watched { limits::STATUS_INTERVAL_WATCHED } else { limits::STATUS_INTERVAL };
    let status_interval = args.status_interval.unwrap_or(usual);
    let cores = || available_parallelism().map_or(1, std::num::NonZero::get);
    Ok(Settings {
        program: std::env::current_exe().context("cannot find our own binary")?,
        pool: args.jobs.map_or_else(cores, std::num::NonZero::get),
        patience: Patience {
            deadline: args.timeout,
            stale: args.stale.unwrap_or(limits::STALE.max(4 * status_interval)),
        },
        status_interval,
        artefact,
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

/// Everything that the workers left, repository by repository.
fn reports(store: &JobStore, job: &FinishedJob) -> Vec<RepoReport> {
    let named = (0u32..).zip(&job.master.repositories);
    let ended = named.filter_map(|(index, repository)| Some((index, repository, job.master.ended.get(&index)?)));
    ended
        .map(|(index, repository, ended)| {
            let mut files = Vec::new();
            let reading = Reader::open(&store.status_dir(index, ended.attempt.max(1)))
                .map(|folder| reader::read(&folder, &mut |record| files.push(record)));
            RepoReport {
                name: repository.name.clone(),
                ended: ended.clone(),
                listing: job.listings.get(&index).cloned(),
                files,
                defect: reading.ok().and_then(|reading| reading.defect),
            }
        })
        .collect()
}

fn print(args: &ScanArgs, job: &FinishedJob, reports: &[RepoReport]) -> anyhow::Result<()> {
    let write = |out: &mut dyn Write| match args.format {
        Format::Table => table::write(out, reports, args.output.is_none() && io::stdout().is_terminal()),
        Format::Json => {
            let document = view::document(&job.master, &std::collections::BTreeMap::new(), Timestamp::now());
            json::write(out, &document, reports)
        }
        Format::Cyclonedx => cyclonedx::write(out, reports),
    };
    match &args.output {
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

fn exit(args: &ScanArgs, job: &FinishedJob) -> Exit {
    let incomplete = job.master.ended.values().any(|ended| !ended.complete);
    match job.master.status {
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
