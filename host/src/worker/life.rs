//! What a worker knows and says of itself.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

/// The most memory that this process ever had in use.
#[derive(Debug, Default)]
pub(super) struct PeakMemory(Option<File>);

impl PeakMemory {
    /// Opens the kernel's account of it, which is out of reach later.
    #[expect(clippy::disallowed_methods, reason = "a file of the kernel's")]
    pub(super) fn open() -> Self {
        Self(File::open("/proc/self/status").ok())
    }

    /// In bytes; `None` where the kernel does not say.
    pub(super) fn bytes(&self) -> Option<u64> {
        let mut text = [0; 4096];
        let length = self.0.as_ref()?.read_at(&mut text, 0).ok()?;
        let text = String::from_utf8_lossy(text.get(..length)?);
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        kib.checked_mul(1024)
    }
}

/// Lets others on this machine go first.
pub(super) fn stand_back(niceness: u8) {
    // Where that is not allowed, it is as important as the others.
    let _refused = rustix::process::nice(niceness.into());
}
