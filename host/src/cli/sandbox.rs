//! The arguments that are about the sandbox.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::worker::lockdown::{Layer, Mode};
use crate::worker::probe::Probe;

/// How workers are walled in.
#[derive(Clone, Debug, Default, Args)]
pub struct SandboxArgs {
    /// What to do where this machine lacks a layer of the sandbox; `fumehood doctor` says what it has
    #[arg(long, value_name = "MODE", value_enum, default_value_t = Mode::BestEffort)]
    pub sandbox: Mode,
    /// A cgroup v2 with the controllers memory and pids that is delegated to us: each worker gets a group below it
    #[arg(long, value_name = "DIR")]
    pub cgroup: Option<PathBuf>,
    /// Layers that are left off, to show what each is for. Reports say so, and a strict sandbox refuses it
    #[arg(long, value_name = "LAYER", value_enum, value_delimiter = ',', hide = true)]
    pub without: Vec<Layer>,
}

/// `fumehood doctor`.
#[derive(Clone, Debug, Args)]
pub struct DoctorArgs {
    /// What to print
    #[arg(long, short, value_enum, default_value_t = DoctorFormat::Table)]
    pub format: DoctorFormat,
    /// Try these alone
    #[arg(long = "try", value_name = "PROBE", value_enum, value_delimiter = ',')]
    pub probes: Vec<Probe>,
    /// As if the machine lacked these layers
    #[arg(long, value_name = "LAYER", value_enum, value_delimiter = ',')]
    pub without: Vec<Layer>,
    /// Where the compiled scanner is kept [default: $XDG_CACHE_HOME/fumehood]
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
}

/// What `doctor` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
}
