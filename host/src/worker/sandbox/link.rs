//! The WASI interfaces that a scanner may import. Everything else, sockets first of all, does not exist
//! for it: a component that imports more does not start.

use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::WasiView as _;
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView as _};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemCtxView, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, io, random};
use wasmtime_wasi::random::WasiRandom;

use super::State;
use super::bindings::fumehood::scanner::shards;
use super::files::Files;
use super::shards::Place;

struct Io;

impl HasData for Io {
    type Data<'a> = &'a mut ResourceTable;
}

/// Links the other sandboxes of a repository, wasi:io, wasi:clocks, wasi:random, wasi:filesystem and wasi:cli.
pub(super) fn add(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    shards::add_to_linker::<_, Place>(linker, |state| &mut state.place)?;

    io::error::add_to_linker::<_, Io>(linker, |state| state.ctx().table)?;
    io::poll::add_to_linker::<_, Io>(linker, |state| state.ctx().table)?;
    io::streams::add_to_linker::<_, Io>(linker, |state| state.ctx().table)?;

    clocks::wall_clock::add_to_linker::<_, WasiClocks>(linker, State::clocks)?;
    clocks::monotonic_clock::add_to_linker::<_, WasiClocks>(linker, State::clocks)?;
    random::random::add_to_linker::<_, WasiRandom>(linker, |state| state.ctx().ctx.random())?;

    filesystem::preopens::add_to_linker::<_, WasiFilesystem>(linker, State::filesystem)?;
    filesystem::types::add_to_linker::<_, Files<'static>>(linker, files)?;

    // What Rust's standard library asks for at its start; all of it is empty, or goes to a capped buffer.
    cli::environment::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::exit::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::stdin::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::stdout::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::stderr::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::terminal_input::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::terminal_output::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::terminal_stdin::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::terminal_stdout::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::terminal_stderr::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    Ok(())
}

fn files(state: &mut State) -> Files<'_> {
    let wasi = WasiFilesystemCtxView { ctx: state.wasi.filesystem(), table: &mut state.table };
    Files { wasi, rules: &state.files }
}
