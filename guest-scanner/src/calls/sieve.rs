//! A quick no to the question whether a word is one of a few: nearly all words of a file are not, and to hash each
//! of them would cost more than all the rest.

/// The first and last letters and lengths of some words.
#[derive(Debug, Default)]
pub(crate) struct Sieve([u64; 16]);

impl Sieve {
    pub(crate) fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut sieve = Self::default();
        words.into_iter().for_each(|word| sieve.add(word));
        sieve
    }

    pub(crate) fn add(&mut self, word: &str) {
        let (row, bit) = place(word);
        if let Some(row) = self.0.get_mut(row) {
            *row |= 1 << bit;
        }
    }

    /// Whether the word may be one of those; if not, it is none.
    pub(crate) fn may_hold(&self, word: &str) -> bool {
        let (row, bit) = place(word);
        self.0.get(row).is_some_and(|row| row & 1 << bit != 0)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "six bits")]
fn place(word: &str) -> (usize, u32) {
    let bytes = word.as_bytes();
    let (first, last) = (bytes.first().copied().unwrap_or(0), bytes.last().copied().unwrap_or(0));
    let mixed = usize::from(first).wrapping_mul(31) ^ usize::from(last).wrapping_mul(7) ^ bytes.len().wrapping_mul(97);
    (mixed >> 6 & 15, (mixed & 63) as u32)
}

#[cfg(test)]
mod tests {
    use super::Sieve;

    #[test]
    fn what_was_added_stays() {
        let words = ["get", "post", "requestUri", "", "ü"];
        let sieve = Sieve::of(words);
        assert!(words.iter().all(|word| sieve.may_hold(word)));
        assert!(!sieve.may_hold("somethingElse"));
    }
}
