//! Landlock: which files and which network a worker reaches.
//! <https://docs.kernel.org/userspace-api/landlock.html>

use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, NetPort, PathBeneath, PathFd,
    Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, RulesetStatus, Scope,
};

use super::Stage;

/// What is written in the last version that this was tested with; an older kernel gives what it has.
const VERSION: ABI = ABI::V6;

/// Whether Landlock holds now.
pub(super) fn restrict(stage: Stage<'_>) -> Result<bool, Box<dyn std::error::Error>> {
    let rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(VERSION))?
        .handle_access(AccessNet::ConnectTcp | AccessNet::BindTcp)?
        // No signals to, and no abstract sockets of, processes outside: not even the parent's.
        .scope(Scope::AbstractUnixSocket | Scope::Signal)?
        .create()?;
    let rules = match stage {
        Stage::Fetching { folder, status, port } => {
            let rules = allow(allow(rules, folder, writing())?, status, writing())?;
            rules.add_rule(NetPort::new(port, AccessNet::ConnectTcp))?
        }
        Stage::Materializing { folder, status } => allow(allow(rules, folder, writing())?, status, writing())?,
        Stage::Scanning { repo, status } => allow(allow(rules, repo, reading())?, status, writing())?,
    };
    Ok(rules.restrict_self()?.ruleset != RulesetStatus::NotEnforced)
}

fn allow(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, Box<dyn std::error::Error>> {
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
        | AccessFs::MakeSym
        | AccessFs::RemoveFile
        | AccessFs::RemoveDir
        | AccessFs::Refer
}
