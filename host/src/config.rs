//! Where things are kept: the one module that reads the environment.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Where jobs are kept, unless the user says otherwise: the XDG state folder.
pub fn data_dir(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(path) = named {
        return Ok(std::path::absolute(path)?);
    }
    xdg("XDG_STATE_HOME", ".local/state").context("no folder for jobs; name one with --data-dir")
}

/// Where compiled scanners are kept, unless the user says otherwise: the XDG cache folder.
pub fn cache_dir(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(path) = named {
        return Ok(std::path::absolute(path)?);
    }
    xdg("XDG_CACHE_HOME", ".cache").context("no folder for the compiled scanner; name one with --cache-dir")
}

/// XDG base directory specification: a variable counts only if it is an absolute path.
#[expect(clippy::disallowed_methods, reason = "the one module that reads the environment")]
fn xdg(variable: &str, below_home: &str) -> anyhow::Result<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute(variable).or_else(|| Some(absolute("HOME")?.join(below_home)));
    Ok(base.with_context(|| format!("neither {variable} nor HOME is an absolute path"))?.join("fumehood"))
}
