//! A quick no to the question whether a word is one of a few: nearly all words of a file are not, and to hash or compare
//! each of them would cost more than all the rest.

/// What is seen of a word at once: its first and last letter and its length, mixed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark(u16);

impl Mark {
    pub(crate) fn of(word: &[u8]) -> Self {
        let (first, last) = (word.first().copied().unwrap_or(0), word.last().copied().unwrap_or(0));
        let mixed =
            usize::from(first).wrapping_mul(31) ^ usize::from(last).wrapping_mul(7) ^ word.len().wrapping_mul(97);
        #[expect(clippy::cast_possible_truncation, reason = "ten bits")]
        Self((mixed & 0x3FF) as u16)
    }
}

/// The marks of some words.
#[derive(Debug, Default)]
pub(crate) struct Sieve([u64; 16]);

impl Sieve {
    pub(crate) fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut sieve = Self::default();
        words.into_iter().for_each(|word| sieve.add(word));
        sieve
    }

    pub(crate) fn add(&mut self, word: &str) {
        let Mark(mark) = Mark::of(word.as_bytes());
        if let Some(row) = self.0.get_mut(usize::from(mark >> 6)) {
            *row |= 1 << (mark & 63);
        }
    }

    /// Whether a word of this mark may be one of those; if not, it is none.
    pub(crate) fn may_hold(&self, Mark(mark): Mark) -> bool {
        self.0.get(usize::from(mark >> 6)).is_some_and(|row| row & 1 << (mark & 63) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Mark, Sieve};

    #[test]
    fn what_was_added_stays() {
        let words = ["get", "post", "requestUri", "", "ü"];
        let sieve = Sieve::of(words);
        assert!(words.iter().all(|word| sieve.may_hold(Mark::of(word.as_bytes()))));
        assert!(!sieve.may_hold(Mark::of(b"somethingElse")));
    }
}
