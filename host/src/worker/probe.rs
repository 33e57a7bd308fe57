//! What somebody would try who has taken over a worker. `fumehood doctor` has each tried in a worker that is locked
//! down and does nothing else, and tells what came of it: what is said of a machine was seen on it.

mod raw;

use std::fs::{self, File};
use std::io;
use std::net::TcpStream;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::path::Path;
use std::thread;

use clap::ValueEnum;
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::net::{AddressFamily, SocketType, socket};
use rustix::process::{Pid, test_kill_process};
use rustix::thread::no_new_privs;
use serde::{Deserialize, Serialize};

use super::spec::{Origin, Spec};
use crate::crew::Crew;

/// One thing to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Probe {
    /// Reads a file of the system's.
    ReadOutside,
    /// Writes beside its own folder.
    WriteOutside,
    /// Writes into the repository.
    WriteRepository,
    /// Reads its parent's environment.
    ReadParent,
    /// Reads what its parent left open.
    Inherited,
    /// Makes another process.
    Fork,
    /// Makes another thread.
    Thread,
    /// Starts a program.
    Execute,
    /// Gains rights by a program that has them.
    GainRights,
    /// Opens a socket of the kernel's own.
    Socket,
    /// Connects to a server on this machine.
    Connect,
    /// Talks to a process through an abstract socket.
    AbstractSocket,
    /// Signals its parent.
    Signal,
    /// Traces its parent.
    Trace,
    /// Makes a file that has no name.
    Memfd,
    /// Takes memory that is writable and executable.
    ExecutableMemory,
    /// Makes memory executable that it has written.
    MakeExecutable,
    /// Enters new namespaces.
    Namespace,
    /// Loads a program into the kernel.
    Bpf,
    /// Takes more memory than it may have.
    Memory,
    /// Reserves more addresses than it may have.
    Addresses,
    /// Opens more files than it may.
    ManyFiles,
    /// Writes a larger file than it may.
    LargeFile,
}

/// What came of it, if the worker is there to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tried {
    /// It worked.
    Succeeded,
    /// It did not, and this is why.
    Refused(String),
}

/// A probe, and who waits for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// What to try.
    pub probe: Probe,
    /// A server's on 127.0.0.1.
    pub port: u16,
    /// An abstract socket's.
    pub socket: String,
}

/// More than the usual limit of open files.
const FILES: usize = 4096;

impl Probe {
    /// As on the command line and in what `doctor` prints.
    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// For people.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::ReadOutside => "read /etc/passwd",
            Self::WriteOutside => "write beside its own folder",
            Self::WriteRepository => "write into the repository",
            Self::ReadParent => "read its parent's environment",
            Self::Inherited => "read what its parent left open",
            Self::Fork => "make another process",
            Self::Thread => "make another thread",
            Self::Execute => "start a program",
            Self::GainRights => "gain rights by a program that has them",
            Self::Socket => "talk to the kernel through a netlink socket",
            Self::Connect => "connect to a server on this machine",
            Self::AbstractSocket => "talk to a process through an abstract socket",
            Self::Signal => "signal its parent",
            Self::Trace => "trace its parent",
            Self::Memfd => "make a file without a name",
            Self::ExecutableMemory => "take executable memory",
            Self::MakeExecutable => "make its memory executable",
            Self::Namespace => "enter new namespaces",
            Self::Bpf => "load a program into the kernel",
            Self::Memory => "take more memory than it may",
            Self::Addresses => "reserve more addresses than it may",
            Self::ManyFiles => "open more files than it may",
            Self::LargeFile => "write a larger file than it may",
        }
    }
}

impl Attempt {
    /// Tries it; in another thread, if there is one.
    pub(super) fn run_in(&self, crew: &Crew, spec: &Spec) -> Tried {
        if crew.len() == 0 {
            return self.run(spec);
        }
        let (attempt, spec) = (self.clone(), spec.clone());
        let tried = crew.all(move || attempt.run(&spec)).unwrap_or_default();
        let worst = tried.iter().find(|tried| **tried == Tried::Succeeded).or(tried.first());
        worst.cloned().unwrap_or_else(|| Tried::Refused("the threads are gone".to_owned()))
    }

    fn run(&self, spec: &Spec) -> Tried {
        match self.try_it(spec) {
            Ok(()) => Tried::Succeeded,
            Err(error) => Tried::Refused(error.to_string()),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "what it tries is what nobody may")]
    fn try_it(&self, spec: &Spec) -> io::Result<()> {
        match self.probe {
            Probe::ReadOutside => fs::read("/etc/passwd").map(drop),
            Probe::WriteOutside => fs::write(spec.status_dir.with_file_name("probe"), ""),
            Probe::WriteRepository => fs::write(repository(spec)?.join("probe"), ""),
            Probe::ReadParent => fs::read(format!("/proc/{}/environ", spec.parent_pid)).map(drop),
            Probe::Inherited => raw::read_any_descriptor(),
            Probe::Fork => raw::fork(),
            Probe::Thread => thread::Builder::new().spawn(|| ()).map(drop),
            Probe::Execute => raw::execute(),
            Probe::GainRights => {
                no_new_privs()?.then_some(()).map_or(Ok(()), |()| Err(no("no new rights for this process")))
            }
            Probe::Socket => Ok(socket(AddressFamily::NETLINK, SocketType::RAW, None).map(drop)?),
            Probe::Connect => TcpStream::connect(("127.0.0.1", self.port)).map(drop),
            Probe::AbstractSocket => {
                let address = SocketAddr::from_abstract_name(&self.socket)?;
                UnixStream::connect_addr(&address).map(drop)
            }
            // Asks whether it could send one.
            Probe::Signal => Ok(test_kill_process(parent(spec)?)?),
            Probe::Trace => raw::trace(parent(spec)?),
            Probe::Memfd => Ok(memfd_create("probe", MemfdFlags::CLOEXEC).map(drop)?),
            Probe::ExecutableMemory => raw::executable_memory(),
            Probe::MakeExecutable => raw::make_executable(),
            Probe::Namespace => raw::enter_namespaces(),
            Probe::Bpf => raw::load_into_kernel(),
            Probe::Memory => raw::take_memory(spec.memory_bytes.saturating_add(8 << 30)),
            Probe::Addresses => raw::reserve(1 << 40),
            Probe::ManyFiles => many_files(&spec.status_dir),
            Probe::LargeFile => {
                // Sparse: a byte at 1 TiB.
                let file = File::create(spec.status_dir.join("probe"))?;
                std::os::unix::fs::FileExt::write_at(&file, b"x", 1 << 40).map(drop)
            }
        }
    }
}

fn no(why: &str) -> io::Error {
    io::Error::other(why.to_owned())
}

fn parent(spec: &Spec) -> io::Result<Pid> {
    i32::try_from(spec.parent_pid).ok().and_then(Pid::from_raw).ok_or_else(|| no("there is no parent"))
}

fn repository(spec: &Spec) -> io::Result<&Path> {
    match &spec.origin {
        Origin::Folder(path) => Ok(path),
        Origin::Git(_) => Err(no("a probe has a folder for its repository")),
    }
}

#[expect(clippy::disallowed_methods, reason = "its own folder")]
fn many_files(folder: &Path) -> io::Result<()> {
    let path = folder.join("probe");
    fs::write(&path, "")?;
    (0..FILES).map(|_| File::open(&path)).collect::<Result<Vec<_>, _>>().map(drop)
}
