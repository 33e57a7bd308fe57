//! What a file holds if it makes calls: names of clients, and addresses. Most files hold none, and are not lexed.

mod kept;
mod windows;

use std::sync::OnceLock;

use aho_corasick::Span;
use aho_corasick::packed::Searcher;

use self::kept::Kept;
use self::windows::{Found, Windows};
use super::language::Language;
use super::languages;
use super::shell;

/// What every address begins with, and what fetches one in a script.
const ADDRESSES: &[&str] = &["http://", "https://", "ws://", "wss://", "curl ", "wget "];

/// A hint that is no longer than this is a part of many words, and counts only as a word.
const PART_BYTES_MAX: usize = 3;

/// What finds those of a language, made when a file of that language comes: a repository has few.
#[derive(Default)]
pub(super) struct Hints {
    languages: [OnceLock<Known>; Language::ALL.len()],
    addresses: OnceLock<Words>,
}

impl Hints {
    /// Which of the language's libraries a file may use; `None` if it has nothing to do with any, nor with addresses.
    pub(super) fn of(&self, language: Language, bytes: &[u8]) -> Option<Libraries> {
        let Some(known) = self.language(language) else { return Some(Libraries(u64::MAX)) };
        let (mut libraries, mut kept) = (None, Kept::new(language, bytes));
        known.words.any(bytes, |found| {
            match known.libraries.get(found.number) {
                Some(library) if known.counts(language, bytes, found, *library) => {
                    let Libraries(set) = libraries.get_or_insert_default();
                    *set |= 1 << library;
                }
                None if libraries.is_none() && kept.may_be(found.start) => libraries = Some(Libraries::default()),
                Some(_) | None => {}
            }
            false
        });
        libraries
    }

    fn language(&self, language: Language) -> Option<&Known> {
        let place = Language::ALL.iter().position(|known| *known == language)?;
        self.languages.get(place).map(|known| known.get_or_init(|| Known::of(language)))
    }

    /// Whether there is an address in a file.
    pub(super) fn is_address_in(&self, bytes: &[u8]) -> bool {
        self.addresses.get_or_init(|| Words::new(ADDRESSES.to_vec())).any(bytes, |_| true)
    }
}

/// The hints of a language.
struct Known {
    words: Words,
    /// Of each word, the place of its library among the language's. What comes behind are addresses.
    libraries: Vec<u32>,
}

/// Words that are looked for all at once.
struct Words {
    /// Looks at even more bytes at once, where the machine can; not in the sandbox.
    packed: Option<Searcher>,
    windows: Windows,
    words: Vec<&'static str>,
}

/// Some of a language's libraries, by their places.
#[derive(Clone, Copy, Debug, Default)]
pub struct Libraries(u64);

impl Libraries {
    pub(super) fn has(self, place: usize) -> bool {
        place < 64 && self.0 & 1 << place != 0
    }
}

impl Known {
    fn of(language: Language) -> Self {
        let libraries = languages::libraries(language);
        let placed = (0u32..).zip(libraries).flat_map(|(place, library)| library.hints.iter().map(move |_| place));
        let shell = if language == Language::Shell { shell::HINTS } else { &[] };
        let hints = libraries.iter().flat_map(|library| library.hints).chain(shell);
        let words: Vec<&str> = hints.chain(ADDRESSES).copied().collect();
        let libraries = placed.chain(shell.iter().map(|_| 0)).collect();
        Self { words: Words::new(words), libraries }
    }

    fn counts(&self, language: Language, bytes: &[u8], found: Found, library: u32) -> bool {
        let word = self.words.get(found.number);
        // Many lists in Python are called `requests`, and requests are what many comments are about.
        if language == Language::Python && word.ends_with('.') {
            let rest = bytes.get(found.start..).unwrap_or_default();
            return names(language, library).any(|name| name.starts_with(word) && rest.starts_with(name.as_bytes()));
        }
        word.len() > PART_BYTES_MAX || is_word(bytes, found.start, word.len())
    }
}

impl Words {
    fn new(words: Vec<&'static str>) -> Self {
        Self { packed: Searcher::new(&words), windows: Windows::new(&words), words }
    }

    fn get(&self, number: usize) -> &'static str {
        self.words.get(number).copied().unwrap_or_default()
    }

    /// Whether one of the words that are found will do. Those that overlap are among them.
    fn any(&self, bytes: &[u8], mut will_do: impl FnMut(Found) -> bool) -> bool {
        let Some(packed) = &self.packed else { return self.windows.any(bytes, will_do) };
        let mut span = Span { start: 0, end: bytes.len() };
        while let Some(first) = packed.find_in(bytes, span) {
            let start = first.start();
            let rest = bytes.get(start..).unwrap_or_default();
            // It names one of those that begin there.
            let here = self.words.iter().enumerate().filter(|(_, word)| rest.starts_with(word.as_bytes()));
            if here.into_iter().any(|(number, _)| will_do(Found { start, number })) {
                return true;
            }
            span.start = start + 1;
        }
        false
    }
}

/// What a library's functions and types are called.
fn names(language: Language, library: u32) -> impl Iterator<Item = &'static str> {
    let library = languages::libraries(language).get(library as usize);
    library.into_iter().flat_map(|library| {
        library.functions.iter().map(|function| function.callee).chain(library.types.iter().copied())
    })
}

fn is_word(bytes: &[u8], start: usize, length: usize) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    !is_part(start.checked_sub(1).and_then(|before| bytes.get(before))) && !is_part(bytes.get(start + length))
}

#[cfg(test)]
mod tests {
    use super::{Known, Language};

    #[test]
    fn both_ways_to_search_find_the_same() {
        let text = b"import httplib2, httplib\nfrom urllib.request import urlopen\n'https://a' (wss://b) x.websockets";
        for language in Language::ALL {
            let packed = Known::of(language);
            let mut plain = Known::of(language);
            plain.words.packed = None;
            let all = |known: &Known| {
                let mut found = Vec::new();
                known.words.any(text, |one| {
                    found.push(one);
                    false
                });
                found.sort_unstable();
                found
            };
            assert_eq!(all(&packed), all(&plain), "{language:?}");
            assert!(!all(&plain).is_empty());
        }
    }
}
