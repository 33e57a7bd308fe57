//! Where an expression inside a string ends.

/// An expression in a string is not longer than this; what is, is text. Real ones are below 200.
const HOLE_BYTES_MAX: usize = 1000;

/// After so many expressions without an end, a file has none: each costs [`HOLE_BYTES_MAX`] steps.
const FAILURES_MAX: u32 = 64;

/// Finds the ends of expressions in strings, within a budget for a file.
#[derive(Debug, Default)]
pub(crate) struct HoleSkipper {
    failures: u32,
    /// What is open: closing brackets and quotes.
    open: Vec<u8>,
}

impl HoleSkipper {
    /// The offset behind the `closer` of an expression that begins at `start`.
    pub(crate) fn end(&mut self, bytes: &[u8], start: usize, closer: u8, over_lines: bool) -> Option<usize> {
        if self.failures >= FAILURES_MAX {
            return None;
        }
        let found = self.find(bytes, start, closer, over_lines);
        if found.is_none() {
            self.failures += 1;
        }
        found
    }

    fn find(&mut self, bytes: &[u8], start: usize, closer: u8, over_lines: bool) -> Option<usize> {
        self.open.clear();
        self.open.push(closer);
        let mut at = start;
        while at < start + HOLE_BYTES_MAX {
            let byte = *bytes.get(at)?;
            let innermost = *self.open.last()?;
            if byte == b'\n' && !over_lines {
                return None;
            }
            at += 1;
            if byte == innermost {
                self.open.pop();
                if self.open.is_empty() {
                    return Some(at);
                }
            } else if matches!(innermost, b'"' | b'\'' | b'`') {
                if byte == b'\\' {
                    at += 1;
                } else if innermost == b'`' && byte == b'$' && bytes.get(at) == Some(&b'{') {
                    self.open.push(b'}');
                    at += 1;
                }
            } else {
                match byte {
                    b'(' => self.open.push(b')'),
                    b'[' => self.open.push(b']'),
                    b'{' => self.open.push(b'}'),
                    b'"' | b'\'' | b'`' => self.open.push(byte),
                    _ => {}
                }
            }
        }
        None
    }
}
