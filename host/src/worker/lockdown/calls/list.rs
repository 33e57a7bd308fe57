//! The lists. Each was made by watching workers over the whole test suite, and each call has its reason.
//! Some calls exist on older architectures only, where the C library prefers them.

/// Reading the repository, writing the status folder. Landlock says which files; these calls say what may be done
/// with them: nothing is linked, nothing gets another owner, other rights or other times.
pub(super) const FILES: &[i64] = &[
    libc::SYS_openat,
    // Wasmtime and the lister open beneath a folder with it, so that no link leads out.
    libc::SYS_openat2,
    libc::SYS_close,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_preadv2,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_pwrite64,
    libc::SYS_pwritev,
    libc::SYS_pwritev2,
    libc::SYS_lseek,
    libc::SYS_ftruncate,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_fadvise64,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_fcntl,
    libc::SYS_getdents64,
    // A link of the tree is looked at to count it, never followed.
    libc::SYS_readlinkat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_readlink,
    // Status files are replaced.
    #[cfg(target_arch = "x86_64")]
    libc::SYS_rename,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_unlink,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_unlinkat,
    libc::SYS_mkdirat,
];

/// Memory that is given back, or moved.
pub(super) const MEMORY: &[i64] = &[libc::SYS_munmap, libc::SYS_mremap, libc::SYS_madvise, libc::SYS_brk];

/// Memory that is taken, as long as no program can lie in it.
pub(super) const MAPPING: &[i64] = &[libc::SYS_mmap, libc::SYS_mprotect];

/// What concerns nobody but this process.
pub(super) const ITSELF: &[i64] = &[
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_getrandom,
    libc::SYS_getpid,
    libc::SYS_gettid,
    // Clocks, where the kernel does not lend them without a call; and waiting, for a guest that sleeps.
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_restart_syscall,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_gettimeofday,
    // Traps of the guest are signals: a division by zero, an access beyond its memory.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
];

/// How a process aborts itself; its own id is the condition.
pub(super) const ABORTING: &[i64] = &[libc::SYS_tgkill];

/// What libgit2 does in the folder of its bare repository, and what writing out files takes.
pub(super) const REPOSITORY: &[i64] = &[
    #[cfg(target_arch = "x86_64")]
    libc::SYS_open,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_stat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lstat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_access,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_mkdir,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_rmdir,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    // It moves a finished pack by a second name, and tries whether links can be made, which Landlock then denies.
    #[cfg(target_arch = "x86_64")]
    libc::SYS_link,
    libc::SYS_linkat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_symlink,
    libc::SYS_symlinkat,
    libc::SYS_umask,
    libc::SYS_getcwd,
    libc::SYS_msync,
    // Whom a folder belongs to is asked before libgit2 trusts it.
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_fstatfs,
    libc::SYS_statfs,
    libc::SYS_utimensat,
];

/// A connection that exists.
pub(super) const CONNECTION: &[i64] = &[
    libc::SYS_connect,
    libc::SYS_sendto,
    libc::SYS_recvfrom,
    libc::SYS_shutdown,
    libc::SYS_getsockopt,
    libc::SYS_setsockopt,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
    libc::SYS_ppoll,
];

/// A new one: of TCP, over IPv4 or IPv6.
pub(super) const SOCKET: &[i64] = &[libc::SYS_socket];

/// Sockets are made non-blocking with it, to connect with a deadline.
pub(super) const NON_BLOCKING: &[i64] = &[libc::SYS_ioctl];

/// The stages to come.
pub(super) const LOCKING_FURTHER: &[i64] = &[
    libc::SYS_landlock_create_ruleset,
    libc::SYS_landlock_add_rule,
    libc::SYS_landlock_restrict_self,
    libc::SYS_seccomp,
    libc::SYS_prctl,
];
