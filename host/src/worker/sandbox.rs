//! The wasmtime sandbox around one scan.
//!
//! Denied unless it stands here: the guest gets no environment, no arguments, no standard input, no
//! network (the interfaces are not even linked, so a component that imports one does not start), no
//! folder but `/repo` (read-only) and `/status` (read-write), one linear memory of limited size,
//! limited tables and instances, limited fuel, a limited stack, limited random bytes and limited
//! output. What it may make the host allocate in one call is limited too. Of wasi:filesystem it gets what [`files`]
//! leaves, in `/status` as much as [`budget`] has; its clocks are coarse, and what is random to it is always the same.

mod budget;
mod clocks;
mod command;
mod files;
mod limiter;
mod link;
mod shards;
mod streams;

use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;

use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store, Trap};
use wasmtime_wasi::p2::bindings::Command;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtx, WasiCtxView, WasiView};

use self::bindings::Scanner;
pub use self::bindings::fumehood::scanner::types::{Calls, Failure, File, Format, Request, Summary};
use self::clocks::Coarse;
use self::files::Rules;
use self::limiter::Limiter;
use self::shards::OtherEnded;
pub use self::shards::Place;
use super::artefact;
use super::lockdown::Layer;
use super::spec::{Artefact, Verdict, VerdictKind};
use crate::limits::{
    FUEL_YIELD_INTERVAL, GUEST_ASYNC_STACK_BYTES, GUEST_RANDOM_BYTES, GUEST_RESOURCES_MAX, GUEST_STACK_BYTES,
    GUEST_STDIO_BYTES, HOSTCALL_BYTES,
};
use crate::text;

#[expect(missing_docs, clippy::all, clippy::restriction, reason = "generated")]
mod bindings {
    wasmtime::component::bindgen!({ path: "../wit/scanner.wit", world: "scanner", imports: { default: trappable }, exports: { default: async } });
}

/// What a scanner imports that can share, without the version.
const SHARDS: &str = "fumehood:scanner/shards@";

/// A scanner, instantiated.
pub struct Sandbox {
    store: Store<State>,
    guest: Guest,
    status: PathBuf,
    output: MemoryOutputPipe,
}

/// What can be called of it.
enum Guest {
    /// A component of the world in `wit/scanner.wit`.
    Scanner(Scanner),
    /// A program of `wasi:cli/command`, which finds its request in a file.
    Command(Command),
}

/// What the host keeps for the guest.
pub(crate) struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    limiter: Limiter,
    files: Rules,
    place: Place,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// The engine, configured alike where the scanner is compiled and where it runs.
pub fn engine() -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .max_wasm_stack(GUEST_STACK_BYTES)
        .async_stack_size(GUEST_ASYNC_STACK_BYTES)
        // Who would read them? Nothing unwinds through a guest, and where in it something happened, nobody is told.
        .native_unwind_info(false)
        .generate_address_map(false)
        .wasm_component_model(true)
        .wasm_memory64(false)
        .wasm_relaxed_simd(false);
    Engine::new(&config)
}

/// What a scanner may touch and use up.
#[derive(Clone, Copy, Debug)]
pub struct Walls<'a> {
    /// Becomes `/repo`, read-only.
    pub repo: &'a Path,
    /// Becomes `/status`, read-write.
    pub status: &'a Path,
    /// Instructions, about.
    pub fuel: u64,
    /// Of linear memory.
    pub memory_bytes: u64,
    /// Walls that are left off; see [`super::spec::Spec::without`].
    pub without: &'a [Layer],
}

impl Walls<'_> {
    fn has(&self, layer: Layer) -> bool {
        !self.without.contains(&layer)
    }

    fn fuel(&self) -> u64 {
        if self.has(Layer::Fuel) { self.fuel } else { u64::MAX }
    }
}

/// Loads a compiled scanner. Afterwards no more executable memory is needed, and no file.
pub fn load(engine: &Engine, artefact: &Artefact) -> Result<Component, Verdict> {
    artefact::load(engine, artefact).map_err(|error| host_error(&error))
}

/// Whether a scanner can share a repository with others of its kind.
pub fn can_share(component: &Component) -> bool {
    let engine = component.engine();
    component.component_type().imports(engine).any(|(name, _)| name.starts_with(SHARDS))
}

