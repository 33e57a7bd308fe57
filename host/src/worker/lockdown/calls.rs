//! seccomp: system calls that a worker never makes, in any stage, end it at once. Without them a
//! flaw in what reads hostile bytes cannot start a program, make another process, trace one, or bring
//! executable memory in by a file.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter_all_threads,
};

use super::Stage;

/// Forbids for all threads.
pub(super) fn forbid(stage: Stage<'_>) -> Result<(), Box<dyn std::error::Error>> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = NEVER.iter().map(|call| (*call, Vec::new())).collect();
    rules.insert(libc::SYS_clone, vec![makes_a_process()?]);
    match stage {
        Stage::Fetching { .. } => drop(rules.insert(libc::SYS_socket, vec![is_no_internet_socket()?])),
        Stage::Materializing { .. } | Stage::Scanning { .. } => {
            rules.extend(NETWORK.iter().map(|call| (*call, Vec::new())));
        }
    }
    apply(rules, SeccompAction::KillProcess)?;
    // Its flags lie in memory, where a filter cannot look: the C library falls back to clone.
    let clone3 = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    apply(clone3, SeccompAction::Errno(u32::try_from(libc::ENOSYS)?))
}

fn apply(rules: BTreeMap<i64, Vec<SeccompRule>>, action: SeccompAction) -> Result<(), Box<dyn std::error::Error>> {
    let arch = std::env::consts::ARCH.try_into()?;
    let filter: BpfProgram = SeccompFilter::new(rules, SeccompAction::Allow, action, arch)?.try_into()?;
    Ok(apply_filter_all_threads(&filter)?)
}

/// `clone` without `CLONE_THREAD`. The flags are the first argument on every architecture that we build for.
fn makes_a_process() -> Result<SeccompRule, BackendError> {
    let thread = u64::from(libc::CLONE_THREAD.unsigned_abs());
    let without = SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(thread), 0)?;
    SeccompRule::new(vec![without])
}

/// A socket of another family than IPv4 and IPv6.
fn is_no_internet_socket() -> Result<SeccompRule, BackendError> {
    let is_not = |family: i32| {
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, u64::from(family.unsigned_abs()))
    };
    SeccompRule::new(vec![is_not(libc::AF_INET)?, is_not(libc::AF_INET6)?])
}

const NEVER: &[i64] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // Executable memory without a file, and files without a name.
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    // Doors into the kernel that nothing here needs.
    libc::SYS_bpf,
    libc::SYS_userfaultfd,
    libc::SYS_perf_event_open,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_kexec_load,
    // Other roots, other namespaces.
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_by_handle_at,
];

const NETWORK: &[i64] = &[
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
];
