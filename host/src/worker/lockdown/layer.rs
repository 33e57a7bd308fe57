//! The layers around a worker, each with its name and what it is for.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// How much of the sandbox must be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Nothing is scanned where a layer is missing that is not optional.
    Strict,
    /// What this kernel lacks is left out, and every report says so.
    #[default]
    BestEffort,
    /// Only WebAssembly and WASI hold: none of the operating system's layers is put on.
    Off,
}

impl Mode {
    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::BestEffort => "best-effort",
            Self::Off => "off",
        }
    }
}

/// One layer. Those of [`Layer::SYSTEM`] need something of the operating system; the others are our own and always there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// The process has nothing of its parent's but three pipes.
    Descriptors,
    /// Nobody else can look into the process, and it leaves no core.
    NotDumpable,
    /// It dies with its parent.
    ParentDeath,
    /// Bounded memory, address space, CPU time, files and descriptors.
    ResourceLimits,
    /// No program that it started could have more rights.
    NoNewPrivileges,
    /// A user namespace and a root folder that hold nothing but the job.
    Namespaces,
    /// Which files it reaches.
    LandlockFiles,
    /// That it reaches no network.
    LandlockNetwork,
    /// That it signals nobody.
    LandlockScope,
    /// The system calls that are left.
    Seccomp,
    /// A control group of its own.
    ControlGroup,
    /// The repository is read-only for the guest.
    ReadOnlyRepository,
    /// The functions of WASI that are left.
    WasiFunctions,
    /// What the guest may put into its folder.
    StatusBudget,
    /// What the guest may grow.
    GuestMemory,
    /// How many instructions the guest may run.
    Fuel,
}

impl Layer {
    /// The layers that the operating system must give.
    pub const SYSTEM: [Self; 11] = [
        Self::Descriptors,
        Self::NotDumpable,
        Self::ParentDeath,
        Self::ResourceLimits,
        Self::NoNewPrivileges,
        Self::Namespaces,
        Self::LandlockFiles,
        Self::LandlockNetwork,
        Self::LandlockScope,
        Self::Seccomp,
        Self::ControlGroup,
    ];

    /// The layers that hold everywhere.
    pub const GUEST: [Self; 5] =
        [Self::ReadOnlyRepository, Self::WasiFunctions, Self::StatusBudget, Self::GuestMemory, Self::Fuel];

    /// Whether a strict sandbox goes on without it: not every machine can give it, and the others hold without it.
    pub fn is_optional(self) -> bool {
        matches!(self, Self::Namespaces | Self::ControlGroup)
    }

    /// As on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Descriptors => "descriptors",
            Self::NotDumpable => "not-dumpable",
            Self::ParentDeath => "parent-death",
            Self::ResourceLimits => "resource-limits",
            Self::NoNewPrivileges => "no-new-privileges",
            Self::Namespaces => "namespaces",
            Self::LandlockFiles => "landlock-files",
            Self::LandlockNetwork => "landlock-network",
            Self::LandlockScope => "landlock-scope",
            Self::Seccomp => "seccomp",
            Self::ControlGroup => "control-group",
            Self::ReadOnlyRepository => "read-only-repository",
            Self::WasiFunctions => "wasi-functions",
            Self::StatusBudget => "status-budget",
            Self::GuestMemory => "guest-memory",
            Self::Fuel => "fuel",
        }
    }

    /// What it is for, in a line.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Descriptors => "no file of the parent's stays open in a worker (close_range)",
            Self::NotDumpable => "no other process looks into a worker, and it leaves no core dump",
            Self::ParentDeath => "the kernel kills a worker whose parent is gone",
            Self::ResourceLimits => "the kernel bounds memory, address space, CPU time, files and descriptors",
            Self::NoNewPrivileges => "nothing that a worker could start would have more rights",
            Self::Namespaces => "a root folder that holds nothing but the repository and the status folder",
            Self::LandlockFiles => "only the repository is read, only the status folder is written",
            Self::LandlockNetwork => "no TCP connection, and none accepted",
            Self::LandlockScope => "no signal to another process, no abstract socket",
            Self::Seccomp => "a short list of system calls; any other kills the worker",
            Self::ControlGroup => "the kernel bounds memory, processes and CPU of each worker as a group",
            Self::ReadOnlyRepository => "the repository is opened read-only for the scanner",
            Self::WasiFunctions => "the scanner has only the functions of WASI that it needs",
            Self::StatusBudget => "bytes, files and folders that the scanner may leave",
            Self::GuestMemory => "the scanner's linear memory and tables",
            Self::Fuel => "the scanner's instructions, counted",
        }
    }

    /// What would give it, where it is missing.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::LandlockFiles => "needs Linux 6.2 or newer with Landlock among its security modules (lsm=…,landlock)",
            Self::LandlockNetwork => "needs Linux 6.7 or newer with Landlock",
            Self::LandlockScope => "needs Linux 6.12 or newer with Landlock",
            Self::Seccomp => "needs a kernel with CONFIG_SECCOMP_FILTER",
            Self::Namespaces => {
                "needs unprivileged user namespaces (sysctl user.max_user_namespaces, or AppArmor's rule for them)"
            }
            Self::ControlGroup => "needs a delegated cgroup v2 with the controllers memory and pids: --cgroup",
            Self::Descriptors => "needs Linux 5.9 or newer",
            Self::NotDumpable
            | Self::ParentDeath
            | Self::ResourceLimits
            | Self::NoNewPrivileges
            | Self::ReadOnlyRepository
            | Self::WasiFunctions
            | Self::StatusBudget
            | Self::GuestMemory
            | Self::Fuel => "was switched off",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layer_is_of_one_kind_and_has_the_name_that_is_written() {
        let all = Layer::value_variants();
        assert_eq!(all.len(), Layer::SYSTEM.len() + Layer::GUEST.len());
        for layer in all {
            assert!(Layer::SYSTEM.contains(layer) != Layer::GUEST.contains(layer));
            let name = serde_json::to_value(layer).unwrap();
            assert_eq!(name, layer.name());
            assert_eq!(layer.to_possible_value().unwrap().get_name(), layer.name());
        }
    }
}
