//! What a file holds if it makes calls: names of clients, and addresses. Most files hold none, and are not lexed.

use std::cell::OnceCell;

use aho_corasick::{AhoCorasick, Match};

use super::language::Language;
use super::languages;
use super::shell;

/// What every address begins with, and what fetches one in a script.
const ADDRESSES: &[&str] = &["http://", "https://", "ws://", "wss://", "curl ", "wget "];

/// A hint that is no longer than this is a part of many words, and counts only as a word.
const PART_BYTES_MAX: usize = 3;

/// One automaton a language, made when a file of that language comes: a repository has few.
#[derive(Default)]
pub(super) struct Hints {
    languages: [OnceCell<Option<AhoCorasick>>; Language::ALL.len()],
    addresses: OnceCell<Option<AhoCorasick>>,
}

impl Hints {
    /// Whether a file of that language could make calls, or keep addresses for calls elsewhere.
    pub(super) fn are_in(&self, language: Language, bytes: &[u8]) -> bool {
        let place = Language::ALL.iter().position(|known| *known == language);
        let Some(cell) = place.and_then(|place| self.languages.get(place)) else { return true };
        let libraries = words(language);
        let made = cell.get_or_init(|| AhoCorasick::new(libraries.iter().chain(ADDRESSES)).ok());
        let Some(automaton) = made else { return true };
        let mut found = automaton.find_overlapping_iter(bytes);
        found.any(|found| match libraries.get(found.pattern().as_usize()) {
            Some(_) => found.len() > PART_BYTES_MAX || is_word(bytes, found),
            None => is_kept(language, bytes, found),
        })
    }

    /// Whether there is an address in a file.
    pub(super) fn is_address_in(&self, bytes: &[u8]) -> bool {
        let made = self.addresses.get_or_init(|| AhoCorasick::new(ADDRESSES).ok());
        made.as_ref().is_none_or(|automaton| automaton.is_match(bytes))
    }
}

fn words(language: Language) -> Vec<&'static str> {
    let libraries = languages::libraries(language).iter().flat_map(|library| library.hints);
    let shell = if language == Language::Shell { shell::HINTS } else { &[] };
    libraries.chain(shell).copied().collect()
}

fn is_word(bytes: &[u8], found: Match) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    !is_part(found.start().checked_sub(1).and_then(|before| bytes.get(before))) && !is_part(bytes.get(found.end()))
}

/// Whether an address may be the beginning of a text. Without a client in the file, nothing else about it counts;
/// those in comments, licences for example, are in most files of some projects.
fn is_kept(language: Language, bytes: &[u8], found: Match) -> bool {
    // These have texts that begin with something else than a quote.
    if matches!(language, Language::Shell | Language::Ruby | Language::Php) {
        return true;
    }
    let before = found.start().checked_sub(1).and_then(|before| bytes.get(before));
    matches!(before, Some(b'"' | b'\'' | b'`'))
}
