//! Takes from this process what it does not need any more, for good.
//!
//! Layers only ever stack: what one stage forbids no later stage gives back. First a worker gives up what it has of its
//! parent's ([`process`]), then it moves to where nothing else is ([`namespaces`]). Landlock decides what can be reached ([`reach`]), seccomp which system calls are left
//! ([`calls`]). What a thread can only do to itself, each thread of a worker does: those of its [`Crew`] begin when the first
//! has its first layers, and inherit them; later they take each step with it.
//! What this kernel lacks is told ([`Lockdown::missing`]), and what to do then the [`Mode`] says.

mod calls;
pub mod layer;
mod namespaces;
mod process;
mod reach;

use std::io;
use std::path::PathBuf;

pub use self::layer::{Layer, Mode};
use super::spec::Spec;
use crate::crew::Crew;

/// What a worker may still reach, from one stage of its life to the next.
#[derive(Clone, Debug)]
pub enum Stage {
    /// Fetching: its own folders, and TCP to one port.
    Fetching {
        /// Where it keeps what it fetches; readable and writable.
        folder: PathBuf,
        /// The guest's folder, in which the worker itself keeps the status; readable and writable.
        status: PathBuf,
        /// The server's.
        port: u16,
    },
    /// Writing the files that the scanner chose: its own folders, and no network any more.
    Materializing {
        /// As before.
        folder: PathBuf,
        /// As before.
        status: PathBuf,
    },
    /// Compiling a scanner, which is no worker's: three pipes, and nothing else.
    Compiling,
    /// Scanning: reads the repository, writes the status folder.
    Scanning {
        /// The repository; only readable.
        repo: PathBuf,
        /// The guest's folder; readable and writable.
        status: PathBuf,
    },
}

/// Why a worker does not go on.
#[derive(Debug, thiserror::Error)]
pub enum LockdownError {
    /// A layer that exists here could not be put on.
    #[error("the worker cannot be locked down: {}: {error}", layer.name())]
    Failed {
        /// Which.
        layer: Layer,
        /// Why.
        error: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The threads that are to be locked down with it are not all there.
    #[error("the worker's threads cannot be started: {0}")]
    Threads(io::Error),
    /// A layer does not exist here.
    #[error("this machine lacks {} of the sandbox, which {}; `fumehood doctor` tells more, --sandbox best-effort goes on without", .0.name(), .0.remedy())]
    Missing(Layer),
}

/// Leaves a process that compiles its pipes and its memory, as far as this kernel can. It must have one thread.
pub fn confine_compiler() -> Result<(), LockdownError> {
    let of_system = |layer| move |error: io::Error| LockdownError::Failed { layer, error: error.into() };
    process::hide_memory().map_err(of_system(Layer::NotDumpable))?;
    rustix::thread::set_no_new_privs(true).map_err(|error| of_system(Layer::NoNewPrivileges)(error.into()))?;
    // Where the kernel has no Landlock the list of system calls is still there.
    let _missing = reach::restrict(&Stage::Compiling, &Wanted::all()).map_err(failed(Layer::LandlockFiles))?;
    calls::leave_only(&Stage::Compiling).map_err(failed(Layer::Seccomp))
}

/// The layers of this process, as they come.
#[derive(Debug)]
pub struct Lockdown {
    wanted: Wanted,
    missing: Vec<Layer>,
    /// How many threads there are to be besides this one.
    others: u32,
    crew: Crew,
}

/// Which layers are to be put on.
#[derive(Clone, Debug)]
struct Wanted {
    mode: Mode,
    without: Vec<Layer>,
}

impl Wanted {
    fn all() -> Self {
        Self { mode: Mode::Strict, without: Vec::new() }
    }

