//! The commands about what is read and reported: formats, policies, differences.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `fumehood policy`.
#[derive(Clone, Debug, Args)]
pub struct PolicyArgs {
    /// What to do
    #[command(subcommand)]
    pub command: PolicyCommand,
}

/// What can be done with policies.
#[derive(Clone, Debug, Subcommand)]
pub enum PolicyCommand {
    /// Name every mistake of a policy with its line; exit code 64 if there are any
    Check {
        /// The policy
        file: PathBuf,
    },
    /// Print a JSON schema of policies, for editors
    Schema,
}

/// `fumehood diff`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit codes: 1 if something is newly restricted, 64 if a report cannot be read, otherwise 0")]
pub struct DiffArgs {
    /// A report of `scan --format json`
    pub before: PathBuf,
    /// A later one
    pub after: PathBuf,
    /// What to print
    #[arg(long, short, value_enum, default_value_t = DiffFormat::Table)]
    pub format: DiffFormat,
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// What `diff` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people
    Table,
    /// For programs
    Json,
    /// For merge requests
    Markdown,
}

/// `fumehood formats`.
#[derive(Clone, Debug, Args)]
pub struct FormatsArgs {
    /// Print a Markdown table
    #[arg(long)]
    pub markdown: bool,
    /// Where the compiled scanner is kept [default: $XDG_CACHE_HOME/fumehood]
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
}
