//! The service: `fumehood serve`, what it is configured with, and its client.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::{Format, duration};
use crate::tenants::{Scope, Tenant};
use crate::worker::lockdown::Mode;

/// `fumehood serve`. What is not given stands in the configuration file, or has its usual value.
#[derive(Clone, Debug, Default, Args)]
pub struct ServeArgs {
    /// Where to listen; without tokens only on a loopback address [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT", env = "FUMEHOOD_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Repositories scanned at the same time [default: number of cores]
    #[arg(long, short, value_name = "N", env = "FUMEHOOD_WORKERS")]
    pub jobs: Option<NonZeroUsize>,
    /// Let clients have folders below this one scanned [default: none]
    #[arg(long, value_name = "DIR", env = "FUMEHOOD_LOCAL_ROOT")]
    pub local_root: Option<PathBuf>,
    /// Where jobs and tokens are kept [default: $XDG_STATE_HOME/fumehood]
    #[arg(long, value_name = "DIR", env = "FUMEHOOD_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Where the compiled scanner is kept [default: $XDG_CACHE_HOME/fumehood]
    #[arg(long, value_name = "DIR", env = "FUMEHOOD_CACHE_DIR")]
    pub cache_dir: Option<PathBuf>,
    /// The configuration file [default: $XDG_CONFIG_HOME/fumehood/config.toml]
    #[arg(long, value_name = "FILE", env = "FUMEHOOD_CONFIG")]
    pub config: Option<PathBuf>,
    /// The longest a repository may take, like 90s or 2h [default: 1h]
    #[arg(long, value_name = "TIME", value_parser = duration, env = "FUMEHOOD_TIMEOUT")]
    pub timeout: Option<Duration>,
    /// Between two writes of a status file [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = duration, env = "FUMEHOOD_STATUS_INTERVAL")]
    pub status_interval: Option<Duration>,
    /// How often a repository is tried again after a failure of ours, not of its own [default: 2]
    #[arg(long, value_name = "N", env = "FUMEHOOD_RETRIES")]
    pub retries: Option<u32>,
    /// What to do where this machine lacks a layer of the sandbox; `fumehood doctor` says what it has [default: strict]
    #[arg(long, value_name = "MODE", value_enum, env = "FUMEHOOD_SANDBOX")]
    pub sandbox: Option<Mode>,
    /// A cgroup v2 with the controllers memory and pids that is delegated to us: each worker gets a group below it
    #[arg(long, value_name = "DIR", env = "FUMEHOOD_CGROUP")]
    pub cgroup: Option<PathBuf>,
    /// The scanner of jobs that name none, in the place of ours; see `scan --scanner`
    #[arg(long, value_name = "FILE.wasm", env = "FUMEHOOD_SCANNER")]
    pub scanner: Option<PathBuf>,
}

/// `fumehood submit`.
#[derive(Clone, Debug, Args)]
pub struct SubmitArgs {
    /// https URLs of repositories or groups, or one folder on the service's own machine
    #[arg(required = true, value_name = "SOURCE")]
    pub sources: Vec<String>,
    /// The service, like https://fumehood.example or http://127.0.0.1:8080
    #[arg(long, value_name = "URL", env = "FUMEHOOD_SERVER")]
    pub server: String,
    /// The file with the service's token [default: the variable FUMEHOOD_TOKEN]
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Certificate authorities (PEM) to trust beside those of this system
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Wait until the job has ended, then print its report
    #[arg(long)]
    pub wait: bool,
    /// What to print when it has ended
    #[arg(long, short, value_enum, default_value_t = Format::Table, requires = "wait")]
    pub format: Format,
    /// Write it to this file instead of standard output
    #[arg(long, short, value_name = "FILE", requires = "wait")]
    pub output: Option<PathBuf>,
    /// An https URL that the service tells when the job has ended
    #[arg(long, value_name = "URL")]
    pub webhook: Option<String>,
    /// Another scanner of the service's than the usual one, by the BLAKE3 of its file
    #[arg(long, value_name = "BLAKE3")]
    pub scanner: Option<String>,
    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// `fumehood config`.
#[derive(Clone, Debug, Args)]
pub struct ConfigArgs {
    /// What to do
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What can be done with the configuration.
#[derive(Clone, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say whether a configuration file is right, and what it comes to
    Check {
        /// The file [default: that of --config]
        file: Option<PathBuf>,
        /// As `serve` would be given them.
        #[command(flatten)]
        serve: Box<ServeArgs>,
    },
}

/// `fumehood token`.
#[derive(Clone, Debug, Args)]
pub struct TokenArgs {
    /// Where jobs and tokens are kept [default: $XDG_STATE_HOME/fumehood]
    #[arg(long, value_name = "DIR", global = true, env = "FUMEHOOD_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// The configuration file, which may say where [default: $XDG_CONFIG_HOME/fumehood/config.toml]
    #[arg(long, value_name = "FILE", global = true, env = "FUMEHOOD_CONFIG")]
    pub config: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub command: TokenCommand,
}

/// What can be done with tokens.
#[derive(Clone, Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it; it cannot be shown again
    Create {
        /// For whom it speaks
        tenant: Tenant,
        /// What it may do
        #[arg(long = "scope", value_enum, value_delimiter = ',', default_values_t = [Scope::Scan, Scope::Read])]
        scopes: Vec<Scope>,
        /// After how long it is worth nothing, like 90d [default: never]
        #[arg(long, value_name = "TIME", value_parser = duration)]
        expires: Option<Duration>,
    },
    /// List the tokens, without their secrets
    List,
    /// Make a token worthless
    Revoke {
        /// The token's id, as `list` shows it, or the token itself
        id: String,
    },
}
