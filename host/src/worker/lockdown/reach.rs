//! Landlock: which files, which network and which processes a worker reaches.
//! <https://docs.kernel.org/userspace-api/landlock.html>

use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, LandlockStatus, NetPort,
    PathBeneath, PathFd, Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, Scope,
};

use super::layer::Layer;
use super::{Stage, Wanted};

/// What is written in the last version that this was tested with; an older kernel gives what it has.
const VERSION: ABI = ABI::V7;

/// Landlock's layers, each with the version since which it holds what it promises. Files are safe since truncating
/// is counted as writing.
const SINCE: [(Layer, ABI); 3] =
    [(Layer::LandlockFiles, ABI::V3), (Layer::LandlockNetwork, ABI::V4), (Layer::LandlockScope, ABI::V6)];

/// Restricts this thread, and those that it starts later, to what `stage` reaches. Returns the layers that this kernel
/// does not have.
pub(super) fn restrict(stage: &Stage, wanted: &Wanted) -> Result<Vec<Layer>, Box<dyn std::error::Error + Send + Sync>> {
    let mut rules = Ruleset::default().set_compatibility(CompatLevel::BestEffort);
    if !SINCE.iter().any(|(layer, _)| wanted.has(*layer)) {
        return Ok(Vec::new());
    }
    if wanted.has(Layer::LandlockFiles) {
        rules = rules.handle_access(AccessFs::from_all(VERSION))?;
    }
    if wanted.has(Layer::LandlockNetwork) {
        rules = rules.handle_access(AccessNet::ConnectTcp | AccessNet::BindTcp)?;
    }
    if wanted.has(Layer::LandlockScope) {
        // No signals to, and no abstract sockets of, processes outside: not even the parent's.
        rules = rules.scope(Scope::AbstractUnixSocket | Scope::Signal)?;
    }
    let mut rules = rules.create()?;
    if wanted.has(Layer::LandlockFiles) {
        rules = match stage {
            Stage::Fetching { folder, status, .. } | Stage::Materializing { folder, status } => {
                allow(allow(rules, folder, writing())?, status, writing())?
            }
            Stage::Compiling => rules,
            Stage::Scanning { repo, status } => allow(allow(rules, repo, reading())?, status, writing())?,
        };
    }
    if let Stage::Fetching { port, .. } = stage
        && wanted.has(Layer::LandlockNetwork)
    {
        rules = rules.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
    }
    let version = match rules.restrict_self()?.landlock {
        LandlockStatus::Available { effective_abi, .. } => effective_abi,
        LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => ABI::Unsupported,
    };
    Ok(SINCE.iter().filter(|(layer, since)| wanted.has(*layer) && version < *since).map(|(layer, _)| *layer).collect())
}

fn allow(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, Box<dyn std::error::Error + Send + Sync>> {
    let is_folder = path.metadata()?.is_dir();
    let access = if is_folder { access } else { access & AccessFs::from_file(VERSION) };
    Ok(rules.add_rule(PathBeneath::new(PathFd::new(path)?, access))?)
}

fn reading() -> BitFlags<AccessFs> {
    AccessFs::ReadFile | AccessFs::ReadDir
}

/// Regular files and folders; no devices, sockets, FIFOs or links.
fn writing() -> BitFlags<AccessFs> {
    reading()
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::MakeDir
        | AccessFs::RemoveFile
        | AccessFs::RemoveDir
        | AccessFs::Refer
}
