//! Fetches one commit, without history, tags and submodules, into a bare repository of our own.

use std::cell::RefCell;
use std::path::Path;

use git2::opts::{enable_caching, set_mwindow_mapped_limit, set_mwindow_size, set_search_path};
use git2::transport::{Transport as GitTransport, register};
use git2::{
    AutotagOption, ConfigLevel, Direction, FetchOptions, ObjectType, Oid, Progress, Remote, RemoteCallbacks,
    RemoteHead, Repository, RepositoryInitOptions,
};

use super::transport::{Failure, Transport};
use super::{FetchError, GitOrigin};
use crate::client::{self, Trust};
use crate::limits::{FETCH_BYTES_MAX, FETCH_OBJECTS_MAX, PACK_MAPPED_BYTES_MAX, PACK_WINDOW_BYTES};

/// A commit whose objects lie here.
pub struct Fetched {
    pub(super) repository: Repository,
    pub(super) tree: Oid,
    pub(super) objects: usize,
}

impl Fetched {
    /// A tree of a repository that is there, as if it had been fetched alone.
    pub fn of_tree(repository: Repository, tree: Oid) -> Self {
        Self { repository, tree, objects: 1 }
    }
}

/// How far a fetch is.
#[derive(Clone, Copy, Debug)]
pub struct Progressed {
    /// Objects that arrived.
    pub objects: usize,
    /// Objects that will.
    pub of: usize,
    /// Bytes that arrived.
    pub bytes: usize,
}

/// A connection to a repository's server, with the commit that it has for the reference.
pub struct Advertised<'r> {
    remote: Remote<'r>,
    repository: &'r Repository,
    failure: Failure,
    refspec: String,
    tip: Oid,
}

/// The only URL that libgit2 ever sees. Our transport knows the real one.
const URL: &str = "fumehood://repository";

/// Prepares libgit2 for `origin`; once in a process, before anything else of it, on its only thread that
/// uses it. Certificates are read here, because later the file system is out of reach.
pub fn prepare(origin: &GitOrigin) -> Result<Prepared, FetchError> {
    let trust = Trust::load(origin.ca_file.as_deref()).map_err(|error| FetchError::Ours(error.to_string()))?;
    let agent = client::agent(&origin.url, &origin.addresses, &trust);
    let failure = Failure::default();
    let transport = Transport::new(agent, &origin.url, origin.login.as_ref(), failure.clone());
    forget_configuration(transport).map_err(FetchError::Git)?;
    Ok(Prepared { failure })
}

/// See [`prepare`].
#[derive(Debug)]
pub struct Prepared {
    failure: Failure,
}

#[expect(unsafe_code, reason = "libgit2's settings are globals")]
fn forget_configuration(transport: Transport) -> Result<(), git2::Error> {
    let levels = [ConfigLevel::ProgramData, ConfigLevel::System, ConfigLevel::XDG, ConfigLevel::Global];
    for level in levels {
        // SAFETY: no other thread of this process uses libgit2.
        unsafe { set_search_path(level, "")? };
    }
    enable_caching(false);
    // SAFETY: no other thread of this process uses libgit2.
    unsafe {
        set_mwindow_size(PACK_WINDOW_BYTES)?;
        set_mwindow_mapped_limit(PACK_MAPPED_BYTES_MAX)?;
        register("fumehood", move |remote| GitTransport::smart(remote, true, transport.clone()))
    }
}

/// Makes the bare repository that things are fetched into.
pub fn init(folder: &Path) -> Result<Repository, FetchError> {
    let mut options = RepositoryInitOptions::new();
    options.bare(true).no_reinit(true).external_template(false).mkdir(true).mkpath(false);
    Repository::init_opts(folder, &options).map_err(FetchError::Git)
}

impl Prepared {
    /// Asks the server which commit it has for the reference. Nothing is downloaded yet.
    pub fn advertised<'r>(
        &self,
        repository: &'r Repository,
        reference: Option<&str>,
    ) -> Result<Advertised<'r>, FetchError> {
        let failed = |error| self.failure.take().unwrap_or(FetchError::Git(error));
        let mut remote = repository.remote_anonymous(URL).map_err(FetchError::Git)?;
        remote.connect(Direction::Fetch).map_err(failed)?;
        let heads = remote.list().map_err(failed)?;
        let (source, tip) = choose(heads, reference)?;
        let refspec = format!("+{source}:refs/fumehood/scanned");
        Ok(Advertised { remote, repository, failure: self.failure.clone(), refspec, tip })
    }
}

