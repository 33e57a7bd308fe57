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
        let look = Look::new(self);
        let mut at = 0;
        while let Some(mut lanes) = look.candidates(text, at) {
            while lanes != 0 {
                let lane = lanes.trailing_zeros() as usize;
                if self.compare(text, at + lane, &mut will_do) {
                    return true;
                }
                lanes &= lanes - 1;
            }
            at += LANES;
        }
        (at..text.len()).any(|at| self.compare(text, at, &mut will_do))
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
        let allowed = |table: &Table, half: u8| table.get(usize::from(half)).copied().unwrap_or(0);
        window.zip(self.lower.iter().zip(&self.upper)).fold(u8::MAX, |buckets, (byte, (lower, upper))| {
            buckets & allowed(lower, byte & 15) & allowed(upper, byte >> 4)
        })
    }
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

/// The tables as vectors.
#[cfg(target_arch = "wasm32")]
struct Look {
    lower: [core::arch::wasm32::v128; WINDOW_BYTES],
    upper: [core::arch::wasm32::v128; WINDOW_BYTES],
}

#[cfg(target_arch = "wasm32")]
impl Look {
    fn new(windows: &Windows) -> Self {
        Self { lower: windows.lower.map(|table| vector(&table)), upper: windows.upper.map(|table| vector(&table)) }
    }

    /// Bits for the [`LANES`] places from `at` on where a word may have its window; `None` near the end of `text`.
    fn candidates(&self, text: &[u8], at: usize) -> Option<u32> {
        use core::arch::wasm32::{u8x16_bitmask, u8x16_ne, u8x16_shr, u8x16_splat, u8x16_swizzle, v128_and};
        let text = text.get(at..at + LANES + WINDOW_BYTES)?;
        let mut buckets = u8x16_splat(u8::MAX);
        for (from, (lower, upper)) in self.lower.iter().zip(&self.upper).enumerate() {
            let bytes = vector(text.get(from..)?.first_chunk()?);
            let lower = u8x16_swizzle(*lower, v128_and(bytes, u8x16_splat(15)));
            let upper = u8x16_swizzle(*upper, u8x16_shr(bytes, 4));
            buckets = v128_and(buckets, v128_and(lower, upper));
        }
        Some(u8x16_bitmask(u8x16_ne(buckets, u8x16_splat(0))).into())
    }
}

#[cfg(target_arch = "wasm32")]
fn vector(bytes: &[u8; LANES]) -> core::arch::wasm32::v128 {
    let (halves, _) = bytes.as_chunks::<8>();
    let half = |at: usize| halves.get(at).copied().map_or(0, u64::from_le_bytes);
    core::arch::wasm32::u64x2(half(0), half(1))
}

/// The same, place by place.
#[cfg(not(target_arch = "wasm32"))]
struct Look<'a>(&'a Windows);

#[cfg(not(target_arch = "wasm32"))]
impl<'a> Look<'a> {
    fn new(windows: &'a Windows) -> Self {
        Self(windows)
    }

    fn candidates(&self, text: &[u8], at: usize) -> Option<u32> {
        let text = text.get(at..at + LANES + WINDOW_BYTES)?;
        let places = (0..LANES).filter(|place| self.0.buckets_at(text, *place) != 0);
        Some(places.fold(0, |lanes, place| lanes | 1 << place))
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
