//! The command line: its syntax, its exit codes, and nothing of what the commands do.

mod reports;
mod sandbox;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

pub use self::reports::{DiffArgs, DiffFormat, FormatsArgs, PolicyArgs, PolicyCommand};
pub use self::sandbox::{DoctorArgs, DoctorFormat, SandboxArgs};
pub use crate::report::Format;

use crate::limits;
use crate::tenants::{Scope, Tenant};
use crate::worker::lockdown::Mode;
use crate::worker::{child, compile};

/// The exit codes are a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Every repository was scanned.
    Success,
    /// Something is restricted by the policy.
    Restricted,
    /// A repository failed or, with `--require-complete`, was incomplete.
    Failed,
    /// The command makes no sense (`EX_USAGE`).
    Usage,
    /// Fumehood itself could not do it (`EX_SOFTWARE`).
    Broken,
    /// Interrupted: 128 + SIGINT, as shells have it.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Restricted => 1,
            Exit::Failed => 2,
            Exit::Usage => 64,
            Exit::Broken => 70,
            Exit::Interrupted => 130,
        })
    }
}

#[derive(Debug, Parser)]
#[command(name = "fumehood", version, about = ABOUT, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const ABOUT: &str = "Scans untrusted repositories for what they depend on, each in its own process and its own sandbox";

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Scan repositories on this machine
    #[command(after_help = EXAMPLES)]
    Scan(Box<ScanArgs>),
    /// List the file formats that are read
    Formats(FormatsArgs),
    /// Tell what changed between two reports
    Diff(DiffArgs),
    /// Check a policy, or print the schema of policies
    Policy(PolicyArgs),
    /// Serve the HTTP API
    Serve(Box<ServeArgs>),
    /// Make, list and revoke the tokens of tenants
    Token(TokenArgs),
    /// Look at the configuration
    Config(ConfigArgs),
    /// Have a service scan repositories
    Submit(Box<SubmitArgs>),
    /// Check another scanner than ours
    Scanner(ScannerArgs),
    /// Say which layers of the sandbox this machine gives, and try to break out
    Doctor(DoctorArgs),
    /// What this binary is in the processes that it starts for itself
    #[command(name = child::SUBCOMMAND, hide = true)]
    Worker,
    /// As it is, where it compiles a scanner
    #[command(name = compile::SUBCOMMAND, hide = true)]
    Compile,
}

const EXAMPLES: &str = "\
Examples:
  fumehood scan .                                   what this folder depends on, as a table
  fumehood scan ~/src/a ~/src/b                     two repositories, each in a process of its own
  fumehood scan ~/src --each --jobs 8               every repository below a folder
  fumehood scan https://gitlab.com/acme/tool#v1.2   a tag of a repository, fetched without a clone
  fumehood scan https://gitlab.com/acme             every repository of a group and its subgroups
  fumehood scan . --format cyclonedx -o sbom.json   an SBOM for other tools
  fumehood scan . --format json | jq .reports[0].files
  fumehood scan . --policy policy.yaml -f sarif     what the policy restricts, for code review

Exit codes:
  0   every repository was scanned; problems and skipped files are shown, and stand in the report
  1   something is restricted by the policy
  2   a repository failed or, with --require-complete, was incomplete
  64  wrong usage
  70  fumehood itself could not go on
  130 interrupted";

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

/// Bytes in a MiB.
pub const MIB: u64 = 1024 * 1024;

/// Understands the command line. `Err` is what to exit with: the message was printed, help for example.
pub fn parse() -> Result<Command, Exit> {
    Cli::try_parse().map(|cli| cli.command).map_err(|error| {
        // A closed standard output is no reason to fail.
        let _closed = error.print();
        if error.use_stderr() { Exit::Usage } else { Exit::Success }
    })
}

fn duration(text: &str) -> Result<Duration, String> {
    let parsed = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => humantime::parse_duration(text).map_err(|error| format!("{error}; write it like 90s, 15m or 2h"))?,
    };
    if parsed.is_zero() { Err("it must be longer than nothing".to_owned()) } else { Ok(parsed) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_syntax_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations_are_seconds_or_words() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7200)));
        assert!(duration("0").is_err());
        assert!(duration("soon").is_err());
    }
}
