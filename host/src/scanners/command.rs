//! `fumehood scanner`: what a file is worth as a scanner, before a service is told of it.

use wasmparser::Parser;

use super::{ScannerError, hash, prepare, read};
use crate::cli::{Exit, ScannerArgs, ScannerCommand};
use crate::config;
use crate::worker::artefact::Artefacts;

/// The whole command.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the command's answer")]
pub fn main(args: &ScannerArgs) -> anyhow::Result<Exit> {
    let ScannerCommand::Check { file, cache_dir, compile_timeout } = &args.command;
    let artefacts = Artefacts::open(config::cache_dir(cache_dir.as_deref())?, *compile_timeout)?;
    let checked = read(file).and_then(|wasm| prepare(&artefacts, file, &wasm).map(|_compiled| wasm));
    let wasm = match checked {
        Ok(wasm) => wasm,
        Err(ScannerError::Ours(error)) => return Err(error.into()),
        Err(error) => {
            eprintln!("fumehood: {error}");
            return Ok(Exit::Usage);
        }
    };
    println!("blake3  {}", hash(&wasm));
    println!("kind    {}", if Parser::is_component(&wasm) { "component" } else { "program for wasm32-wasip1" });
    println!("fits    it compiles, and all that it imports is there");
    Ok(Exit::Success)
}