/// Whether everything that a component imports is linked, and of its type.
pub(super) fn fits(component: &Component) -> wasmtime::Result<()> {
    let mut linker = Linker::new(component.engine());
    link::add(&mut linker)?;
    linker.instantiate_pre(component).map(drop)
}

impl Guest {
    async fn instantiate(
        store: &mut Store<State>,
        component: &Component,
        linker: &Linker<State>,
    ) -> wasmtime::Result<Self> {
        if component.get_export_index(None, "scan").is_some() {
            Scanner::instantiate_async(store, component, linker).await.map(Self::Scanner)
        } else {
            Command::instantiate_async(store, component, linker).await.map(Self::Command)
        }
    }
}

impl Sandbox {
    /// Instantiates a scanner that may have all that the walls allow. Its start functions run under the same limits.
    pub async fn new(engine: &Engine, component: &Component, walls: Walls<'_>) -> Result<Self, Verdict> {
        Self::at(Place::first(walls), engine, component, walls).await
    }

    /// Instantiates one more for the same repository, at a place from [`Sandbox::places`].
    pub async fn at(place: Place, engine: &Engine, component: &Component, walls: Walls<'_>) -> Result<Self, Verdict> {
        let output = MemoryOutputPipe::new(GUEST_STDIO_BYTES);
        let state = State {
            wasi: wasi(walls, &output).map_err(|error| host_error(&error))?,
            table: resources(),
            limiter: Limiter::new(place.memory()),
            files: Rules { is_narrowed: walls.has(Layer::WasiFunctions), budget: place.budget() },
            place,
        };
        let mut store = Store::new(engine, state);
        store.limiter(|state| &mut state.limiter);
        store.set_hostcall_fuel(HOSTCALL_BYTES);
        store
            .set_fuel(walls.fuel())
            .and_then(|()| store.fuel_async_yield_interval(Some(FUEL_YIELD_INTERVAL)))
            .map_err(|error| host_error(&error))?;
        let mut linker = Linker::new(engine);
        link::add(&mut linker).map_err(|error| host_error(&error))?;
        match Guest::instantiate(&mut store, component, &linker).await {
            Ok(guest) => Ok(Self { store, guest, status: walls.status.to_owned(), output }),
            Err(error) => Err(ended(&store, &error).unwrap_or_else(|| {
                Verdict::new(VerdictKind::ContractBroken, format!("the scanner does not fit its sandbox: {error:#}"))
            })),
        }
    }

    /// The places of `others` more sandboxes that share this one's `files`, so many of them, and its limits. `ends` tells
    /// how each has ended.
    pub fn places(&mut self, others: u32, files: usize, ends: Receiver<Result<(), Verdict>>) -> Vec<Place> {
        let (place, of) = (&mut self.store.data_mut().place, others.saturating_add(1));
        place.among(of, files, ends);
        (1..of).map(|number| place.another(number, of)).collect()
    }

    /// What the scanner says it reads.
    pub async fn formats(&mut self) -> Result<Vec<Format>, Verdict> {
        let Guest::Scanner(scanner) = &self.guest else { return Ok(Vec::new()) };
        scanner.call_formats(&mut self.store).await.map_err(|error| self.trapped(&error))
    }

    /// Which of `paths` the scanner wants, as positions in them: ascending and in range. A command cannot say, and gets
    /// all of them.
    pub async fn select(&mut self, paths: &[String], calls: &Calls) -> Result<Vec<u32>, Verdict> {
        let Guest::Scanner(scanner) = &self.guest else { return Ok((0..).zip(paths).map(|(at, _)| at).collect()) };
        let answer = scanner.call_select(&mut self.store, paths, calls).await;
        let chosen = answer.map_err(|error| self.trapped(&error))?;
        let ascending = chosen.is_sorted_by(|left, right| left < right);
        let in_range = chosen.last().is_none_or(|last| (*last as usize) < paths.len());
        if ascending && in_range {
            return Ok(chosen);
        }
        Err(Verdict::new(VerdictKind::ContractBroken, "the scanner selected files that it was not offered"))
    }

