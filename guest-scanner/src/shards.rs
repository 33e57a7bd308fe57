//! How several sandboxes share the files of one repository: whoever is free takes the next block of them.

use std::cell::Cell;

/// The files of a block. Small, so that all end at about the same time; large enough that asking costs nothing.
const BLOCK_FILES: usize = 64;

/// Those that share the files with this scan; `wit/scanner.wit` says what each call means.
pub trait Shards {
    /// This one's number, from 0, and how many there are.
    fn here(&self) -> (u32, u32);

    /// The next number that nobody has taken.
    fn take(&self) -> u32;

    /// Returns when all others have ended well, or never.
    fn wait(&self);
}

/// Nobody: all blocks are this one's.
#[derive(Debug, Default)]
pub struct Alone(Cell<u32>);

impl Shards for Alone {
    fn here(&self) -> (u32, u32) {
        (0, 1)
    }

    fn take(&self) -> u32 {
        self.0.replace(self.0.get().saturating_add(1))
    }

    fn wait(&self) {}
}

/// The items that fall to this one, block after block, with their positions among all: ascending.
pub(crate) fn share<'a, T>(all: &'a [T], shards: &'a dyn Shards) -> impl Iterator<Item = (usize, &'a T)> {
    let block = move || {
        let start = usize::try_from(shards.take()).ok()?.checked_mul(BLOCK_FILES)?;
        let rest = all.get(start..).filter(|rest| !rest.is_empty())?;
        Some((start..).zip(rest.iter().take(BLOCK_FILES)))
    };
    std::iter::from_fn(block).flatten()
}

#[cfg(test)]
mod tests {
    use super::{Alone, BLOCK_FILES, share};

    #[test]
    fn alone_one_gets_everything_in_its_order() {
        for length in [0, 1, BLOCK_FILES, BLOCK_FILES * 3 + 1] {
            let all: Vec<usize> = (0..length).collect();
            let got: Vec<_> = share(&all, &Alone::default()).map(|(at, item)| (at, *item)).collect();
            assert_eq!(got, all.iter().map(|item| (*item, *item)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn two_get_everything_once() {
        let all: Vec<usize> = (0..BLOCK_FILES * 5).collect();
        let numbers = Alone::default();
        let (one, mut other) = (share(&all, &numbers), share(&all, &numbers));
        let mut got = Vec::new();
        // They go at different paces.
        for (at, _) in one {
            got.push(at);
            got.extend(other.by_ref().take(3).map(|(at, _)| at));
        }
        got.extend(other.map(|(at, _)| at));
        got.sort_unstable();
        assert_eq!(got, all);
    }
}
