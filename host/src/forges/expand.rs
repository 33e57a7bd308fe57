//! From a URL to the repositories behind it.

use std::collections::BTreeMap;

use url::Url;

use super::api::{Api, ForgeError};
use super::filter::Filter;
use super::{Forge, Forges, Kind, github, gitlab};
use crate::client;
use crate::limits::REPOSITORIES_MAX;
use crate::source::location::Remote;
use crate::text;

/// One repository, as a forge's list has it.
#[derive(Debug)]
pub struct Found {
    /// `group/sub/name`.
    pub path: String,
    /// As the forge gives it, unchecked.
    pub clone_url: String,
    /// Nothing is written to it any more.
    pub archived: bool,
    /// A copy of another repository.
    pub fork: bool,
    /// Without a commit.
    pub empty: bool,
}

/// Takes a page of a list, and may end the listing.
pub(super) type TakePage<'t> = dyn FnMut(&mut Api<'_>, Vec<Found>) -> Result<(), ForgeError> + 't;

/// What a URL turned out to be.
#[derive(Debug, Default)]
pub struct Expansion {
    /// In the forge's order.
    pub repositories: Vec<Remote>,
    /// How many were left out, by reason.
    pub left_out: BTreeMap<&'static str, u64>,
}

/// The repositories behind `remote`: itself, or those of the group, user or organisation that it names.
/// Blocks. `notice` is told what is going on.
pub fn expand(
    remote: &Remote,
    forges: &Forges,
    filter: &Filter,
    notice: &mut dyn FnMut(&str),
) -> Result<Expansion, ForgeError> {
    let forge = forges.of(&remote.url);
    let path = remote.path();
    if path.is_empty() {
        return Err(ForgeError::NoPath(remote.to_string()));
    }
    match lister(&forge, remote, &path) {
        Lister::Itself => Ok(itself(remote)),
        Lister::Api(kind) => list(remote, &forge, kind, &path, filter, notice),
        Lister::Probe => match list(remote, &forge, Kind::Gitlab, &path, filter, notice) {
            // It is no GitLab, or this is no group of it: a plain server of repositories, then.
            Err(ForgeError::NotFound { .. } | ForgeError::Nonsense { .. } | ForgeError::LeadsAway { .. }) => {
                Ok(itself(remote))
            }
            listed => listed,
        },
    }
}

enum Lister {
    Itself,
    Api(Kind),
    Probe,
}

fn lister(forge: &Forge, remote: &Remote, path: &str) -> Lister {
    let is_repository = remote.url.path().ends_with(".git") || remote.reference.is_some();
    match forge.kind {
        _ if is_repository => Lister::Itself,
        Some(Kind::Git) => Lister::Itself,
        Some(Kind::Github) if path.contains('/') => Lister::Itself,
        Some(kind @ (Kind::Github | Kind::Gitlab)) => Lister::Api(kind),
        None => Lister::Probe,
    }
}

fn itself(remote: &Remote) -> Expansion {
    Expansion { repositories: vec![remote.clone()], left_out: BTreeMap::new() }
}

fn list(
    remote: &Remote,
    forge: &Forge,
    kind: Kind,
    path: &str,
    filter: &Filter,
    notice: &mut dyn FnMut(&str),
) -> Result<Expansion, ForgeError> {
    let mut expansion = Expansion::default();
    let mut take = |api: &mut Api<'_>, page: Vec<Found>| {
        for found in page {
            match filter.leaves_out(&found) {
                Some(reason) => *expansion.left_out.entry(reason).or_default() += 1,
                None => expansion.repositories.push(checked(remote, forge, &found)?),
            }
        }
        let count = expansion.repositories.len();
        api.say(&format!("{}: {count} repositories", text::clean(path)));
        if count > REPOSITORIES_MAX { Err(ForgeError::TooMany(path.to_owned())) } else { Ok(()) }
    };
    let base = forge.api_base(&remote.url, kind)?;
    let mut api = Api::open(forge, base, notice)?;
    match kind {
        Kind::Github => github::list(&mut api, path, &mut take)?,
        Kind::Gitlab | Kind::Git => gitlab::list(&mut api, path, &mut take)?,
    }
    Ok(expansion)
}

/// The repository to clone, if it lies where its group does: elsewhere the token must not go, and an
/// address that nobody named must not be reached.
fn checked(remote: &Remote, forge: &Forge, found: &Found) -> Result<Remote, ForgeError> {
    let nonsense = || ForgeError::Nonsense {
        url: remote.to_string(),
        why: format!("{} is no URL to clone from", text::clean(fumehood_contract::status::cut(&found.clone_url, 300))),
    };
    let clone = Remote::parse(&found.clone_url).map_err(|_| nonsense())?;
    if !same_origin(&clone.url, &remote.url) {
        return Err(ForgeError::LeadsAway { host: forge.host.clone(), to: clone.to_string() });
    }
    Ok(clone)
}

fn same_origin(left: &Url, right: &Url) -> bool {
    client::origin(left) == client::origin(right)
}
