//! Whether a version lies in a range, as PEP 440 orders versions; with Poetry's `^` and `~` beside
//! Python's own operators. Used only to tell several locked versions of one package apart.

use std::cmp::Ordering;

/// Orders like the version it was made of. Local parts (`+cu118`) are passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    epoch: u64,
    release: Vec<u64>,
    /// What comes before and after the bare release: see [`suffix_rank`].
    suffixes: Vec<(i8, u64)>,
}

/// Whether `version` is in the range `specifiers`; `None` if one of them cannot be read.
pub(crate) fn satisfies(specifiers: &str, version: &str) -> Option<bool> {
    let found = Version::parse(version)?;
    let mut any = false;
    for alternative in specifiers.split("||") {
        let mut all = true;
        for clause in alternative.split(',').map(str::trim).filter(|clause| !clause.is_empty()) {
            all &= holds(clause, &found)?;
        }
        any |= all;
    }
    Some(any)
}

fn holds(clause: &str, found: &Version) -> Option<bool> {
    let operand = clause.trim_start_matches(['=', '!', '<', '>', '~', '^']);
    let operator = clause.strip_suffix(operand)?;
    let operand = operand.trim();
    if operand == "*" {
        return Some(true);
    }
    if let Some(prefix) = operand.strip_suffix(".*") {
        let inside = found.release_starts_with(&Version::parse(prefix)?.release);
        return Some(inside == (operator != "!="));
    }
    let wanted = Version::parse(operand)?;
    let order = found.cmp(&wanted);
    Some(match operator {
        "" | "==" | "===" => order == Ordering::Equal,
        "!=" => order != Ordering::Equal,
        ">=" => order != Ordering::Less,
        "<=" => order != Ordering::Greater,
        ">" => order == Ordering::Greater,
        "<" => order == Ordering::Less,
        "~=" => order != Ordering::Less && found.shares(&wanted, wanted.release.len().saturating_sub(1)),
        "~" => order != Ordering::Less && found.shares(&wanted, wanted.release.len().clamp(1, 2)),
        "^" => order != Ordering::Less && found.shares(&wanted, wanted.significant()),
        _ => return None,
    })
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.strip_prefix('v').unwrap_or(&text);
        let public = text.split_once('+').map_or(text, |(public, _)| public);
        let (epoch, rest) = match public.split_once('!') {
            Some((epoch, rest)) => (epoch.parse().ok()?, rest),
            None => (0, public),
        };
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
        let (release, suffixes) = rest.split_at_checked(end)?;
        let release = release.trim_end_matches('.').split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        Some(Self { epoch, release, suffixes: suffix_ranks(suffixes)? })
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let release = || {
            let length = self.release.len().max(other.release.len());
            let part = |version: &Self, index| version.release.get(index).copied().unwrap_or(0);
            (0..length).map(|index| part(self, index).cmp(&part(other, index))).find(|order| order.is_ne())
        };
        let suffixes = || {
            let length = self.suffixes.len().max(other.suffixes.len());
            let part = |version: &Self, index| version.suffixes.get(index).copied().unwrap_or((0, 0));
            (0..length).map(|index| part(self, index).cmp(&part(other, index))).find(|order| order.is_ne())
        };
        self.epoch.cmp(&other.epoch).then_with(|| release().or_else(suffixes).unwrap_or(Ordering::Equal))
    }

    fn release_starts_with(&self, prefix: &[u64]) -> bool {
        let part = |index| self.release.get(index).copied().unwrap_or(0);
        prefix.iter().enumerate().all(|(index, wanted)| part(index) == *wanted)
    }

    /// Whether the first `length` parts of the release are the same.
    fn shares(&self, other: &Self, length: usize) -> bool {
        other.release.get(..length).is_some_and(|prefix| self.release_starts_with(prefix))
    }

    /// How many parts `^` holds fast: up to the first that is not zero.
    fn significant(&self) -> usize {
        let first = self.release.iter().position(|part| *part != 0);
        first.map_or(self.release.len(), |index| index + 1)
    }
}

/// `rc1.post2.dev3` as ranks in their order; `None` if a word is unknown.
fn suffix_ranks(text: &str) -> Option<Vec<(i8, u64)>> {
    let mut ranks = Vec::new();
    let mut rest = text.trim_start_matches(['.', '-', '_']);
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(digits)?;
        let after = after.trim_start_matches(['.', '-', '_']);
        let end = after.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(after.len());
        let (number, after) = after.split_at_checked(end)?;
        if word.is_empty() && number.is_empty() {
            return None;
        }
        ranks.push((suffix_rank(word)?, if number.is_empty() { 0 } else { number.parse().ok()? }));
        rest = after.trim_start_matches(['.', '-', '_']);
    }
    Some(ranks)
}

/// Below zero is older than the bare release, above is newer; a bare number is a post-release.
fn suffix_rank(word: &str) -> Option<i8> {
    Some(match word {
        "dev" => -4,
        "a" | "alpha" => -3,
        "b" | "beta" => -2,
        "c" | "rc" | "pre" | "preview" => -1,
        "" | "post" | "r" | "rev" => 1,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::satisfies;

    #[test]
    fn ranges_hold_what_they_should() {
        for (range, version) in [
            (">=1.0,<2.0", "1.26.4"),
            ("*", "3"),
            ("", "3"),
            ("==1.4.*", "1.4.9"),
            ("~=1.4.2", "1.4.9"),
            ("^1.2.3", "1.9"),
            ("^0.2", "0.2.7"),
            ("~1.2", "1.2.9"),
            ("<1.0 || >=2.0", "2.1"),
            ("<2.0", "2.0rc1"),
            (">1.0", "1.0.post1"),
            ("==1.0", "1"),
            ("==2.0", "2.0+cu118"),
            ("<3", "1!0.5"),
        ] {
            let expected = !range.starts_with("<3");
            assert_eq!(satisfies(range, version), Some(expected), "{version} in {range}");
        }
    }

    #[test]
    fn and_nothing_else() {
        for (range, version) in
            [(">=2", "1.9"), ("==1.4.*", "1.5"), ("~=1.4.2", "1.5"), ("^1.2", "2.0"), ("^0.2", "0.3"), ("!=1.*", "1.2")]
        {
            assert_eq!(satisfies(range, version), Some(false), "{version} in {range}");
        }
        assert_eq!(satisfies(">=x", "1"), None);
        assert_eq!(satisfies(">=1", "what"), None);
    }
}
