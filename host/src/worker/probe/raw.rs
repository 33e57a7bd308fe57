//! The attempts that only the C library can make. Each is meant to fail; where one succeeds, it is undone or harmless.

#![expect(unsafe_code, reason = "what a hijacked process would do is not what safe functions offer")]

use std::io;
use std::ptr;

use rustix::process::Pid;

fn check(result: impl Into<i64>) -> io::Result<()> {
    if result.into() < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

pub(super) fn fork() -> io::Result<()> {
    // SAFETY: the child calls nothing but `_exit`.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: ends this process, and runs nothing of it before.
        unsafe { libc::_exit(0) }
    }
    check(child)?;
    let mut status = 0;
    // SAFETY: waits for the child that was just made.
    check(unsafe { libc::waitpid(child, &raw mut status, 0) })
}

pub(super) fn execute() -> io::Result<()> {
    let program = c"/bin/true".as_ptr();
    let arguments = [program, ptr::null()];
    // SAFETY: program and arguments are strings of C; the list ends with a null. Where it works, this process becomes
    // that program, which ends with 0 and says nothing.
    check(unsafe { libc::execv(program, arguments.as_ptr()) })
}

pub(super) fn trace(process: Pid) -> io::Result<()> {
    let process = process.as_raw_pid();
    // SAFETY: attaches and detaches; no memory is touched.
    unsafe {
        check(libc::ptrace(libc::PTRACE_SEIZE, process, 0, 0))?;
        // Where that fails, the end of this process does it.
        let _at_the_end = libc::ptrace(libc::PTRACE_DETACH, process, 0, 0);
    }
    Ok(())
}

/// Any descriptor between the three pipes and where a worker's own begin to be many.
pub(super) fn read_any_descriptor() -> io::Result<()> {
    let mut byte = [0_u8];
    for descriptor in 100..200 {
        // SAFETY: reads one byte into one byte; who owns the descriptor loses it, and that is the attack.
        if unsafe { libc::pread(descriptor, byte.as_mut_ptr().cast(), 1, 0) } >= 0 {
            return Ok(());
        }
    }
    Err(io::Error::last_os_error())
}

pub(super) fn executable_memory() -> io::Result<()> {
    map(4096, libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC).map(|pages| pages.give_back())
}

pub(super) fn make_executable() -> io::Result<()> {
    let pages = map(4096, libc::PROT_READ | libc::PROT_WRITE)?;
    // SAFETY: the pages are our own and hold nothing.
    let made = check(unsafe { libc::mprotect(pages.address, pages.length, libc::PROT_READ | libc::PROT_EXEC) });
    pages.give_back();
    made
}

pub(super) fn reserve(bytes: usize) -> io::Result<()> {
    map(bytes, libc::PROT_NONE).map(|pages| pages.give_back())
}

/// Asks for it at once and uses none, so that nothing suffers where it is given.
pub(super) fn take_memory(bytes: u64) -> io::Result<()> {
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    map(bytes, libc::PROT_READ | libc::PROT_WRITE).map(|pages| pages.give_back())
}

pub(super) fn enter_namespaces() -> io::Result<()> {
    // SAFETY: nobody else uses what this process shares, and it ends soon.
    check(unsafe { libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNET) })
}

/// Creates a map of one entry: what every program of the kernel's begins with.
pub(super) fn load_into_kernel() -> io::Result<()> {
    // BPF_MAP_CREATE: type (array), size of key, size of value, entries; bpf(2).
    let attributes = [2_u32, 4, 4, 1, 0, 0, 0, 0];
    let (pointer, length) = (attributes.as_ptr(), size_of_val(&attributes));
    // SAFETY: the kernel reads `length` bytes of the attributes, which outlive the call.
    let map = unsafe { libc::syscall(libc::SYS_bpf, 0, pointer, length) };
    check(map)
}

struct Pages {
    address: *mut libc::c_void,
    length: usize,
}

impl Pages {
    fn give_back(self) {
        // SAFETY: they were mapped by `map`, and nothing points to them.
        let _gone = unsafe { libc::munmap(self.address, self.length) };
    }
}

fn map(length: usize, protection: libc::c_int) -> io::Result<Pages> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: new pages, at an address that the kernel chooses.
    let address = unsafe { libc::mmap(ptr::null_mut(), length, protection, flags, -1, 0) };
    if address == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(Pages { address, length }) }
}