    fn has(&self, layer: Layer) -> bool {
        self.mode != Mode::Off && !self.without.contains(&layer)
    }
}

impl Lockdown {
    /// The first layers, which need no more than the job.
    pub fn begin(spec: &Spec) -> Result<Self, LockdownError> {
        if let (Mode::Strict, Some(layer)) = (spec.sandbox, spec.without.iter().find(|layer| !layer.is_optional())) {
            return Err(LockdownError::Missing(*layer));
        }
        let wanted = Wanted { mode: spec.sandbox, without: spec.without.clone() };
        let others = spec.sandboxes.saturating_sub(1);
        let mut this = Self { wanted, missing: Vec::new(), others, crew: Crew::default() };
        if spec.control_group.is_none() {
            this.missing.push(Layer::ControlGroup);
        }
        this.put_on(Layer::Descriptors, process::close_descriptors)?;
        this.put_on(Layer::NotDumpable, process::hide_memory)?;
        this.put_on(Layer::ParentDeath, || process::die_with(spec.parent_pid))?;
        this.put_on(Layer::ResourceLimits, || process::limit_resources(spec))?;
        this.put_on(Layer::NoNewPrivileges, || Ok(rustix::thread::set_no_new_privs(true)?))?;
        Ok(this)
    }

    /// Locks this process into the `stage` that it begins with, and has the other threads begin. What needs the file
    /// system was done before.
    pub fn enter_first(&mut self, stage: &Stage) -> Result<(), LockdownError> {
        if self.wants(Layer::Namespaces) && namespaces::enter(stage).is_err() {
            self.lacks(Layer::Namespaces)?;
        }
        self.restrict(stage)?;
        self.crew = Crew::assemble(self.others).map_err(failed_by_system)?;
        self.leave_only(stage)
    }

    /// Locks this process into `stage`.
    pub fn enter(&mut self, stage: &Stage) -> Result<(), LockdownError> {
        self.restrict(stage)?;
        let (others_stage, wanted) = (stage.clone(), self.wanted.clone());
        let others = self.crew.all(move || reach::restrict(&others_stage, &wanted)).map_err(failed_by_system)?;
        others.into_iter().try_for_each(|other| other.map(drop)).map_err(failed(Layer::LandlockFiles))?;
        self.leave_only(stage)
    }

    /// The other threads of this process, which are locked down as it is.
    pub(super) fn crew(&self) -> &Crew {
        &self.crew
    }

    /// Takes from this thread what it does not reach in `stage`.
    fn restrict(&mut self, stage: &Stage) -> Result<(), LockdownError> {
        let missing = reach::restrict(stage, &self.wanted).map_err(failed(Layer::LandlockFiles))?;
        missing.into_iter().try_for_each(|layer| self.lacks(layer))
    }

    /// Takes the system calls from all threads that `stage` does not make.
    fn leave_only(&self, stage: &Stage) -> Result<(), LockdownError> {
        if !self.wants(Layer::Seccomp) {
            return Ok(());
        }
        calls::leave_only(stage).map_err(failed(Layer::Seccomp))
    }

    /// The layers of the operating system's that do not hold.
    pub fn missing(&self) -> Vec<Layer> {
        let mut missing: Vec<_> = Layer::SYSTEM.into_iter().filter(|layer| !self.wants(*layer)).collect();
        missing.extend(Layer::GUEST.into_iter().filter(|layer| self.wanted.without.contains(layer)));
        missing.extend(&self.missing);
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    /// Whether `layer` is to be put on.
    pub fn wants(&self, layer: Layer) -> bool {
        self.wanted.has(layer)
    }

    fn put_on(&self, layer: Layer, put_on: impl FnOnce() -> io::Result<()>) -> Result<(), LockdownError> {
        if !self.wants(layer) {
            return Ok(());
        }
        put_on().map_err(|error| LockdownError::Failed { layer, error: error.into() })
    }

    fn lacks(&mut self, layer: Layer) -> Result<(), LockdownError> {
        if self.wanted.mode == Mode::Strict && !layer.is_optional() {
            return Err(LockdownError::Missing(layer));
        }
        self.missing.push(layer);
        Ok(())
    }
}

fn failed(layer: Layer) -> impl Fn(Box<dyn std::error::Error + Send + Sync>) -> LockdownError {
    move |error| LockdownError::Failed { layer, error }
}

fn failed_by_system(error: io::Error) -> LockdownError {
    LockdownError::Threads(error)
}
