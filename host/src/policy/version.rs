//! Versions and ranges of them, as far as they mean the same in every ecosystem.
//!
//! A version is read as numbers and words: `1.10` comes after `1.9`, `2.0-rc1` before `2.0`, `1.0` is `1.0.0`.
//! What follows a `+` does not count. Ecosystems with an order of their own (Debian's tildes) are not known here.

use std::cmp::Ordering;
use std::iter::Peekable;

/// A set of versions: `>=2.0, <2.17.1 || =2.18`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// One of these must hold; in each, every comparison must.
    alternatives: Vec<Vec<Comparison>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Comparison {
    operator: Operator,
    version: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

/// Why a text is no range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRange {
    /// Between two separators there is nothing.
    #[error("a comparison is missing; write ranges like \">=2.0, <2.17.1\", alternatives with \"||\"")]
    Empty,
    /// What stands behind the operator is no version.
    #[error("{0:?} is no version; write ranges like \">=2.0, <2.17.1\", without ^, ~ and *")]
    NoVersion(String),
}

impl Range {
    /// Reads a range.
    pub fn parse(text: &str) -> Result<Self, BadRange> {
        let alternative = |part: &str| part.split(',').map(comparison).collect::<Result<Vec<_>, _>>();
        Ok(Self { alternatives: text.split("||").map(alternative).collect::<Result<_, _>>()? })
    }

    /// Whether a version lies in it.
    pub fn contains(&self, version: &str) -> bool {
        self.alternatives.iter().any(|all| all.iter().all(|comparison| comparison.holds(version)))
    }
}

/// Which of two versions comes first.
pub fn compare(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (parts(left), parts(right));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (Some(part), None) => part.against_nothing(),
            (None, Some(part)) => part.against_nothing().reverse(),
            (Some(left), Some(right)) => left.compare(&right),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn comparison(text: &str) -> Result<Comparison, BadRange> {
    let text = text.trim();
    let operators = [
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("!=", Operator::NotEqual),
        ("==", Operator::Equal),
        ("<", Operator::Less),
        (">", Operator::Greater),
        ("=", Operator::Equal),
    ];
    let found = operators.into_iter().find_map(|(sign, operator)| Some((text.strip_prefix(sign)?, operator)));
    let (version, operator) = found.unwrap_or((text, Operator::Equal));
    let version = version.trim();
    let is_version = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_' | '+' | '!');
    match version {
        "" => Err(BadRange::Empty),
        _ if version.chars().all(is_version) => Ok(Comparison { operator, version: version.to_owned() }),
        _ => Err(BadRange::NoVersion(version.to_owned())),
    }
}

impl Comparison {
    fn holds(&self, version: &str) -> bool {
        let order = compare(version, &self.version);
        match self.operator {
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => order.is_le(),
            Operator::Greater => order.is_gt(),
            Operator::GreaterOrEqual => order.is_ge(),
            Operator::Equal => order.is_eq(),
            Operator::NotEqual => order.is_ne(),
        }
    }
}

/// A run of digits or of letters.
#[derive(Debug)]
enum Part {
    /// Without leading zeros, so that longer is larger.
    Number(String),
    Word(String),
}

impl Part {
    /// Numbers come after words: `1.0-rc1` before `1.0.0`.
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(left), Self::Number(right)) => left.len().cmp(&right.len()).then_with(|| left.cmp(right)),
            (Self::Word(left), Self::Word(right)) => rank(left).cmp(&rank(right)).then_with(|| left.cmp(right)),
            (Self::Number(_), Self::Word(_)) => Ordering::Greater,
            (Self::Word(_), Self::Number(_)) => Ordering::Less,
        }
    }

    fn against_nothing(&self) -> Ordering {
        match self {
            Self::Number(digits) if digits.is_empty() => Ordering::Equal,
            Self::Number(_) => Ordering::Greater,
            Self::Word(word) => rank(word).cmp(&0),
        }
    }
}

/// Below 0 what comes before a release, 0 what is one, above 0 what comes after it.
fn rank(word: &str) -> i8 {
    match word {
        "dev" | "snapshot" => -5,
        "a" | "alpha" => -4,
        "b" | "beta" => -3,
        "m" | "milestone" => -2,
        "rc" | "c" | "cr" | "pre" | "preview" => -1,
        "final" | "ga" | "release" => 0,
        _ => 1,
    }
}

/// The parts of a version, without a leading `v` and without its build.
fn parts(version: &str) -> impl Iterator<Item = Part> + '_ {
    let version = version.trim();
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    let mut letters = version.split('+').next().unwrap_or_default().chars().peekable();
    std::iter::from_fn(move || next_part(&mut letters))
}

fn next_part(letters: &mut Peekable<impl Iterator<Item = char>>) -> Option<Part> {
    while letters.next_if(|letter| !letter.is_alphanumeric()).is_some() {}
    let is_number = letters.peek()?.is_ascii_digit();
    let mut run = String::new();
    while let Some(letter) = letters.next_if(|letter| letter.is_alphanumeric() && letter.is_ascii_digit() == is_number)
    {
        run.push(letter.to_ascii_lowercase());
    }
    Some(if is_number { Part::Number(run.trim_start_matches('0').to_owned()) } else { Part::Word(run) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_the_order_that_people_expect() {
        let ordered = ["0.9", "1.0-alpha", "1.0.0-rc.1", "1.0.0-rc2", "v1.0", "1.0.1", "1.9", "1.10", "2.0.0-SNAPSHOT"];
        for (at, left) in ordered.iter().enumerate() {
            for right in &ordered[at + 1..] {
                assert_eq!(compare(left, right), Ordering::Less, "{left} before {right}");
                assert_eq!(compare(right, left), Ordering::Greater, "{right} after {left}");
            }
        }
        for (left, right) in [("1.0", "1.0.0"), ("1.0+build7", "1"), ("v2", "2.0"), ("1.0.Final", "1.0"), ("01", "1")] {
            assert_eq!(compare(left, right), Ordering::Equal, "{left} and {right}");
        }
        assert_eq!(compare("1.99999999999999999999999", "1.100000000000000000000000"), Ordering::Less);
    }

    #[test]
    fn ranges_hold_what_they_say() {
        let range = Range::parse(">=2.0, <2.17.1 || =2.18").unwrap();
        for inside in ["2.0", "2.17.0", "2.18.0", "2.1-beta9"] {
            assert!(range.contains(inside), "{inside}");
        }
        for outside in ["1.9", "2.0-rc1", "2.17.1", "2.18.1", "3"] {
            assert!(!range.contains(outside), "{outside}");
        }
        assert!(Range::parse("1.2.3").unwrap().contains("v1.2.3"));
        assert!(!Range::parse("!=1").unwrap().contains("1.0"));
    }

    #[test]
    fn what_is_no_range_is_refused() {
        assert_eq!(Range::parse(""), Err(BadRange::Empty));
        assert_eq!(Range::parse(">=1,"), Err(BadRange::Empty));
        assert_eq!(Range::parse("^1.2"), Err(BadRange::NoVersion("^1.2".to_owned())));
        assert!(Range::parse(">= 1.*").is_err());
    }
}
