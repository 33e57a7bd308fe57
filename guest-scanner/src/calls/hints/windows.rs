//! Looks for many short words at once, at sixteen places at a time: in the sandbox an automaton that goes byte by byte
//! takes most of the time that a file without calls takes.
//!
//! After Hyperscan's Teddy, as `aho-corasick` has it for the machines' own instructions: a word is known by a window of a
//! few of its bytes, the rarest in source code; words are put into eight buckets ([`buckets`]); and for each byte of the window
//! two tables of sixteen, by its upper and its lower half, tell the buckets that it may belong to. What remains is compared.

mod buckets;

use buckets::{Allowed, BUCKETS, WINDOW_BYTES};

/// The places that are looked at together.
const LANES: usize = 16;

/// For each half of a byte, a bit for each bucket.
type Table = [u8; 16];

/// Words to be found.
#[derive(Debug)]
pub(super) struct Windows {
    lower: [Table; WINDOW_BYTES],
    upper: [Table; WINDOW_BYTES],
    buckets: [Vec<Word>; BUCKETS],
}

#[derive(Clone, Copy, Debug)]
struct Word {
    bytes: &'static [u8],
    /// Its position among the words that were given.
    number: usize,
    /// Where its window begins.
    window: usize,
    /// The window's bytes, and which of them count: a short word has less.
    value: u32,
    mask: u32,
}

/// A word in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    /// The offset of its first byte.
    pub(super) start: usize,
    /// Its position among the words that were given.
    pub(super) number: usize,
}

impl Windows {
    /// For words of at least one byte.
    pub(super) fn new(words: &[&'static str]) -> Self {
        let words: Vec<Word> = (0..).zip(words).map(|(number, word)| Word::new(word.as_bytes(), number)).collect();
        let windows: Vec<Allowed> = words.iter().map(|word| word.allowed()).collect();
        let mut this = Self {
            lower: [Table::default(); WINDOW_BYTES],
            upper: [Table::default(); WINDOW_BYTES],
            buckets: Default::default(),
        };
        for ((word, allowed), bucket) in words.iter().zip(&windows).zip(buckets::assign(&windows)) {
            this.buckets.iter_mut().skip(bucket).take(1).for_each(|words| words.push(*word));
            allow(&mut this.lower, &allowed.lower, bucket);
            allow(&mut this.upper, &allowed.upper, bucket);
        }
        this
    }

    /// Whether one of the words in `text` will do. Those that overlap are among them; they come in no particular order.
    pub(super) fn any(&self, text: &[u8], mut will_do: impl FnMut(Found) -> bool) -> bool {
        let mut look = Look::new(self);
        let (blocks, rest) = text.as_chunks::<LANES>();
        for (block, bytes) in blocks.iter().enumerate() {
            let mut lanes = look.candidates(bytes);
            while lanes != 0 {
                let end = block * LANES + lanes.trailing_zeros() as usize;
                if self.compare(text, end.saturating_sub(WINDOW_BYTES - 1), &mut will_do) {
                    return true;
                }
                lanes &= lanes - 1;
            }
        }
        // What is short may have its window end behind the text.
        let unseen = (text.len() - rest.len()).saturating_sub(WINDOW_BYTES - 1);
        (unseen..text.len()).any(|at| self.compare(text, at, &mut will_do))
    }

    /// Compares the words that may have their window at `at`.
    fn compare(&self, text: &[u8], at: usize, will_do: &mut impl FnMut(Found) -> bool) -> bool {
        let mut buckets = self.buckets_at(text, at);
        let value = value(text.get(at..).unwrap_or_default());
        while buckets != 0 {
            let words = self.buckets.get(buckets.trailing_zeros() as usize).map_or(&[][..], Vec::as_slice);
            for word in words.iter().filter(|word| word.value == value & word.mask) {
                let Some(start) = at.checked_sub(word.window) else { continue };
                let is_there = text.get(start..).is_some_and(|rest| rest.starts_with(word.bytes));
                if is_there && will_do(Found { start, number: word.number }) {
                    return true;
                }
            }
            buckets &= buckets - 1;
        }
        false
    }

    /// A bit for each bucket that allows the bytes from `at` on.
    fn buckets_at(&self, text: &[u8], at: usize) -> u8 {
        let window = text.get(at..).unwrap_or_default().iter();
        window
            .zip(self.lower.iter().zip(&self.upper))
            .fold(u8::MAX, |buckets, (byte, (lower, upper))| buckets & cell(lower, byte & 15) & cell(upper, byte >> 4))
    }
}

/// The buckets that allow half a byte.
fn cell(table: &Table, half: u8) -> u8 {
    table.get(usize::from(half)).copied().unwrap_or(0)
}

/// Sets a bucket's bit in the tables wherever it allows half a byte.
fn allow(tables: &mut [Table; WINDOW_BYTES], halves: &[u16; WINDOW_BYTES], bucket: usize) {
    for (table, halves) in tables.iter_mut().zip(halves) {
        let cells = table.iter_mut().enumerate().filter(|(half, _)| halves & 1 << half != 0);
        cells.for_each(|(_, buckets)| *buckets |= 1 << bucket);
    }
}

impl Word {
    fn new(bytes: &'static [u8], number: usize) -> Self {
        let windows = bytes.windows(WINDOW_BYTES.min(bytes.len())).enumerate();
        let rarest = windows.min_by_key(|(_, window)| Allowed::only(window).frequency());
        let (window, seen) = rarest.unwrap_or_default();
        let mask = u32::MAX >> (32 - 8 * seen.len().clamp(1, WINDOW_BYTES));
        Self { bytes, number, window, value: value(seen), mask }
    }