/// What to ask for, and the object that it is. Names are tried as git does for what people type.
fn choose(heads: &[RemoteHead<'_>], reference: Option<&str>) -> Result<(String, Oid), FetchError> {
    let find = |name: &str| heads.iter().find(|head| head.name() == name).map(|head| (name.to_owned(), head.oid()));
    let Some(name) = reference else {
        return find("HEAD").ok_or(FetchError::Empty);
    };
    let candidates = [name.to_owned(), format!("refs/heads/{name}"), format!("refs/tags/{name}")];
    if let Some(found) = candidates.iter().filter(|name| name.starts_with("refs/")).find_map(|name| find(name)) {
        return Ok(found);
    }
    let is_commit = name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let oid = is_commit.then(|| Oid::from_str(name).ok()).flatten();
    let oid = oid.ok_or_else(|| FetchError::NoReference(name.to_owned()))?;
    // Not every server gives a commit that it does not advertise; what has a name is asked for by it.
    let named = heads.iter().find(|head| head.oid() == oid && !head.name().ends_with("^{}"));
    Ok((named.map_or_else(|| oid.to_string(), |head| head.name().to_owned()), oid))
}

impl Advertised<'_> {
    /// The commit, or the tag that leads to it, in hexadecimal.
    pub fn tip(&self) -> String {
        self.tip.to_string()
    }

    /// Downloads the commit's objects. `progress` is called often.
    pub fn download(mut self, progress: &mut dyn FnMut(Progressed)) -> Result<Downloaded, FetchError> {
        let failure = self.failure.clone();
        let progress = RefCell::new(progress);
        let mut callbacks = RemoteCallbacks::new();
        callbacks.transfer_progress(|now: Progress<'_>| {
            (*progress.borrow_mut())(Progressed {
                objects: now.received_objects(),
                of: now.total_objects(),
                bytes: now.received_bytes(),
            });
            match over_budget(&now) {
                Some(what) => {
                    failure.set(FetchError::TooLarge(what));
                    false
                }
                None => true,
            }
        });
        let mut options = FetchOptions::new();
        options.depth(1).download_tags(AutotagOption::None).update_fetchhead(false).remote_callbacks(callbacks);
        let downloaded = self.remote.download(&[&self.refspec], Some(&mut options));
        drop(options);
        downloaded.map_err(|error| self.failure.take().unwrap_or_else(|| refused(error)))?;
        let objects = self.remote.stats().total_objects();
        // A connection that cannot be closed in good order is closed by its end.
        let _closed = self.remote.disconnect();
        let tip = self.repository.find_object(self.tip, None).map_err(FetchError::Git)?;
        let tree = tip.peel(ObjectType::Tree).map_err(FetchError::Git)?.id();
        let commit = tip.peel(ObjectType::Commit).map_or(self.tip, |commit| commit.id());
        Ok(Downloaded { tree, commit, objects })
    }
}

/// What was downloaded.
#[derive(Clone, Copy, Debug)]
pub struct Downloaded {
    tree: Oid,
    commit: Oid,
    objects: usize,
}

impl Downloaded {
    /// The commit, in hexadecimal.
    pub fn commit(&self) -> String {
        self.commit.to_string()
    }

    /// Together with the repository that it lies in.
    pub fn in_repository(self, repository: Repository) -> Fetched {
        Fetched { repository, tree: self.tree, objects: self.objects }
    }
}

/// libgit2 refuses by itself to ask for a commit that a server does not give, and says so in words.
fn refused(error: git2::Error) -> FetchError {
    if error.class() == git2::ErrorClass::NoMemory {
        return FetchError::TooLarge("its objects do not fit into the memory of a worker".to_owned());
    }
    let is_unnamed = error.class() == git2::ErrorClass::Invalid && error.message().contains("specific object");
    if is_unnamed { FetchError::NotGiven } else { FetchError::Git(error) }
}

fn over_budget(now: &Progress<'_>) -> Option<String> {
    if now.total_objects() > FETCH_OBJECTS_MAX {
        Some(format!("{} objects of {FETCH_OBJECTS_MAX}", now.total_objects()))
    } else if now.received_bytes() as u64 > FETCH_BYTES_MAX {
        Some(format!("more than {FETCH_BYTES_MAX} bytes"))
    } else {
        None
    }
}
