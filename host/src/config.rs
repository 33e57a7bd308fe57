//! Where things are kept: the one module that reads the environment.

mod file;
mod scanners;
mod service;

pub use self::file::Config;
pub use self::service::ServiceFile;

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use fumehood_contract::Timestamp;

use crate::cli::FetchArgs;
use crate::forges::{Forge, Forges};
use crate::secret::Secret;

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

/// The moment that formats state which demand one, so that the same tree gives the same bytes: `SOURCE_DATE_EPOCH`, in
/// seconds, as build tools have it.
#[expect(clippy::disallowed_methods, reason = "the one module that reads the environment")]
pub fn source_date() -> Option<Timestamp> {
    let seconds = env::var_os("SOURCE_DATE_EPOCH")?.to_str()?.trim().parse().ok()?;
    Some(Timestamp::from_unix_seconds(seconds))
}

/// XDG base directory specification: a variable counts only if it is an absolute path.
#[expect(clippy::disallowed_methods, reason = "the one module that reads the environment")]
fn xdg(variable: &str, below_home: &str) -> anyhow::Result<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute(variable).or_else(|| Some(absolute("HOME")?.join(below_home)));
    Ok(base.with_context(|| format!("neither {variable} nor HOME is an absolute path"))?.join("fumehood"))
}

/// The configuration file: the named one, or the usual one if it is there.
pub fn read(named: Option<&Path>) -> anyhow::Result<Config> {
    file::config(config_file(named).as_deref())
}

/// What is known of the servers that repositories are fetched from: the configuration's servers first, then
/// the flags, which hold for every server that the configuration does not name.
pub fn forges(args: &FetchArgs) -> anyhow::Result<Forges> {
    forges_with(args, read(args.config.as_deref())?.forges)
}

/// The same, where the configuration was read.
pub fn forges_with(args: &FetchArgs, mut known: Vec<Forge>) -> anyhow::Result<Forges> {
    let others = Forge {
        token: args.token_file.as_deref().map(file::token).transpose()?,
        ca_file: args.ca_file.as_deref().map(std::path::absolute).transpose()?,
        allow_addresses: args.allow_address.clone(),
        ..Forge::default()
    };
    for forge in &mut known {
        forge.ca_file = forge.ca_file.take().or_else(|| others.ca_file.clone());
        forge.allow_addresses.extend(&others.allow_addresses);
        forge.token = forge.token.take().or_else(|| others.token.clone());
    }
    for (host, variables) in USUAL_TOKENS {
        let named = known.iter().any(|forge| forge.host == *host);
        let token = variables.iter().find_map(|variable| token_in(variable).transpose()).transpose()?;
        if let (false, None, Some(token)) = (named, &others.token, token) {
            known.push(Forge { host: (*host).to_owned(), token: Some(token), ..others.clone() });
        }
    }
    Ok(Forges { known, others })
}

/// The token for a service: in the file, or in the variable `FUMEHOOD_TOKEN`; none is fine on loopback.
pub fn service_token(file: Option<&Path>) -> anyhow::Result<Option<Secret>> {
    match file {
        Some(path) => file::token(path).map(Some),
        None => token_in("FUMEHOOD_TOKEN"),
    }
}

/// As the tools of these hosts name them.
const USUAL_TOKENS: &[(&str, &[&str])] =
    &[("gitlab.com", &["GITLAB_TOKEN"]), ("github.com", &["GITHUB_TOKEN", "GH_TOKEN"])];

fn config_file(named: Option<&Path>) -> Option<PathBuf> {
    let usual = || xdg("XDG_CONFIG_HOME", ".config").ok().map(|folder| folder.join("config.toml"));
    named.map(Path::to_owned).or_else(|| usual().filter(|path| path.is_file()))
}

/// The token in an environment variable, if there is one.
#[expect(clippy::disallowed_methods, reason = "the one module that reads the environment")]
fn token_in(variable: &str) -> anyhow::Result<Option<Secret>> {
    let Some(value) = env::var_os(variable).filter(|value| !value.is_empty()) else { return Ok(None) };
    let value = value.to_str().with_context(|| format!("{variable} holds no token"))?;
    Secret::new(value).map(Some).with_context(|| format!("{variable} holds no token"))
}
