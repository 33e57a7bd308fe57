//! From byte offsets to line numbers.

use std::ops::Range;

/// Where the lines of a text begin.
#[derive(Debug)]
pub struct Lines {
    span: Range<usize>,
    newlines: Vec<usize>,
}

impl Lines {
    /// Reads `text` once. It must outlive what is asked of [`Lines::of`] only in meaning: fragments
    /// of another text have no line.
    pub fn new(text: &str) -> Self {
        let start = text.as_ptr() as usize;
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
        Self { span: start..start + text.len(), newlines }
    }

    /// The line of a byte offset, from 1.
    pub fn at(&self, offset: usize) -> u32 {
        let before = self.newlines.partition_point(|newline| *newline < offset);
        u32::try_from(before).unwrap_or(u32::MAX - 1).saturating_add(1)
    }

    /// The line of a fragment that was borrowed from the text; `None` if it was not, as happens to
    /// a JSON string with escapes, which its parser has to copy.
    pub fn of(&self, fragment: &str) -> Option<u32> {
        let address = fragment.as_ptr() as usize;
        (self.span.contains(&address) || (self.span.end == address && fragment.is_empty() && !self.span.is_empty()))
            .then(|| self.at(address - self.span.start))
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn a_fragment_knows_its_line() {
        let text = String::from("one\ntwo\nthree");
        let lines = Lines::new(&text);
        let found: Vec<_> = text.split('\n').map(|fragment| lines.of(fragment)).collect();
        assert_eq!(found, [Some(1), Some(2), Some(3)]);
        assert_eq!(lines.of("two"), None);
        assert_eq!(lines.at(3), 1);
        assert_eq!(lines.at(4), 2);
    }
}
