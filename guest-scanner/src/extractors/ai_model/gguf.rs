//! The header of a GGUF file: pairs of keys and values, all sizes little-endian.

use super::Metadata;

/// The pairs that are looked at. Models have some thirty, those wanted first.
const PAIRS_MAX: u64 = 256;

/// Reads a header as far as it is there; `None` if it is none.
pub(super) fn read(bytes: &[u8]) -> Option<Metadata> {
    let mut reader = Reader(bytes.strip_prefix(b"GGUF")?);
    let version = reader.number(4)?;
    // The first version had shorter numbers, and is long gone.
    if !(2..=3).contains(&version) {
        return None;
    }
    let _tensors = reader.number(8)?;
    let pairs = reader.number(8)?;
    let mut metadata = Metadata::default();
    for _ in 0..pairs.min(PAIRS_MAX) {
        if reader.pair(&mut metadata).is_none() {
            break;
        }
    }
    Some(metadata)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, bytes: u64) -> Option<u64> {
        let taken = self.take(bytes)?;
        Some(taken.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = self.number(8)?;
        self.take(length)
    }

    fn pair(&mut self, metadata: &mut Metadata) -> Option<()> {
        let key = self.string()?;
        let kind = self.number(4)?;
        if kind != STRING {
            return self.skip(kind);
        }
        let value = str::from_utf8(self.string()?).ok().filter(|value| !value.is_empty()).map(str::to_owned);
        match key {
            b"general.version" => metadata.version = value,
            b"general.license" => metadata.license = value,
            b"general.source.url" | b"general.source.huggingface.repository" | b"general.repo_url" => {
                metadata.source = value;
            }
            _ => {}
        }
        Some(())
    }

    /// Passes over a value that is no string. Lists of lists are not used.
    fn skip(&mut self, kind: u64) -> Option<()> {
        if kind != ARRAY {
            return self.take(size(kind)?).map(drop);
        }
        let kind = self.number(4)?;
        let count = self.number(8)?;
        if kind != STRING {
            return self.take(size(kind)?.checked_mul(count)?).map(drop);
        }
        for _ in 0..count {
            self.string()?;
        }
        Some(())
    }
}

const STRING: u64 = 8;
const ARRAY: u64 = 9;

fn size(kind: u64) -> Option<u64> {
    match kind {
        0 | 1 | 7 => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}
