//! `fumehood scan` and `fumehood scanner`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::{Format, MIB, SandboxArgs, duration};
use crate::limits;

/// `fumehood scan`.
#[derive(Clone, Debug, Args)]
pub struct ScanArgs {
    /// Folders, https URLs of git repositories (with #branch, #tag or #commit), or of GitLab groups, GitHub
    /// organisations and users
    #[arg(required_unless_present = "from", value_name = "SOURCE")]
    pub sources: Vec<String>,
    /// Read more sources from this file, one a line; - is standard input
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Scan every repository (folder with a .git) below the given folders
    #[arg(long)]
    pub each: bool,
    /// What is fetched, and how
    #[command(flatten)]
    pub fetch: FetchArgs,
    /// What to print
    #[arg(long, short, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// What is allowed and what is restricted [default: fumehood.yaml here, unless it lies in what is scanned]
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Fail (exit code 2) if something that could hold dependencies was passed over
    #[arg(long)]
    pub require_complete: bool,
    /// Look into node_modules, .venv, target, .git and other installed or built folders too
    #[arg(long)]
    pub include_installed: bool,
    /// Do not look for what the code talks to
    #[arg(long)]
    pub no_api_calls: bool,
    /// Look for it everywhere but here: names of files or folders, like test_*, or paths [default: tests, documentation,
    /// examples, vendored code]
    #[arg(long, value_name = "PATTERN", value_delimiter = ',', num_args = 0..)]
    pub exclude_api_calls: Option<Vec<String>>,
    /// Repositories scanned at the same time [default: number of cores]
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// Sandboxes that share a large repository, 8 at most [default: the cores for which there is no other repository]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(limits::SANDBOXES_MAX)))]
    pub sandboxes: Option<u32>,
    /// The longest a repository may take, like 90s or 2h
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "1h")]
    pub timeout: Duration,
    /// Give up a worker that has not written its status for so long [default: 2m, or 4 intervals if longer]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub stale: Option<Duration>,
    /// Between two writes of a status file [default: 30s, on a terminal 100ms]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub status_interval: Option<Duration>,
    /// Instructions of one scan, about; the same repository takes the same fuel on every machine
    #[arg(long, value_name = "N", default_value_t = limits::FUEL)]
    pub fuel: u64,
    /// How often a repository is tried again after a failure of ours, not of its own
    #[arg(long, value_name = "N", default_value_t = limits::RETRIES)]
    pub retries: u32,
    /// Memory of one repository's scanner, in MiB
    #[arg(long, value_name = "MIB", default_value_t = limits::GUEST_MEMORY_BYTES / MIB, value_parser = clap::value_parser!(u64).range(1..=4096))]
    pub memory: u64,
    /// How workers are walled in
    #[command(flatten)]
    pub sandbox: SandboxArgs,
    /// No progress on standard error
    #[arg(long, short)]
    pub quiet: bool,
    /// Where jobs are kept for a day [default: $XDG_STATE_HOME/fumehood]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Where the compiled scanner is kept [default: $XDG_CACHE_HOME/fumehood]
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
    /// Another scanner: a component of the world in wit/scanner.wit, or any program for wasm32-wasip1 that does what
    /// wit/README.md says; it gets the same walls as ours
    #[arg(long, value_name = "FILE.wasm")]
    pub scanner: Option<PathBuf>,
    /// The longest that compiling another scanner may take, once
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "2m")]
    pub compile_timeout: Duration,
}

/// What is fetched, and how.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Fetching")]
pub struct FetchArgs {
    /// Of a group, scan only repositories whose whole path (group/sub/name) matches
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// Of a group, leave out repositories whose whole path matches
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Of a group, leave out archived repositories
    #[arg(long)]
    pub no_archived: bool,
    /// Of a group, leave out forks
    #[arg(long)]
    pub no_forks: bool,
    /// A file with the token for the servers of the given URLs [default: $GITLAB_TOKEN for gitlab.com, $GITHUB_TOKEN for github.com]
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// A PEM file with an authority to trust besides those of the system
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// A network that servers may lie in although it is not public, like 10.0.0.0/8
    #[arg(long, value_name = "CIDR")]
    pub allow_address: Vec<ipnet::IpNet>,
    /// Keep scans of fetched commits here, and use them again [default: scan anew]
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// What is known of servers: their kind, API, token and network [default: $XDG_CONFIG_HOME/fumehood/config.toml]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `fumehood scanner`.
#[derive(Clone, Debug, Args)]
pub struct ScannerArgs {
    /// What to do
    #[command(subcommand)]
    pub command: ScannerCommand,
}

/// What can be done with scanners.
#[derive(Clone, Debug, Subcommand)]
pub enum ScannerCommand {
    /// Say whether a file is a scanner that can run here, and print its hash
    Check {
        /// A component of the world in wit/scanner.wit, or a program for wasm32-wasip1; see wit/README.md
        #[arg(value_name = "FILE.wasm")]
        file: PathBuf,
        /// Where the compiled scanner is kept [default: $XDG_CACHE_HOME/fumehood]
        #[arg(long, value_name = "DIR", env = "FUMEHOOD_CACHE_DIR")]
        cache_dir: Option<PathBuf>,
        /// The longest that compiling it may take
        #[arg(long, value_name = "TIME", value_parser = duration, default_value = "2m")]
        compile_timeout: Duration,
    },
}
