//! The binary: from the command to the part of the library that does it.

use std::process::ExitCode;

use fumehood::cli::{self, Command, Exit};
use fumehood::{diff, doctor, formats, policy, scan, scanners, serve, submit, worker};

fn main() -> ExitCode {
    let command = match cli::parse() {
        Ok(command) => command,
        Err(exit) => return exit.into(),
    };
    match command {
        Command::Worker => worker::main(),
        Command::Compile => worker::compile::main(),
        Command::Formats(args) => formats::main(&args).unwrap_or_else(|error| complain(&error)).into(),
        Command::Diff(args) => diff::main(&args).unwrap_or_else(|error| complain(&error)).into(),
        Command::Policy(args) => policy::command::main(&args).unwrap_or_else(|error| complain(&error)).into(),
        Command::Serve(args) => serve::main(&args).unwrap_or_else(|error| complain(&error)).into(),
        Command::Token(args) => serve::token(&args).unwrap_or_else(|error| complain(&error)).into(),
        Command::Config(args) => serve::check(&args).unwrap_or_else(|error| complain(&error)).into(),
        Command::Scanner(args) => scanners::command::main(&args).unwrap_or_else(|error| complain(&error)).into(),
        Command::Submit(args) => submit::main(&args).unwrap_or_else(|error| complain(&error)).into(),
        Command::Doctor(args) => doctor::main(&args).unwrap_or_else(|error| complain(&error)).into(),
        Command::Scan(args) => scan::main(&args).unwrap_or_else(|error| complain(&error)).into(),
    }
}

#[expect(clippy::print_stderr, reason = "the last word of a command that failed")]
fn complain(error: &anyhow::Error) -> Exit {
    eprintln!("fumehood: {error:#}");
    Exit::Broken
}
