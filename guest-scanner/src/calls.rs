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

    /// Whether the file at `path` could hold calls, judged by its bytes before they are known to be text. Most
    /// files of most repositories cannot.
    pub fn may_hold(&self, path: &str, bytes: &[u8]) -> bool {
        // Text of two bytes a letter has to be decoded first.
        if matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) {
            return true;
        }
        match (Language::of(path), Config::of(path)) {
            (Some(language), _) => self.hints.are_in(language, bytes) && !is_minified(bytes),
            (None, Some(Config::Proto)) => true,
            (None, Some(_)) => self.hints.is_address_in(bytes),
            (None, None) => false,
        }
    }

    /// The calls of the file at `path`; `None` if it is none that is looked at.
    pub fn calls(&self, path: &str, text: &str) -> Option<Found> {
        let language = Language::of(path);
        let config = Config::of(path);
        let name = language.map(Language::name).or(config.map(Config::name))?;
        let mut calls = match (language, config) {
            (Some(_), _) if is_minified(text.as_bytes()) => Vec::new(),
            (Some(language), _) => self.calls_in(language, text),
            (None, Some(config)) if self.may_hold(path, text.as_bytes()) => config::calls(config, text),
            (None, _) => Vec::new(),
        };
        calls.truncate(CALLS_PER_FILE_MAX);
        Some(Found { language: name, calls })
    }

    fn calls_in(&self, language: Language, text: &str) -> Vec<ApiCall> {
        match self.hints.of(language, text.as_bytes()) {
            None => Vec::new(),
            Some(_) if language == Language::Shell => shell::calls(text, 1),
            Some(libraries) => find::calls(language, text, libraries),
        }
    }
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
