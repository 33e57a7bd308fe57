//! The scanner, compiled once ahead of time and kept.
//!
//! A worker maps the result instead of compiling: milliseconds instead of half a second; compiling is for
//! [`super::compile`]'s process. The file's name holds what it was made of (component and engine) and the hash of its
//! content, which the parent checks once; a worker is told the file's stamp and holds it against the descriptor that it
//! maps, and only if that differs it hashes the content again, which takes longer than all else that it does for a small
//! repository. The parent keeps the stamp beside the file for the next command, which does the same. Whoever can write the folder can run native code as us, so the folder must be ours alone.

use std::fs::{self, DirBuilder, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Read as _, Seek as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use wasi_preview1_component_adapter_provider::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::compile::{CompileError, compile};
use super::sandbox;
use super::spec::{Artefact, Stamp};

/// The scanner that belongs to this host: a component of the world in `wit/scanner.wit`.
const SCANNER: &[u8] = include_bytes!(env!("FUMEHOOD_SCANNER_COMPONENT"));

/// Its hash. The build script made it: to read all of the scanner would be a twentieth of a small repository's time.
const SCANNER_BLAKE3: &str = env!("FUMEHOOD_SCANNER_BLAKE3");

/// Before a file's stamp is kept: much longer than a tick of a file system's clock.
const STAMP_AGE_MIN: Duration = Duration::from_secs(2);

/// Why there is no scanner to run.
#[derive(Debug, thiserror::Error)]
pub enum ArtefactError {
    /// The folder for compiled scanners cannot be used.
    #[error("cannot keep the compiled scanner in {}: {error}; name another folder with --cache-dir", folder.display())]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Others could put native code there.
    #[error("{} belongs to somebody else or others can write it: compiled code there cannot be trusted; name another folder with --cache-dir", .0.display())]
    Untrusted(PathBuf),
    /// It is no scanner, or was not compiled.
    #[error("the scanner cannot be used: {0}")]
    Compile(CompileError),
    /// There is no engine to run it.
    #[error("no WebAssembly engine: {0}")]
    Engine(wasmtime::Error),
    /// The file is not the one that was promised.
    #[error("the compiled scanner {} is not the one that was made (its hash differs); remove it", .0.display())]
    Altered(PathBuf),
    /// The file cannot be read.
    #[error("the compiled scanner {} cannot be loaded: {error}", path.display())]
    Load {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: wasmtime::Error,
    },
}

impl From<CompileError> for ArtefactError {
    fn from(error: CompileError) -> Self {
        Self::Compile(error)
    }
}

/// Where compiled scanners are kept, and how they are made.
#[derive(Debug)]
pub struct Artefacts {
    engine: Engine,
    folder: PathBuf,
    program: PathBuf,
    deadline: Duration,
}

impl Artefacts {
    /// Kept in `folder`, which must be ours alone and is made if it is not there. `deadline` is for each compilation.
    pub fn open(folder: PathBuf, deadline: Duration) -> Result<Self, ArtefactError> {
        let in_folder = |error| ArtefactError::Folder { folder: folder.clone(), error };
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(in_folder)?;
        let owner = fs::metadata(&folder).map_err(in_folder)?;
        if owner.uid() != rustix::process::geteuid().as_raw() || owner.mode() & 0o022 != 0 {
            return Err(ArtefactError::Untrusted(folder));
        }
        let program = std::env::current_exe().map_err(CompileError::Process)?;
        let engine = sandbox::engine().map_err(ArtefactError::Engine)?;
        Ok(Self { engine, folder, program, deadline })
    }

    /// Compiles this WebAssembly, unless that was done before. See [`compile`] for what it may be.
    pub fn prepare(&self, wasm: &[u8]) -> Result<Artefact, ArtefactError> {
        self.prepare_with(&blake3::hash(wasm).to_hex(), |file| Ok(compile(&self.program, wasm, self.deadline, file)?))
    }

    /// The same of the scanner that belongs to this host.
    pub fn prepare_own(&self) -> Result<Artefact, ArtefactError> {
        self.prepare_with(SCANNER_BLAKE3, |file| Ok(compile(&self.program, SCANNER, self.deadline, file)?))
    }

    fn prepare_with(
        &self,
        wasm_blake3: &str,
        compile: impl FnOnce(&mut File) -> Result<(), ArtefactError>,
    ) -> Result<Artefact, ArtefactError> {
        let in_folder = |error| ArtefactError::Folder { folder: self.folder.clone(), error };
        let key = key(&self.engine, wasm_blake3);
        if let Some(found) = find(&self.folder, &key).map_err(in_folder)? {
            return Ok(found);
        }
        let mut fresh = tempfile::NamedTempFile::new_in(&self.folder).map_err(in_folder)?;
        compile(fresh.as_file_mut())?;
        store(fresh, &self.folder, &key).map_err(in_folder)
    }
}

/// Maps a compiled scanner, after its stamp, or else its hash, was checked on the very descriptor that is mapped.
#[expect(clippy::disallowed_methods, reason = "opens the path that the parent named")]
pub fn load(engine: &Engine, artefact: &Artefact) -> Result<Component, ArtefactError> {
    let cannot = |error: wasmtime::Error| ArtefactError::Load { path: artefact.path.clone(), error };
    let mut file = File::open(&artefact.path).map_err(|error| cannot(error.into()))?;
    let is_known = stamp(&file).map_err(|error| cannot(error.into()))? == artefact.stamp;
    if !is_known && hash(&mut file).map_err(|error| cannot(error.into()))? != artefact.blake3 {
        return Err(ArtefactError::Altered(artefact.path.clone()));
    }
    map(engine, &file).map_err(cannot)
}

#[expect(unsafe_code, reason = "wasmtime cannot check that compiled code is its own")]
fn map(engine: &Engine, file: &File) -> wasmtime::Result<Component> {
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    // SAFETY: the bytes are what the process of `compile` gave to `prepare`: their hash came from there, and was checked by
    // `load` on this descriptor, or by `prepare` on this very file, unchanged since. The folder is written by our own user
    // alone (`Artefacts::open` checks that) and files in it are never changed in place.
    unsafe { Component::deserialize_file(engine, path) }
}

/// What a compiled scanner is made of: WebAssembly of this hash, by an engine of some version and configuration, in what commands
/// are wrapped in.
fn key(engine: &Engine, wasm_blake3: &str) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER.hash(&mut hasher);
    format!("{wasm_blake3:.32}-{:016x}", hasher.finish())
}