    /// Runs the scan to its end.
    pub async fn scan(&mut self, request: &Request) -> Result<(), Verdict> {
        let scanner = match &self.guest {
            Guest::Scanner(scanner) => scanner,
            Guest::Command(command) => {
                let told = command::tell(&self.status, request)?;
                let ended = command.wasi_cli_run().call_run(&mut self.store).await;
                told.forget();
                let has_scanned = command::has_succeeded(ended).map_err(|error| self.trapped(&error))?;
                // WASI tells a host whether a program succeeded, not with which code it failed.
                let why = "its exit code was not 0; its standard error may tell why";
                return if has_scanned { Ok(()) } else { Err(self.gave_up(why)) };
            }
        };
        let fuel = self.store.data().place.fuel();
        let answer = fuel.meter(scanner.call_scan(&mut self.store, request)).await;
        match answer.map_err(|error| self.trapped(&error))? {
            Ok(_counted_by_the_host) => Ok(()),
            Err(Failure::Status(why) | Failure::Report(why) | Failure::Request(why)) => Err(self.gave_up(&why)),
        }
    }

    fn gave_up(&self, why: &str) -> Verdict {
        if self.store.data().files.budget.is_spent() {
            return Verdict::new(VerdictKind::TooLarge, "its report is larger than reports may be");
        }
        Verdict::new(VerdictKind::Trapped, format!("the scanner gave up: {}", text::clean(why)))
    }

    /// What the guest wrote to its standard output and error, made fit to be shown.
    pub fn output(&self) -> String {
        text::clean_lines(&String::from_utf8_lossy(&self.output.contents()))
    }

    fn trapped(&self, error: &wasmtime::Error) -> Verdict {
        ended(&self.store, error)
            .unwrap_or_else(|| Verdict::new(VerdictKind::Trapped, format!("the scanner was stopped: {error:#}")))
    }
}

fn resources() -> ResourceTable {
    let mut table = ResourceTable::new();
    table.set_max_capacity(GUEST_RESOURCES_MAX);
    table
}

fn wasi(walls: Walls<'_>, output: &MemoryOutputPipe) -> wasmtime::Result<WasiCtx> {
    let repository = if walls.has(Layer::ReadOnlyRepository) { FsPerms::ReadOnly } else { FsPerms::ReadWrite };
    let mut builder = WasiCtx::builder();
    builder
        .stdout(output.clone())
        .stderr(output.clone())
        .max_random_size(GUEST_RANDOM_BYTES)
        .secure_random(clocks::chance())
        .wall_clock(Coarse::new())
        .monotonic_clock(Coarse::new())
        // Before the preopens, which copy it: this process has nothing else to do than wait for its
        // guest, and a thread for every file call costs three times as much as the call.
        .allow_blocking_current_thread(true)
        .preopened_dir(walls.repo, "/repo", repository)?
        .preopened_dir(walls.status, "/status", FsPerms::ReadWrite)?;
    Ok(builder.build())
}

/// What a guest's end means; `None` if the error is none of the ends that are known.
fn ended(store: &Store<State>, error: &wasmtime::Error) -> Option<Verdict> {
    let (limiter, budget) = (&store.data().limiter, &store.data().files.budget);
    if budget.is_spent() {
        let message = "the scanner wanted to leave more than it may: bytes, files or folders";
        return Some(Verdict::new(VerdictKind::TooLarge, message));
    }
    if let Some(wanted) = limiter.refused() {
        let message = format!("the scanner needed more memory than it may have: {wanted}; see --memory");
        return Some(Verdict::new(VerdictKind::OutOfMemory, message));
    }
    if let Some(I32Exit(code)) = error.downcast_ref::<I32Exit>() {
        return Some(Verdict::new(VerdictKind::Trapped, format!("the scanner exited by itself with code {code}")));
    }
    if let Some(OtherEnded(verdict)) = error.downcast_ref() {
        return Some(verdict.clone());
    }
    let trap = *error.downcast_ref::<Trap>()?;
    let verdict = if trap == Trap::OutOfFuel {
        Verdict::new(VerdictKind::OutOfFuel, "the scanner used up its fuel; see --fuel")
    } else if trap == Trap::StackOverflow {
        Verdict::new(VerdictKind::StackOverflow, "the scanner recursed too deep")
    } else {
        Verdict::new(VerdictKind::Trapped, format!("the scanner trapped: {trap}"))
    };
    Some(verdict)
}

fn host_error(error: &dyn std::fmt::Display) -> Verdict {
    Verdict::new(VerdictKind::HostError, format!("the sandbox cannot be set up: {error:#}"))
}
