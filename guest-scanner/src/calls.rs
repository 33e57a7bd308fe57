//! What the code talks to: outbound calls in source files, and addresses in configuration.
//!
//! A file goes through these: [`place`] says by its name whether it is looked at, [`Analyzer::calls`] dismisses
//! it if nothing in it hints at a call, `lexer` makes tokens of it in which comments and prose are gone, `find`
//! recognises the calls of known clients (`languages`), `fold` says what their arguments come to, `url` masks
//! secrets. All of it is iterative, bounded, and linear in the size of the file.

#![expect(clippy::wildcard_enum_match_arm, reason = "where a token is none of those sought, no other kind is either")]

mod bindings;
mod chain;
mod clients;
mod code;
mod config;
mod endpoints;
mod evidence;
mod find;
mod fold;
mod hints;
mod language;
mod languages;
mod lexer;
mod library;
mod names;
pub mod place;
mod shell;
mod sieve;
mod token;
mod url;
mod value;
mod words;

use std::fmt;

use fumehood_contract::ApiCall;
use fumehood_contract::limits::CALLS_PER_FILE_MAX;

use config::Config;
use hints::Hints;
pub use hints::Libraries;
pub use language::Language;

/// The largest file that is looked at. Source that people write is smaller; generated clients may reach it.
pub const SOURCE_BYTES_MAX: u64 = 1024 * 1024;

/// The mean length of a line above which a file is not written by people: minified, or data.
const LINE_BYTES_MEAN_MAX: usize = 300;

/// Looks at files, one after the other.
#[derive(Default)]
pub struct Analyzer {
    hints: Hints,
}

/// The calls of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What the file is written in.
    pub language: &'static str,
    /// In the order of the file.
    pub calls: Vec<ApiCall>,
}

impl Analyzer {
    /// For all languages.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the file at `path` hints at, judged by its bytes before they are known to be text; `None` if it holds no
    /// calls. Most files of most repositories do not.
    pub fn hints(&self, path: &str, bytes: &[u8]) -> Option<Hinted> {
        // Text of two bytes a letter has to be decoded first.
        if matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) {
            return Some(Hinted::Unknown);
        }
        match (Language::of(path), Config::of(path)) {
            // Its lines are counted where it matters.
            (Some(language), _) => self.hints.of(language, bytes).filter(|_| !is_minified(bytes)).map(Hinted::At),
            (None, Some(config)) => {
                let may_hold = config == Config::Proto || self.hints.is_address_in(bytes);
                may_hold.then(|| Hinted::At(Libraries::default()))
            }
            (None, None) => None,
        }
    }

    /// The calls of the file at `path`; `None` if it is none that is looked at.
    pub fn calls(&self, path: &str, text: &str) -> Option<Found> {
        self.calls_hinted(path, text, Hinted::Unknown)
    }

    /// The same, where [`Analyzer::hints`] has seen the file's bytes.
    pub fn calls_hinted(&self, path: &str, text: &str, hinted: Hinted) -> Option<Found> {
        let language = Language::of(path);
        let config = Config::of(path);
        let name = language.map(Language::name).or(config.map(Config::name))?;
        let hinted = match hinted {
            Hinted::At(libraries) => Some(libraries),
            Hinted::Unknown => match self.hints(path, text.as_bytes()) {
                Some(Hinted::At(libraries)) => Some(libraries),
                Some(Hinted::Unknown) | None => None,
            },
        };
        let mut calls = match (language, config, hinted) {
            (_, _, None) => Vec::new(),
            (Some(Language::Shell), _, Some(_)) => shell::calls(text, 1),
            (Some(language), _, Some(libraries)) => find::calls(language, text, libraries),
            (None, Some(config), Some(_)) => config::calls(config, text),
            (None, None, Some(_)) => Vec::new(),
        };
        calls.truncate(CALLS_PER_FILE_MAX);
        Some(Found { language: name, calls })
    }
}

/// What a file may have calls of.
#[derive(Clone, Copy, Debug)]
pub enum Hinted {
    /// Some of its language's libraries, or none but addresses that are kept for calls elsewhere.
    At(Libraries),
    /// Nobody has looked yet.
    Unknown,
}

impl fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analyzer").finish_non_exhaustive()
    }
}

/// Whether a file is a bundle, a minified script or data in the form of code.
fn is_minified(bytes: &[u8]) -> bool {
    let lines = memchr::memchr_iter(b'\n', bytes).count() + 1;
    bytes.len() / lines > LINE_BYTES_MEAN_MAX
}
