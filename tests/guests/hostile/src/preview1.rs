//! Calls of WASI's first preview as they are, for what the standard library does not let through.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd};

/// What to wait for; as zeros, a clock that has passed.
#[derive(Clone, Copy, Default)]
#[repr(C, align(8))]
pub(crate) struct Subscription([u64; 6]);

#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Event([u64; 4]);

#[link(wasm_import_module = "wasi_snapshot_preview1")]
#[expect(unsafe_code, reason = "declares what every host of the preview has")]
unsafe extern "C" {
    fn random_get(to: *mut u8, length: usize) -> u16;
    fn poll_oneoff(wanted: *const Subscription, events: *mut Event, count: usize, happened: *mut usize) -> u16;
    fn path_create_directory(folder: RawFd, path: *const u8, length: usize) -> u16;
    fn path_open(
        folder: RawFd,
        lookup: u32,
        path: *const u8,
        length: usize,
        open: u16,
        rights: u64,
        inheriting: u64,
        flags: u16,
        opened: *mut RawFd,
    ) -> u16;
}

/// Asks once for all of these bytes.
#[expect(unsafe_code, reason = "a raw call")]
pub(crate) fn random(buffer: &mut [u8]) -> u16 {
    // SAFETY: pointer and length are those of a buffer that may be written.
    unsafe { random_get(buffer.as_mut_ptr(), buffer.len()) }
}

/// Waits for all of them at once.
#[expect(unsafe_code, reason = "a raw call")]
pub(crate) fn poll(wanted: &[Subscription]) -> u16 {
    let mut events = Vec::<MaybeUninit<Event>>::with_capacity(wanted.len());
    let mut happened = 0;
    // SAFETY: there is room for as many events as there are subscriptions, and they are not read.
    unsafe { poll_oneoff(wanted.as_ptr(), events.as_mut_ptr().cast(), wanted.len(), &raw mut happened) }
}

/// Makes folders inside each other, from folder to folder, so that no path is long.
#[expect(unsafe_code, reason = "raw calls")]
pub(crate) fn nest(root: &str, depth: usize) -> io::Result<()> {
    const FOLDER: u16 = 2;
    // What may be done with a folder; a right to write it would make it a file to open.
    const RIGHTS: u64 = 1 << 1 | 1 << 9 | 1 << 13 | 1 << 14;
    let mut folder = OwnedFd::from(std::fs::File::open(root)?);
    let name = b"d";
    for _ in 0..depth {
        let at = folder.as_raw_fd();
        // SAFETY: the name lives longer than the call.
        refused(unsafe { path_create_directory(at, name.as_ptr(), name.len()) })?;
        let mut opened = 0;
        // SAFETY: as before, and there is room for the descriptor.
        refused(unsafe { path_open(at, 0, name.as_ptr(), name.len(), FOLDER, RIGHTS, RIGHTS, 0, &raw mut opened) })?;
        // SAFETY: it was opened in this moment, and nobody else has it.
        folder = unsafe { OwnedFd::from_raw_fd(opened) };
    }
    Ok(())
}

fn refused(errno: u16) -> io::Result<()> {
    if errno == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(errno.into())) }
}
