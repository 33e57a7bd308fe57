//! What the lexers make of a source file.

use super::sieve::Mark;

/// A piece of source. Comments and white space leave none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// What sort of piece.
    pub(crate) kind: Kind,
    /// Offset of its first byte; of a text, of the first byte within the quotes.
    pub(crate) start: u32,
    /// Offset behind its last byte.
    pub(crate) end: u32,
    /// From 1; where it begins.
    pub(crate) line: u32,
    /// Of a word.
    pub(crate) mark: Mark,
}

/// The sorts of pieces, the same for all languages: what looks different and means the same is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or keyword, without the sigil that some languages put before it.
    Word,
    /// A number.
    Number,
    /// A string, read by its form.
    Text(Form),
    /// A way to a member: `.`, `?.`, `->`, `::`.
    Dot,
    /// What joins strings.
    Plus,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `=` or `:=`.
    Assign,
    /// `=>`, and `->` where it is no way to a member.
    Arrow,
    /// What gives another value if there is none: `||`, `??`, `?:`, `or`.
    Or,
    /// An opening bracket.
    Open(u8),
    /// A closing bracket.
    Close(u8),
    /// Anything else.
    Sign(u8),
}

/// How a string is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// Whether a backslash escapes.
    pub(crate) escapes: bool,
    /// How expressions stand in it.
    pub(crate) holes: Holes,
}

/// How expressions stand in a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holes {
    /// Not at all.
    None,
    /// `${x}`
    DollarBrace,
    /// `${x}` and `$x`
    Dollar,
    /// `{x}`; `{{` is a brace.
    Brace,
    /// `#{x}`
    Hash,
    /// `\(x)`
    Backslash,
    /// `{$x}`, `${x}` and `$x`
    Php,
}

impl Form {
    /// No escapes, no expressions.
    pub(crate) const RAW: Self = Self { escapes: false, holes: Holes::None };
    /// Escapes, no expressions.
    pub(crate) const PLAIN: Self = Self { escapes: true, holes: Holes::None };

    /// Escapes, and expressions of this sort.
    pub(crate) const fn with(holes: Holes) -> Self {
        Self { escapes: true, holes }
    }
}

impl Holes {
    /// The length of what opens an expression at the beginning of `rest`, and what closes it.
    pub(crate) fn opening(self, rest: &[u8]) -> Option<(usize, u8)> {
        match (self, rest) {
            (Self::DollarBrace | Self::Dollar, [b'$', b'{', ..]) | (Self::Hash, [b'#', b'{', ..]) => Some((2, b'}')),
            (Self::Php, [b'$', b'{', ..] | [b'{', b'$', ..]) => Some((2, b'}')),
            (Self::Brace, [b'{', next, ..]) if *next != b'{' => Some((1, b'}')),
            (Self::Backslash, [b'\\', b'(', ..]) => Some((2, b')')),
            _ => None,
        }
    }

    /// Whether `$name` without braces is an expression.
    pub(crate) fn has_bare_names(self) -> bool {
        matches!(self, Self::Dollar | Self::Php)
    }
}
