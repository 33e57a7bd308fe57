//! From what a person named to the repositories of a job.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Read as _};
use std::path::{Component, Path};

use fumehood_contract::master::Repository;

use crate::cli::ScanArgs;
use crate::forges::filter::Filter;
use crate::forges::{self, ForgeError, Forges};
use crate::limits::{REPOSITORIES_MAX, SOURCES_FILE_BYTES_MAX};
use crate::source::location::{Location, LocationError};
use crate::source::{self, RepositoriesError};
use crate::text;

/// Why there is nothing to scan.
#[derive(Debug, thiserror::Error)]
pub(super) enum TargetError {
    #[error(transparent)]
    Location(#[from] LocationError),
    #[error(transparent)]
    Repositories(#[from] RepositoriesError),
    #[error("{url}: {error}")]
    Forge { url: String, error: ForgeError },
    #[error("cannot read the list of sources {file}: {error}")]
    List { file: String, error: io::Error },
    #[error("{0} is no path that can be scanned; rename the folder")]
    Path(String),
    #[error("nothing to scan: {0}")]
    Nothing(String),
    #[error("more than {REPOSITORIES_MAX} repositories; scan them in several jobs")]
    TooMany,
}

/// What a job is made of.
#[derive(Debug, Default)]
pub(super) struct Targets {
    /// Each source once, in the order in which they were named.
    pub(super) repositories: Vec<Repository>,
    /// How many of the groups' repositories were left out, by reason.
    pub(super) left_out: BTreeMap<&'static str, u64>,
}

/// Finds out. Blocks while forges are asked; `notice` is told what is going on.
pub(super) fn find(
    args: &ScanArgs,
    forges: &Forges,
    filter: &Filter,
    notice: &mut dyn FnMut(&str),
) -> Result<Targets, TargetError> {
    let mut targets = Targets::default();
    let mut seen = HashSet::new();
    for source in sources(args)? {
        let found = match Location::parse(&source)? {
            Location::Folder(path) => folders(&path, args.each)?,
            Location::Remote(remote) => {
                let expansion = forges::expand(&remote, forges, filter, notice)
                    .map_err(|error| TargetError::Forge { url: remote.to_string(), error })?;
                for (reason, count) in expansion.left_out {
                    *targets.left_out.entry(reason).or_default() += count;
                }
                let found = expansion.repositories.iter();
                found.map(|found| Repository { name: found.name(), source: found.to_string() }).collect()
            }
        };
        targets.repositories.extend(found.into_iter().filter(|found| seen.insert(found.source.clone())));
        if targets.repositories.len() > REPOSITORIES_MAX {
            return Err(TargetError::TooMany);
        }
    }
    if targets.repositories.is_empty() {
        return Err(TargetError::Nothing(targets.why_nothing()));
    }
    Ok(targets)
}

impl Targets {
    /// For people: `3 empty, 1 archived`.
    pub(super) fn left_out(&self) -> String {
        let parts: Vec<_> = self.left_out.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        parts.join(", ")
    }

    fn why_nothing(&self) -> String {
        if self.left_out.is_empty() {
            "there is no repository there".to_owned()
        } else {
            format!("every repository was left out ({})", self.left_out())
        }
    }
}

/// The arguments, then the lines of the list; empty lines and those that begin with `#` do not count.
fn sources(args: &ScanArgs) -> Result<Vec<String>, TargetError> {
    let mut sources = args.sources.clone();
    if let Some(path) = &args.from {
        let wrong = |error| TargetError::List { file: path.display().to_string(), error };
        let text = list(path).map_err(wrong)?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        sources.extend(lines.map(str::to_owned));
    }
    Ok(sources)
}

#[expect(clippy::disallowed_methods, reason = "a file that the user names")]
fn list(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    if path == Path::new("-") {
        io::stdin().lock().take(SOURCES_FILE_BYTES_MAX).read_to_string(&mut text)?;
    } else {
        std::fs::File::open(path)?.take(SOURCES_FILE_BYTES_MAX).read_to_string(&mut text)?;
    }
    Ok(text)
}

/// A folder as it was given, or the repositories below it.
fn folders(path: &Path, each: bool) -> Result<Vec<Repository>, TargetError> {
    let absolute = std::path::absolute(path).map_err(|_| TargetError::Path(shown(path)))?;
    if !each {
        return Ok(vec![repository(name(path, &absolute), &absolute)?]);
    }
    let found = source::below(&absolute)?;
    let named = found.iter().map(|found| {
        let below = found.strip_prefix(&absolute).unwrap_or(found);
        let name = if below.as_os_str().is_empty() { name(path, &absolute) } else { shown(below) };
        repository(name, found)
    });
    named.collect()
}

fn repository(name: String, path: &Path) -> Result<Repository, TargetError> {
    let source = path.to_str().ok_or_else(|| TargetError::Path(shown(path)))?;
    Ok(Repository { name, source: source.to_owned() })
}

/// As the user typed it, or the folder's own name where that says nothing.
fn name(typed: &Path, absolute: &Path) -> String {
    let says_nothing = typed.components().all(|part| !matches!(part, Component::Normal(_)));
    if !says_nothing {
        return shown(typed);
    }
    let real = absolute.canonicalize().unwrap_or_else(|_| absolute.to_owned());
    real.file_name().map_or_else(|| shown(&real), |name| shown(Path::new(name)))
}

fn shown(path: &Path) -> String {
    text::clean(&path.display().to_string()).trim_end_matches('/').to_owned()
}