#[expect(clippy::disallowed_methods, reason = "our own folder")]
fn find(folder: &Path, key: &str) -> io::Result<Option<Artefact>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let parts = name.strip_suffix(".cwasm").and_then(|stem| stem.split_once('.'));
        let Some((_, promised)) = parts.filter(|(found, _)| *found == key) else { continue };
        let blake3 = promised.to_owned();
        let mut file = File::open(&path)?;
        // Before the content is read: who changes it later changes the stamp.
        let stamp = stamp(&file)?;
        if is_checked(&path, stamp) {
            return Ok(Some(Artefact { path, blake3, stamp }));
        }
        if hash(&mut file)? == blake3 {
            keep_checked(&path, stamp)?;
            return Ok(Some(Artefact { path, blake3, stamp }));
        }
        // A power cut can leave a file whose content never reached the disk.
        fs::remove_file(&path)?;
    }
    Ok(None)
}

/// Whether the content of a file with this stamp was held against its hash before.
#[expect(clippy::disallowed_methods, reason = "our own folder")]
fn is_checked(path: &Path, stamp: Stamp) -> bool {
    let kept = fs::read(stamp_file(path)).ok();
    kept.and_then(|kept| serde_json::from_slice::<Stamp>(&kept).ok()).is_some_and(|kept| kept == stamp)
}

