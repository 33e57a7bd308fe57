//! `fumehood doctor`: which layers of the sandbox this machine gives, seen by trying what each is there against.

mod bench;
mod show;

use anyhow::Context as _;
use clap::ValueEnum as _;

pub use self::bench::Came;
use self::bench::{Bench, Thread};
use crate::cli::{DoctorArgs, DoctorFormat, Exit};
use crate::worker::artefact::Artefacts;
use crate::worker::lockdown::{Layer, LockdownError};
use crate::worker::probe::Probe;
use crate::worker::spec::Artefact;
use crate::{config, limits, scanners};

/// What was seen of this machine.
#[derive(Debug)]
pub struct Examination {
    /// The layers that do not hold.
    pub missing: Vec<Layer>,
    /// What came of each attempt.
    pub tried: Vec<(Probe, Came)>,
}

impl Examination {
    /// Whether a strict sandbox can be had, and nothing worked that must not.
    pub fn is_sound(&self) -> bool {
        self.missing.iter().all(|layer| layer.is_optional()) && self.tried.iter().all(|(_, came)| came.is_harmless())
    }
}

/// The whole command.
pub fn main(args: &DoctorArgs) -> anyhow::Result<Exit> {
    let artefact = {
        let cache = config::cache_dir(args.cache_dir.as_deref())?;
        scanners::ours(&Artefacts::open(cache, limits::COMPILE_DEADLINE)?)?
    };
    let runtime = tokio::runtime::Runtime::new().context("no runtime")?;
    let examination = runtime.block_on(examine(artefact, args))?;
    match args.format {
        DoctorFormat::Table => show::table(&examination)?,
        DoctorFormat::Json => show::json(&examination)?,
    }
    Ok(if examination.is_sound() { Exit::Success } else { Exit::Failed })
}

/// Fails where this machine lacks what a strict sandbox needs. Seen by a worker, before anything is scanned.
pub async fn demand_all(artefact: &Artefact) -> anyhow::Result<()> {
    let (missing, _) = Bench::new(artefact.clone())?.attempt(Probe::ReadOutside, &[], Thread::First).await?;
    match missing.into_iter().find(|layer| !layer.is_optional()) {
        Some(layer) => Err(LockdownError::Missing(layer).into()),
        None => Ok(()),
    }
}

async fn examine(artefact: Artefact, args: &DoctorArgs) -> anyhow::Result<Examination> {
    let bench = Bench::new(artefact)?;
    let probes = if args.probes.is_empty() { Probe::value_variants() } else { &args.probes };
    let mut examination = Examination { missing: Vec::new(), tried: Vec::new() };
    for probe in probes {
        let (missing, mut came) = bench.attempt(*probe, &args.without, Thread::First).await?;
        // Whoever has taken over a sandbox may be in any thread.
        if came.is_harmless() {
            let (_, in_another) = bench.attempt(*probe, &args.without, Thread::Another).await?;
            came = if in_another.is_harmless() { came } else { in_another };
        }
        examination.missing = missing;
        examination.tried.push((*probe, came));
    }
    Ok(examination)
}
