//! The binary. What it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    fumehood::cli::main()
}
