//! The repository inside the worker: a folder that is there already, or a commit that is fetched. Both
//! are listed natively, and give the scanner a folder with the files that it chose.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::run::{Hands, host_error};
use super::sandbox::File;
use super::spec::{Message, Origin, Spec, Verdict, VerdictKind, answer};
use crate::crew::Crew;
use crate::source::git::fetch::{self, Fetched, Prepared, Progressed};
use crate::source::git::tree::{self, TreeFile};
use crate::source::git::{FetchError, GitOrigin, materialize};
use crate::source::{self, ListOptions, Listing, Root};

/// What can be done before hostile bytes come in, while the file system can still be reached.
pub(super) enum Prelude<'s> {
    Folder(&'s Path),
    Git(&'s GitOrigin, Prepared),
}

impl<'s> Prelude<'s> {
    pub(super) fn new(spec: &'s Spec) -> Result<Self, Verdict> {
        match &spec.origin {
            Origin::Folder(path) => {
                // It is opened anew where the lockdown has put it; but whether it can be is known before.
                open(path)?;
                Ok(Self::Folder(path))
            }
            Origin::Git(origin) => {
                make_folder(&repo_folder(origin))?;
                let prepared = fetch::prepare(origin).map_err(|error| failed(&error))?;
                Ok(Self::Git(origin, prepared))
            }
        }
    }

    /// The port of the server that it will be fetched from, and where to.
    pub(super) fn server(&self) -> Option<(&'s GitOrigin, u16)> {
        match self {
            Self::Folder(_) => None,
            Self::Git(origin, _) => Some((origin, origin.url.port_or_known_default().unwrap_or(443))),
        }
    }

    /// What the scanner will see as its repository.
    pub(super) fn repo(&self) -> PathBuf {
        match self {
            Self::Folder(path) => (*path).to_owned(),
            Self::Git(origin, _) => repo_folder(origin),
        }
    }
}

fn open(path: &Path) -> Result<Root, Verdict> {
    Root::open(path).map_err(|error| {
        Verdict::new(VerdictKind::SourceUnreadable, format!("{} cannot be opened: {error}", path.display()))
    })
}

fn repo_folder(origin: &GitOrigin) -> PathBuf {
    origin.folder.join("tree")
}

fn make_folder(path: &Path) -> Result<(), Verdict> {
    DirBuilder::new().mode(0o700).create(path).map_err(|error| host_error(&format!("{}: {error}", path.display())))
}

/// A repository whose files can be listed.
pub(super) enum Tree {
    Folder(Arc<Root>),
    Git { fetched: Box<Fetched>, files: Vec<TreeFile> },
}

impl Tree {
    /// Fetches, if there is something to fetch. Tells the parent which commit it is, and ends with
    /// [`VerdictKind::Known`] if the parent wants that.
    pub(super) fn have(prelude: Prelude<'_>, spec: &Spec, hands: &mut Hands<'_>) -> Result<Self, Verdict> {
        let (origin, prepared) = match prelude {
            Prelude::Folder(path) => return open(path).map(|root| Self::Folder(Arc::new(root))),
            Prelude::Git(origin, prepared) => (origin, prepared),
        };
        hands.cloning("Asking for the commit...");
        let repository = fetch::init(&origin.folder.join("git")).map_err(|error| failed(&error))?;
        let downloaded = {
            let advertised =
                prepared.advertised(&repository, origin.reference.as_deref()).map_err(|error| failed(&error))?;
            hands.say(&Message::Advertised(advertised.tip()))?;
            if spec.asks && hands.answer()? == answer::KNOWN {
                return Err(Verdict::new(VerdictKind::Known, ""));
            }
            let mut progress = |now: Progressed| hands.cloning(&shown(now));
            advertised.download(&mut progress).map_err(|error| failed(&error))?
        };
        hands.say(&Message::Fetched(downloaded.commit()))?;
        let fetched = Box::new(downloaded.in_repository(repository));
        Ok(Self::Git { fetched, files: Vec::new() })
    }

    /// The paths of its files, and what was passed over.
    pub(super) fn list(&mut self, options: ListOptions, crew: &Crew) -> (Vec<String>, Listing) {
        match self {
            Self::Folder(root) => source::list(root, options, crew),
            Self::Git { fetched, files } => {
                let (found, listing) = tree::list(fetched, options);
                let paths = found.iter().map(|file| file.path.clone()).collect();
                *files = found;
                (paths, listing)
            }
        }
    }

    /// Makes the files at these positions of the list readable in the scanner's repository. Files that vanished
    /// since they were listed stay in: the scanner reports that it cannot read them.
    pub(super) fn provide(
        self,
        mut paths: Vec<String>,
        positions: &[usize],
        repo: &Path,
        listing: &mut Listing,
    ) -> Result<Vec<File>, Verdict> {
        match self {
            // The scanner sees a file's size when it opens it: asking here would be three calls more for each.
            Self::Folder(_) => {
                let chosen = positions.iter().filter_map(|position| Some(std::mem::take(paths.get_mut(*position)?)));
                Ok(chosen.map(|path| File { path, size_bytes: 0 }).collect())
            }
            Self::Git { fetched, files } => {
                let wanted = positions.iter().filter_map(|position| files.get(*position).cloned());
                let written = materialize::write(&fetched, wanted, repo, listing)
                    .map_err(|error| host_error(&format!("the repository's files cannot be written: {error}")))?;
                Ok(written.into_iter().map(|file| File { path: file.path, size_bytes: file.bytes }).collect())
            }
        }
    }
}

fn shown(now: Progressed) -> String {
    let mib = now.bytes / (1024 * 1024);
    format!("Fetching: {} of {} objects, {mib} MiB", now.objects, now.of)
}

fn failed(error: &FetchError) -> Verdict {
    let kind = match error {
        FetchError::TooLarge(_) => VerdictKind::TooLarge,
        FetchError::Ours(_) => VerdictKind::HostError,
        FetchError::Unauthenticated { .. }
        | FetchError::Forbidden { .. }
        | FetchError::NotFound { .. }
        | FetchError::Status(_)
        | FetchError::LeadsAway(_)
        | FetchError::NotGit(_)
        | FetchError::Unreachable(_)
        | FetchError::Broken(_)
        | FetchError::TooSlow
        | FetchError::NoReference(_)
        | FetchError::NotGiven
        | FetchError::Empty
        | FetchError::Git(_) => VerdictKind::FetchFailed,
    };
    Verdict::new(kind, crate::text::clean(&error.to_string()).into_owned())
}
