//! Looks for many short words at once, at sixteen places at a time: in the sandbox an automaton that goes byte by byte
//! takes most of the time that a file without calls takes.
//!
//! After Hyperscan's Teddy, as `aho-corasick` has it for the machines' own instructions: a word is known by a window of a
//! few of its bytes, the rarest in source code; words are put into eight buckets ([`buckets`]); and for each byte of the window
//! two tables of sixteen, by its upper and its lower half, tell the buckets that it may belong to. What remains is compared.

mod buckets;

use buckets::{Allowed, BUCKETS, WINDOW_BYTES};

/// The places that are looked at together: four vectors of the machine. Between them the sandbox counts fuel, for which it
/// puts all vectors aside.
const LANES: usize = 64;

/// Bytes of a vector.
#[cfg(target_arch = "wasm32")]
const VECTOR_BYTES: usize = 16;

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
        let (mut blocks, last) = text.as_chunks::<LANES>();
        let mut start = 0;
        while let Some((passed, mut lanes)) = look.next(blocks) {
            start += passed * LANES;
            while lanes != 0 {
                let end = start + lanes.trailing_zeros() as usize;
                if self.compare(text, end.saturating_sub(WINDOW_BYTES - 1), &mut will_do) {
                    return true;
                }
                lanes &= lanes - 1;
            }
            start += LANES;
            blocks = blocks.get(passed + 1..).unwrap_or_default();
        }
        // What is short may have its window end behind the text.
        let unseen = (text.len() - last.len()).saturating_sub(WINDOW_BYTES - 1);
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
#[derive(Clone, Copy)]
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

    /// How many blocks pass until there is one where a window may end, and a bit for each of the [`LANES`] places where.
    // Neither inlined nor left to the compiler to unroll, so that the vectors stay in registers.
    #[inline(never)]
    fn next(&mut self, blocks: &[[u8; LANES]]) -> Option<(usize, u64)> {
        use core::arch::wasm32::{u8x16_bitmask, u8x16_ne, u8x16_splat, v128_any_true, v128_or};
        let mut look = *self;
        for (passed, block) in blocks.iter().enumerate() {
            let (vectors, _) = block.as_chunks::<VECTOR_BYTES>();
            let [one, two, three, four] = vectors else { break };
            let one = look.buckets(vector(one));
            let two = look.buckets(vector(two));
            let three = look.buckets(vector(three));
            let four = look.buckets(vector(four));
            if v128_any_true(v128_or(v128_or(one, two), v128_or(three, four))) {
                *self = look;
                let lanes = |buckets| u64::from(u8x16_bitmask(u8x16_ne(buckets, u8x16_splat(0))));
                return Some((passed, lanes(one) | lanes(two) << 16 | lanes(three) << 32 | lanes(four) << 48));
            }
        }
        *self = look;
        None
    }

    /// The buckets that allow the windows which end at each of the next places.
    #[inline(always)]
    fn buckets(&mut self, bytes: core::arch::wasm32::v128) -> core::arch::wasm32::v128 {
        use core::arch::wasm32::{i8x16_shuffle, u8x16_shr, u8x16_splat, u8x16_swizzle, v128_and};
        let (low, high) = (v128_and(bytes, u8x16_splat(15)), u8x16_shr(bytes, 4));
        let allowed = |lower, upper| v128_and(u8x16_swizzle(lower, low), u8x16_swizzle(upper, high));
        let ([lower, lower2, lower3, lower4], [upper, upper2, upper3, upper4]) = (self.lower, self.upper);
        let [first, second, third] = [allowed(lower, upper), allowed(lower2, upper2), allowed(lower3, upper3)];
        let [begun, begun2, begun3] = std::mem::replace(&mut self.before, [first, second, third]);
        // Each is moved to where its window ends.
        let first = i8x16_shuffle::<13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28>(begun, first);
        let second = i8x16_shuffle::<14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29>(begun2, second);
        let third = i8x16_shuffle::<15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30>(begun3, third);
        v128_and(v128_and(first, second), v128_and(third, allowed(lower4, upper4)))
    }
}

#[cfg(target_arch = "wasm32")]
fn vector(bytes: &[u8; VECTOR_BYTES]) -> core::arch::wasm32::v128 {
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

    fn next(&mut self, blocks: &[[u8; LANES]]) -> Option<(usize, u64)> {
        let mut lanes = |block: &[u8; LANES]| {
            let places = block.iter().enumerate().filter(|(_, byte)| self.ends_window(**byte));
            places.fold(0, |lanes, (place, _)| lanes | 1 << place)
        };
        blocks.iter().map(&mut lanes).enumerate().find(|(_, lanes)| *lanes != 0)
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
