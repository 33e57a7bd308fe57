//! `[[scanners]]` of the configuration file: scanners besides ours that tenants may be allowed to use.
//!
//! ```toml
//! [[scanners]]
//! name = "our own lockfiles"                # for people
//! file = "/etc/fumehood/lockfiles.wasm"     # a component of wit/scanner.wit, or a program; see wit/README.md
//! blake3 = "af1349b9f5f9a1a6…"              # of the file, as `fumehood scanner check` prints it
//!
//! [[tenants]]
//! name = "acme"
//! scanners = ["af1349b9f5f9a1a6…"]          # those that it may ask for
//! ```

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{bail, ensure};
use serde::Deserialize;

use crate::scanners::{self, Registered, ScannerHash};

/// `[[scanners]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScannerFile {
    name: String,
    file: PathBuf,
    blake3: ScannerHash,
}

/// The scanners of a file that lies in `folder`. What is in them is not looked at.
pub(super) fn registered(files: &[ScannerFile], folder: &Path) -> anyhow::Result<Vec<Registered>> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for ScannerFile { name, file, blake3 } in files {
        ensure!(scanners::is_hash(blake3), "scanner {name}: blake3 must be 64 lower-case hexadecimal digits");
        if !seen.insert(name) || !seen.insert(blake3) {
            bail!("scanner {name}, or one with its hash, stands there twice");
        }
        let file = std::path::absolute(folder.join(file))?;
        found.push(Registered { name: name.clone(), file, blake3: blake3.clone() });
    }
    Ok(found)
}

/// What a tenant may use, if all of it is registered.
pub(super) fn allowed(wanted: &[ScannerHash], registered: &[Registered]) -> anyhow::Result<HashSet<ScannerHash>> {
    let is_there = |wanted: &&ScannerHash| registered.iter().any(|scanner| scanner.blake3 == **wanted);
    if let Some(missing) = wanted.iter().find(|wanted| !is_there(wanted)) {
        bail!("scanners: there are no [[scanners]] with the hash {missing}");
    }
    Ok(wanted.iter().cloned().collect())
}
