//! The process that compiles: takes WebAssembly, gives machine code, and reaches nothing else.

use std::io::{self, BufRead as _, Read as _, Write as _};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, Signal, getrlimit, set_parent_process_death_signal, setrlimit};

use wasmtime::Engine;

use super::{Answer, Order, fit};
use crate::limits::{COMPILER_MEMORY_BYTES, SCANNER_BYTES_MAX};
use crate::worker::{lockdown, sandbox};

/// The exit code of a compiler that got no work.
const NO_ORDER: u8 = 71;

/// More than this it never has open.
const DESCRIPTORS: u64 = 32;

/// The whole life of a compiler. Ends with 0 once it has answered, well or badly.
pub fn main() -> ExitCode {
    match take_order().and_then(|wasm| answer(compile(&wasm)?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::from(NO_ORDER)
        }
    }
}

fn take_order() -> io::Result<Vec<u8>> {
    // A parent that was gone before this has closed the pipe, and the order is not whole.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let mut stdin = io::stdin().lock();
    let mut line = Vec::new();
    stdin.by_ref().take(1024).read_until(b'\n', &mut line)?;
    let order: Order = serde_json::from_slice(&line)?;
    limit_resources(&order)?;
    let bytes = order.bytes.min(SCANNER_BYTES_MAX);
    let mut wasm = Vec::new();
    stdin.take(bytes).read_to_end(&mut wasm)?;
    if wasm.len() as u64 == order.bytes { Ok(wasm) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// No core dumps, no files of its own, and no more processor time and memory than it may have.
fn limit_resources(order: &Order) -> io::Result<()> {
    lower(Resource::Core, 0, 0)?;
    lower(Resource::Fsize, 0, 0)?;
    lower(Resource::Nofile, DESCRIPTORS, DESCRIPTORS)?;
    // At the first it ends by SIGXCPU, which says why; only at the second by SIGKILL.
    lower(Resource::Cpu, order.cpu_seconds, order.cpu_seconds + 1)?;
    lower(Resource::As, COMPILER_MEMORY_BYTES, COMPILER_MEMORY_BYTES)
}

fn lower(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let hard = getrlimit(resource).maximum.map_or(hard, |maximum| maximum.min(hard));
    let limit = Rlimit { current: Some(soft.min(hard)), maximum: Some(hard) };
    Ok(setrlimit(resource, limit)?)
}

fn answer(compiled: Result<Vec<u8>, String>) -> io::Result<()> {
    let answer = match &compiled {
        Ok(code) => Answer::Compiled { bytes: code.len() as u64 },
        Err(why) => Answer::Unfit(fumehood_contract::status::cut(why, 4096).to_owned()),
    };
    let mut line = serde_json::to_vec(&answer)?;
    line.push(b'\n');
    let mut stdout = io::stdout().lock();
    stdout.write_all(&line)?;
    stdout.write_all(&compiled.unwrap_or_default())?;
    stdout.flush()
}

/// The inner `Err` is the scanner's fault.
fn compile(wasm: &[u8]) -> io::Result<Result<Vec<u8>, String>> {
    let engine = sandbox::engine().map_err(|error| io::Error::other(format!("no WebAssembly engine: {error:#}")))?;
    // Until now nothing was looked at that others wrote.
    lockdown::confine_compiler().map_err(io::Error::other)?;
    Ok(compile_for(&engine, wasm))
}

fn compile_for(engine: &Engine, wasm: &[u8]) -> Result<Vec<u8>, String> {
    let component = fit::component(engine, wasm)?;
    let code = engine.precompile_component(&component).map_err(|error| format!("it does not compile: {error:#}"))?;
    fit::linked(engine, &code)?;
    Ok(code)
}

#[expect(clippy::print_stderr, reason = "for whoever reads the end of it")]
fn complain(error: &io::Error) {
    eprintln!("the compiler cannot go on: {error}");
}
