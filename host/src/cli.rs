//! The command line: its syntax, its exit codes, and nothing of what the commands do.

mod reports;
mod sandbox;
mod scan;
mod service;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

pub use self::reports::{DiffArgs, DiffFormat, FormatsArgs, PolicyArgs, PolicyCommand};
pub use self::sandbox::{DoctorArgs, DoctorFormat, SandboxArgs};
pub use self::scan::{FetchArgs, ScanArgs, ScannerArgs, ScannerCommand};
pub use self::service::{ConfigArgs, ConfigCommand, ServeArgs, SubmitArgs, TokenArgs, TokenCommand};
pub use crate::report::Format;

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
