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
mod language;
mod languages;
mod lexer;
mod library;
mod names;
pub mod place;
mod shell;
mod token;
mod url;
mod value;
mod words;

use std::fmt;

use aho_corasick::AhoCorasick;
use fumehood_contract::ApiCall;
use fumehood_contract::limits::CALLS_PER_FILE_MAX;

use config::Config;
pub use language::Language;

/// The largest file that is looked at. Source that people write is smaller; generated clients may reach it.
pub const SOURCE_BYTES_MAX: u64 = 1024 * 1024;

/// The mean length of a line above which a file is not written by people: minified, or data.
const LINE_BYTES_MEAN_MAX: usize = 300;

/// Of every language, what its files hold if they make calls.
pub struct Analyzer {
    hints: Vec<(Language, AhoCorasick)>,
    addresses: AhoCorasick,
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
    #[expect(clippy::new_without_default, reason = "building it costs something; that should be seen")]
    pub fn new() -> Self {
        let hints = Language::ALL
            .into_iter()
            .filter_map(|language| Some((language, automaton(&hints_of(language))?)))
            .collect();
        // An automaton of three short words cannot be too large.
        let addresses = automaton(&ADDRESSES.iter().map(ToString::to_string).collect::<Vec<_>>());
        Self {
            hints,
            addresses: addresses.unwrap_or_else(|| AhoCorasick::new([""; 0]).unwrap_or_else(|_| unreachable!())),
        }
    }

    /// The calls of the file at `path`; `None` if it is none that is looked at.
    pub fn calls(&self, path: &str, text: &str) -> Option<Found> {
        let language = Language::of(path);
        let config = Config::of(path);
        let found = |language, calls: Vec<ApiCall>| {
            let mut calls = calls;
            calls.truncate(CALLS_PER_FILE_MAX);
            Some(Found { language, calls })
        };
        match (language, config) {
            (Some(language), _) if !self.has_hint(language, text) || is_minified(text) => {
                found(language.name(), Vec::new())
            }
            (Some(Language::Shell), _) => found("shell", shell::calls(text, 1)),
            (Some(language), _) => found(language.name(), find::calls(language, text)),
            (None, Some(config)) if config != Config::Proto && !self.addresses.is_match(text) => {
                found(config.name(), Vec::new())
            }
            (None, Some(config)) => found(config.name(), config::calls(config, text)),
            (None, None) => None,
        }
    }

    fn has_hint(&self, language: Language, text: &str) -> bool {
        self.hints.iter().find(|(known, _)| *known == language).is_none_or(|(_, hints)| hints.is_match(text))
    }
}

impl fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analyzer").finish_non_exhaustive()
    }
}

/// What every address begins with.
const ADDRESSES: &[&str] = &["http://", "https://", "ws://", "wss://", "curl ", "wget "];

fn hints_of(language: Language) -> Vec<String> {
    let libraries = languages::libraries(language).iter().flat_map(|library| library.hints);
    let shell = if language == Language::Shell { shell::HINTS } else { &[] };
    libraries.chain(shell).chain(ADDRESSES).map(ToString::to_string).collect()
}

fn automaton(words: &[String]) -> Option<AhoCorasick> {
    AhoCorasick::new(words).ok()
}

/// Whether a file is a bundle, a minified script or data in the form of code.
fn is_minified(text: &str) -> bool {
    let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count() + 1;
    text.len() / lines > LINE_BYTES_MEAN_MAX
}