    fn allowed(&self) -> Allowed {
        let window = self.bytes.get(self.window..).unwrap_or_default();
        Allowed::only(window.get(..WINDOW_BYTES).unwrap_or(window))
    }
}

/// The first bytes of a text, those of a window, in a form that is compared at once.
fn value(text: &[u8]) -> u32 {
    let mut value = [0; WINDOW_BYTES];
    value.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
    u32::from_le_bytes(value)
}

/// The tables as vectors, and what they said of the block before: a window may begin there.
#[cfg(target_arch = "wasm32")]
struct Look {
    lower: [core::arch::wasm32::v128; WINDOW_BYTES],
    upper: [core::arch::wasm32::v128; WINDOW_BYTES],
    before: [core::arch::wasm32::v128; WINDOW_BYTES - 1],
}

#[cfg(target_arch = "wasm32")]
impl Look {
    fn new(windows: &Windows) -> Self {
        let (lower, upper) = (windows.lower.map(|table| vector(&table)), windows.upper.map(|table| vector(&table)));
        Self { lower, upper, before: [vector(&Table::default()); WINDOW_BYTES - 1] }
    }

    /// Bits for those of the next [`LANES`] places where a window may end.
    fn candidates(&mut self, block: &[u8; LANES]) -> u32 {
        use core::arch::wasm32::{
            i8x16_shuffle, u8x16_bitmask, u8x16_ne, u8x16_shr, u8x16_splat, u8x16_swizzle, v128_and, v128_any_true,
        };
        let bytes = vector(block);
        let (lower, upper) = (v128_and(bytes, u8x16_splat(15)), u8x16_shr(bytes, 4));
        let allowed = |low, high| v128_and(u8x16_swizzle(low, lower), u8x16_swizzle(high, upper));
        let [first, second, third, fourth] = [
            allowed(self.lower[0], self.upper[0]),
            allowed(self.lower[1], self.upper[1]),
            allowed(self.lower[2], self.upper[2]),
            allowed(self.lower[3], self.upper[3]),
        ];
        let [before_first, before_second, before_third] = self.before;
        self.before = [first, second, third];
        // Each is moved to where its window ends.
        let first =
            i8x16_shuffle::<13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28>(before_first, first);
        let second =
            i8x16_shuffle::<14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29>(before_second, second);
        let third =
            i8x16_shuffle::<15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30>(before_third, third);
        let buckets = v128_and(v128_and(first, second), v128_and(third, fourth));
        if !v128_any_true(buckets) {
            return 0;
        }
        u8x16_bitmask(u8x16_ne(buckets, u8x16_splat(0))).into()
    }
}

#[cfg(target_arch = "wasm32")]
fn vector(bytes: &[u8; LANES]) -> core::arch::wasm32::v128 {
    let (halves, _) = bytes.as_chunks::<8>();
    let half = |at: usize| halves.get(at).copied().map_or(0, u64::from_le_bytes);
    core::arch::wasm32::u64x2(half(0), half(1))
}

/// The same, byte by byte.
#[cfg(not(target_arch = "wasm32"))]
struct Look<'a> {
    windows: &'a Windows,
    /// The buckets that allow the last bytes as the beginning of their windows: one byte, two, three.
    begun: [u8; WINDOW_BYTES - 1],
}

#[cfg(not(target_arch = "wasm32"))]
impl<'a> Look<'a> {
    fn new(windows: &'a Windows) -> Self {
        Self { windows, begun: Default::default() }
    }

    fn candidates(&mut self, block: &[u8; LANES]) -> u32 {
        let places = block.iter().enumerate().filter(|(_, byte)| self.ends_window(**byte));
        places.fold(0, |lanes, (place, _)| lanes | 1 << place)
    }

    fn ends_window(&mut self, byte: u8) -> bool {
        let tables = self.windows.lower.iter().zip(&self.windows.upper);
        let mut before = u8::MAX;
        for ((lower, upper), begun) in tables.zip(self.begun.iter_mut().map(Some).chain([None])) {
            let now = before & cell(lower, byte & 15) & cell(upper, byte >> 4);
            before = match begun {
                Some(begun) => std::mem::replace(begun, now),
                None => now,
            };
        }
        before != 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Found, Windows};

    const WORDS: [&str; 14] = [
        "http://", "https://", "ws://", "requests", "urlopen", "gql", "ab", "aab", "é-", "-ws'", "quest", "zzzz",
        "Jz~J", "b-",
    ];

    fn found(words: &[&'static str], text: &[u8]) -> Vec<Found> {
        let mut found = Vec::new();
        Windows::new(words).any(text, |one| {
            found.push(one);
            false
        });
        found.sort_unstable();
        found
    }

    fn expected(words: &[&str], text: &[u8]) -> Vec<Found> {
        let here = |start: usize, word: &str| text[start..].starts_with(word.as_bytes());
        let at = |start| (0..).zip(words).filter(move |(_, word)| here(start, word));
        (0..text.len()).flat_map(|start| at(start).map(move |(number, _)| Found { start, number })).collect()
    }

    proptest! {
        #[test]
        fn words_are_found_wherever_they_are(parts in prop::collection::vec(0..WORDS.len() + 4, 0..30)) {
            let text: String = parts.iter().map(|part| WORDS.get(*part).copied().unwrap_or("aéb-q u\n")).collect();
            for words in [&WORDS[..], &WORDS[..6], &WORDS[..1], &[]] {
                prop_assert_eq!(found(words, text.as_bytes()), expected(words, text.as_bytes()));
            }
        }
    }
}
