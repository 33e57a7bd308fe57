//! Scanners besides ours: files of WebAssembly that an operator names, told apart by the hash of what is in them.

pub mod command;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::limits::SCANNER_BYTES_MAX;
use crate::worker::artefact::{ArtefactError, Artefacts};
use crate::worker::compile::CompileError;
use crate::worker::spec::Artefact;

/// BLAKE3 of a scanner's file, in hexadecimal.
pub type ScannerHash = String;

/// A scanner of the configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// For people.
    pub name: String,
    /// Where it lies.
    pub file: PathBuf,
    /// What it must be.
    pub blake3: ScannerHash,
}

/// The scanners of a service, compiled.
#[derive(Debug, Default)]
pub struct Compiled(HashMap<ScannerHash, Artefact>);

/// Why a scanner cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScannerError {
    /// Its file cannot be read.
    #[error("the scanner {} cannot be read: {error}", file.display())]
    Read {
        /// Which file.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It is not the one that was registered.
    #[error("the scanner {} has the hash {found}, not {expected}: it was changed, or blake3 is wrong", file.display())]
    Changed {
        /// Which file.
        file: PathBuf,
        /// What the configuration says.
        expected: ScannerHash,
        /// What it has.
        found: ScannerHash,
    },
    /// It is none, or takes too long to compile.
    #[error("the scanner {} cannot be used: {error}", file.display())]
    Unfit {
        /// Which file.
        file: PathBuf,
        /// Why.
        error: CompileError,
    },
    /// It is not its fault.
    #[error(transparent)]
    Ours(#[from] ArtefactError),
}

/// A scanner's file, whole.
#[expect(clippy::disallowed_methods, reason = "a file that the operator names, within a bound")]
pub fn read(file: &Path) -> Result<Vec<u8>, ScannerError> {
    let mut wasm = Vec::new();
    // One byte over the bound is refused by whoever compiles it.
    let read = File::open(file).and_then(|file| file.take(SCANNER_BYTES_MAX + 1).read_to_end(&mut wasm));
    read.map(|_| wasm).map_err(|error| ScannerError::Read { file: file.to_owned(), error })
}

/// The hash by which a scanner is named.
pub fn hash(wasm: &[u8]) -> ScannerHash {
    blake3::hash(wasm).to_hex().to_string()
}

/// Our own scanner, compiled.
pub fn ours(artefacts: &Artefacts) -> Result<Artefact, ScannerError> {
    Ok(artefacts.prepare_own()?)
}

/// Compiles what is in a scanner's `file`, if that was not done before.
pub fn prepare(artefacts: &Artefacts, file: &Path, wasm: &[u8]) -> Result<Artefact, ScannerError> {
    artefacts.prepare(wasm).map_err(|error| {
        let ArtefactError::Compile(error) = error else { return ScannerError::Ours(error) };
        match error {
            CompileError::Process(_) => ScannerError::Ours(error.into()),
            CompileError::TooLarge | CompileError::Unfit(_) | CompileError::TooSlow(_) | CompileError::Ended { .. } => {
                ScannerError::Unfit { file: file.to_owned(), error }
            }
        }
    })
}

impl Registered {
    /// Its file, if it is the one that was registered.
    pub fn read(&self) -> Result<Vec<u8>, ScannerError> {
        let wasm = read(&self.file)?;
        let found = hash(&wasm);
        if found == self.blake3 {
            return Ok(wasm);
        }
        Err(ScannerError::Changed { file: self.file.clone(), expected: self.blake3.clone(), found })
    }
}

impl Compiled {
    /// Reads and compiles all of them.
    pub fn prepare(artefacts: &Artefacts, registered: &[Registered]) -> Result<Self, ScannerError> {
        let mut compiled = HashMap::new();
        for scanner in registered {
            compiled.insert(scanner.blake3.clone(), prepare(artefacts, &scanner.file, &scanner.read()?)?);
        }
        Ok(Self(compiled))
    }

    /// The scanner with this hash.
    pub fn get(&self, blake3: &str) -> Option<&Artefact> {
        self.0.get(blake3)
    }
}

/// Whether this is the hash of something.
pub fn is_hash(text: &str) -> bool {
    text.len() == 2 * blake3::OUT_LEN && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
