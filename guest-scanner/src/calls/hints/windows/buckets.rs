//! Which words share a bucket: those that together let the least pass that is none of them.

/// Bytes of a window.
pub(super) const WINDOW_BYTES: usize = 4;

/// As many as a byte has bits.
pub(super) const BUCKETS: usize = 8;

/// The bytes that may stand in a window: for each of its places, halves of bytes, a bit each. A byte is allowed if both
/// of its halves are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Allowed {
    pub(super) lower: [u16; WINDOW_BYTES],
    pub(super) upper: [u16; WINDOW_BYTES],
}

impl Allowed {
    /// Only these; anything behind them.
    pub(super) fn only(window: &[u8]) -> Self {
        let half = |at: usize, shift: u8| window.get(at).map_or(u16::MAX, |byte| 1 << (byte >> shift & 15));
        Self { lower: std::array::from_fn(|at| half(at, 0)), upper: std::array::from_fn(|at| half(at, 4)) }
    }

    fn or(self, other: Self) -> Self {
        let or = |left: [u16; WINDOW_BYTES], right: [u16; WINDOW_BYTES]| {
            let mut both = left;
            both.iter_mut().zip(right).for_each(|(both, right)| *both |= right);
            both
        };
        Self { lower: or(self.lower, other.lower), upper: or(self.upper, other.upper) }
    }

    /// How often source code has such bytes, if one said nothing of the next: of [`WHOLE`] to the power of the window.
    pub(super) fn frequency(self) -> u64 {
        self.lower.into_iter().zip(self.upper).map(|(lower, upper)| place_frequency(lower, upper)).product()
    }
}

fn place_frequency(lower: u16, upper: u16) -> u64 {
    if lower == u16::MAX && upper == u16::MAX {
        return WHOLE;
    }
    // Nearly all of a source is ASCII.
    let rows = FREQUENCIES.iter().enumerate().filter(|(half, _)| upper & 1 << half != 0);
    let cells = rows.flat_map(|(_, row)| row.iter().enumerate().filter(|(half, _)| lower & 1 << half != 0));
    // What was never seen may come, too.
    cells.map(|(_, frequency)| u64::from(*frequency)).sum::<u64>() + 1
}

/// Puts windows into buckets, as many as there are at most; the result says for each its bucket. Those are joined, two by
/// two, that let the least pass together which they do not alone.
pub(super) fn assign(windows: &[Allowed]) -> Vec<usize> {
    let mut groups: Vec<(Allowed, Vec<usize>)> = Vec::new();
    for (at, window) in windows.iter().enumerate() {
        match groups.iter_mut().find(|(allowed, _)| allowed == window) {
            Some((_, members)) => members.push(at),
            None => groups.push((*window, vec![at])),
        }
    }
    let cost = |left: Allowed, right: Allowed| {
        left.or(right).frequency().saturating_sub(left.frequency()).saturating_sub(right.frequency())
    };
    // Of each pair of groups, what it costs to join them: a row for each group, with those before it.
    let row = |groups: &[(Allowed, Vec<usize>)], of: Allowed, end: usize| -> Vec<u64> {
        groups.iter().take(end).map(|(other, _)| cost(of, *other)).collect()
    };
    let mut costs: Vec<Vec<u64>> =
        groups.iter().enumerate().map(|(at, (allowed, _))| row(&groups, *allowed, at)).collect();
    while groups.len() > BUCKETS {
        let pairs =
            costs.iter().enumerate().flat_map(|(at, row)| row.iter().zip(0..).map(move |(cost, of)| (*cost, at, of)));
        let Some((_, at, of)) = pairs.min() else { break };
        let (allowed, members) = groups.remove(at);
        costs.remove(at);
        for row in costs.iter_mut().skip(at) {
            row.remove(at);
        }
        if let Some(group) = groups.get_mut(of) {
            group.0 = group.0.or(allowed);
            group.1.extend(members);
        }
        let joined = groups.get(of).map_or(allowed, |group| group.0);
        let new = row(&groups, joined, groups.len());
        for (other, (row, cost)) in costs.iter_mut().zip(new).enumerate() {
            match row.get_mut(of) {
                Some(cell) if other > of => *cell = cost,
                _ => {}
            }
        }
        let row = row(&groups, joined, of);
        costs.iter_mut().skip(of).take(1).for_each(|old| old.clone_from(&row));
    }
    let mut buckets = vec![0; windows.len()];
    for (bucket, (_, members)) in groups.iter().enumerate() {
        members.iter().for_each(|member| buckets.iter_mut().skip(*member).take(1).for_each(|to| *to = bucket));
    }
    buckets
}

/// What all frequencies of [`FREQUENCIES`] come to.
const WHOLE: u64 = 10_000;

/// How often each byte of ASCII stands in sources, in ten thousandths: of 5 MB each of Python, Rust, JavaScript, Go, PHP,
/// Ruby and Java, one of seven each. Sixteen in a row.
const FREQUENCIES: [[u16; 16]; 8] = [
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 90, 350, 0, 0, 10, 0, 0],
    [0; 16],
    [1870, 10, 95, 28, 24, 4, 13, 66, 110, 110, 32, 6, 113, 51, 153, 55],
    [37, 44, 42, 32, 22, 18, 17, 11, 13, 12, 111, 53, 9, 79, 18, 6],
    [14, 41, 17, 47, 33, 53, 23, 16, 15, 47, 4, 6, 27, 24, 36, 34],
    [39, 2, 42, 56, 51, 20, 13, 10, 4, 7, 1, 30, 5, 30, 1, 142],
    [9, 361, 81, 215, 200, 687, 128, 115, 105, 365, 21, 37, 241, 137, 372, 352],
    [191, 17, 402, 348, 499, 208, 61, 46, 40, 66, 11, 45, 8, 45, 1, 0],
];

#[cfg(test)]
mod tests {
    use super::{Allowed, BUCKETS, assign};

    #[test]
    fn equal_windows_share_a_bucket_and_no_bucket_is_one_too_many() {
        let words = ["http", "quex", "http", "grpc", "aaaa", "bbbb", "zzzz", "Urls", "://a", "==>>", "wXYZ", "1234"];
        let windows: Vec<_> = words.iter().map(|word| Allowed::only(word.as_bytes())).collect();
        let buckets = assign(&windows);
        assert_eq!(buckets[0], buckets[2]);
        assert_eq!(buckets.iter().max().copied(), Some(BUCKETS - 1));
        assert!(assign(&[]).is_empty());
    }

    #[test]
    fn what_is_rare_is_joined_and_what_is_usual_is_not() {
        let usual = ["eeee", "tttt", "ssss", "rrrr", "aaaa", "nnnn", "oooo"];
        let windows: Vec<_> =
            usual.iter().chain(&["ZqZq", "Jz~J"]).map(|word| Allowed::only(word.as_bytes())).collect();
        let buckets = assign(&windows);
        assert_eq!(buckets[7], buckets[8], "{buckets:?}");
    }

    #[test]
    fn a_short_window_allows_anything_behind_it() {
        assert!(Allowed::only(b"gql").frequency() > Allowed::only(b"gqla").frequency());
    }
}