/// Remembers that it was. Not of a file that changed a moment ago: another change in the same tick of the file system's
/// clock would leave the same stamp.
fn keep_checked(path: &Path, stamp: Stamp) -> io::Result<()> {
    let age = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    if u64::try_from(stamp.changed.0).is_ok_and(|changed| changed.saturating_add(STAMP_AGE_MIN.as_secs()) < age) {
        let folder = path.parent().unwrap_or(path);
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut file, &stamp)?;
        file.persist(stamp_file(path))?;
    }
    Ok(())
}

fn stamp_file(path: &Path) -> PathBuf {
    path.with_extension("stamp")
}

fn store(mut fresh: tempfile::NamedTempFile, folder: &Path, key: &str) -> io::Result<Artefact> {
    fresh.as_file_mut().rewind()?;
    let blake3 = hash(fresh.as_file_mut())?;
    fresh.as_file().sync_all()?;
    let path = folder.join(format!("{key}.{blake3}.cwasm"));
    // Two processes may do this at once: both write the same name, either file is good.
    let file = fresh.persist(&path)?;
    Ok(Artefact { path, blake3, stamp: stamp(&file)? })
}

fn stamp(file: &File) -> io::Result<Stamp> {
    let data = file.metadata()?;
    Ok(Stamp { device: data.dev(), inode: data.ino(), size: data.size(), changed: (data.ctime(), data.ctime_nsec()) })
}

fn hash(file: &mut File) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().to_hex().to_string()),
            length => hasher.update(buffer.get(..length).unwrap_or_default()),
        };
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test")]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::limits::COMPILE_DEADLINE;

    /// The smallest component.
    const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

    fn prepared(artefacts: &Artefacts) -> Artefact {
        let compile = |file: &mut File| {
            let code = artefacts.engine.precompile_component(COMPONENT).unwrap();
            file.write_all(&code).map_err(|error| CompileError::Process(error).into())
        };
        artefacts.prepare_with(&blake3::hash(COMPONENT).to_hex(), compile).unwrap()
    }

    #[test]
    fn the_build_script_hashed_what_is_embedded() {
        assert_eq!(blake3::hash(SCANNER).to_hex().as_str(), SCANNER_BLAKE3);
    }

    #[test]
    fn an_altered_file_is_refused_and_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let artefacts = Artefacts::open(folder.path().to_owned(), COMPILE_DEADLINE).unwrap();
        let made = prepared(&artefacts);
        assert_eq!(prepared(&artefacts), made);
        let engine = &artefacts.engine;
        assert!(load(engine, &made).is_ok());

        let good = fs::read(&made.path).unwrap();
        let mut altered = good.clone();
        altered[good.len() / 2] ^= 1;
        for bad in [altered.as_slice(), &good[..good.len() / 2], b""] {
            fs::write(&made.path, bad).unwrap();
            assert!(matches!(load(engine, &made), Err(ArtefactError::Altered(_))));
            assert!(load(engine, &prepared(&artefacts)).is_ok());
        }
    }

    #[test]
    fn a_file_that_was_checked_is_checked_again_when_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let artefacts = Artefacts::open(folder.path().to_owned(), COMPILE_DEADLINE).unwrap();
        let made = prepared(&artefacts);
        let old = Stamp { changed: (1, 0), ..made.stamp };
        keep_checked(&made.path, made.stamp).unwrap();
        assert!(!is_checked(&made.path, made.stamp), "it is too young");
        keep_checked(&made.path, old).unwrap();
        assert!(is_checked(&made.path, old) && !is_checked(&made.path, made.stamp));
        fs::write(&made.path, b"altered").unwrap();
        assert_eq!(fs::read(prepared(&artefacts).path).unwrap().len() as u64, made.stamp.size);
    }

    #[test]
    fn a_folder_that_others_can_write_is_not_trusted() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let found = Artefacts::open(folder.path().to_owned(), COMPILE_DEADLINE);
        assert!(matches!(found, Err(ArtefactError::Untrusted(_))));
    }
}
