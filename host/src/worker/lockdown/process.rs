//! What a worker takes from itself first: before it has read a hostile byte, and for good.

use std::io;
use std::process;

use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, getppid, getrlimit, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit,
};

use crate::limits::{
    ARTEFACT_BYTES_MAX, GUEST_RESERVATION_BYTES, REPORT_BYTES_MAX, WORKER_DESCRIPTORS, WORKER_MEMORY_BYTES,
};
use crate::worker::spec::Spec;

/// The exit code of a worker whose parent went away. Nobody is left to read it.
pub(super) const ORPHANED: i32 = 70;

/// Closes whatever the parent left open beside the three pipes.
#[expect(unsafe_code, reason = "no safe way to close descriptors that nobody here owns")]
pub(super) fn close_descriptors() -> io::Result<()> {
    // SAFETY: called before this process has opened a file, so that no descriptor above the three pipes has an owner.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0) };
    if closed == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// From now on others can neither trace this process nor read its memory, and it leaves no core: it would hold the
/// repository, and a token. (For root there is `RLIMIT_CORE`, and the system's own rules for tracing.)
pub(super) fn hide_memory() -> io::Result<()> {
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// The kernel kills this process when the parent's thread that started it ends, prctl(2). If the parent was gone
/// before that, nobody would: so this looks once.
pub(super) fn die_with(parent: u32) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let is_there = getppid().is_some_and(|pid| u32::try_from(pid.as_raw_pid()) == Ok(parent));
    if is_there { Ok(()) } else { process::exit(ORPHANED) }
}

/// Bounds for what the other layers do not count. Limits are only ever lowered. The sandboxes may have the memory of one;
/// what lists and fetches for them gets the rest.
pub(super) fn limit_resources(spec: &Spec) -> io::Result<()> {
    let (memory, sandboxes) = (spec.memory_bytes.saturating_add(WORKER_MEMORY_BYTES), u64::from(spec.sandboxes));
    // Wasmtime reserves addresses for the linear memory and its guards, so that it needs no check at each access.
    let reserved = GUEST_RESERVATION_BYTES.saturating_mul(sandboxes);
    lower(Resource::Core, 0)?;
    lower(Resource::Data, memory)?;
    lower(Resource::As, memory.saturating_add(reserved).saturating_add(ARTEFACT_BYTES_MAX))?;
    lower(Resource::Fsize, REPORT_BYTES_MAX)?;
    lower(Resource::Nofile, WORKER_DESCRIPTORS)?;
    lower(Resource::Cpu, spec.cpu_seconds.saturating_mul(sandboxes))?;
    lower(Resource::Memlock, 0)?;
    lower(Resource::Msgqueue, 0)
}

fn lower(resource: Resource, limit: u64) -> io::Result<()> {
    let ceiling = getrlimit(resource).maximum.map_or(limit, |maximum| maximum.min(limit));
    let limit = Rlimit { current: Some(ceiling), maximum: Some(ceiling) };
    Ok(setrlimit(resource, limit)?)
}
