//! Forms of Clojure and of its subset EDN, read without recursion and without evaluating anything.
//!
//! Syntax: <https://github.com/edn-format/edn> and Clojure's reader. What is discarded (`#_`), metadata
//! (`^`), quotes, tags and comments leave no trace; what remains is a tree of words, texts and
//! collections. All of it is kept in one list: nothing here is as deep as its input.

mod reader;

use std::borrow::Cow;

pub(crate) use reader::read;

/// More forms than any file written by hand has.
const FORMS_MAX: usize = 1_000_000;

/// What a file holds.
#[derive(Debug, Default)]
pub(crate) struct Forms<'a> {
    forms: Vec<Form<'a>>,
    /// Those that are in no other.
    top: Vec<usize>,
}

#[derive(Debug)]
struct Form<'a> {
    kind: Kind<'a>,
    offset: usize,
    children: Vec<usize>,
}

#[derive(Debug)]
enum Kind<'a> {
    /// A symbol, keyword, number or character, as it is written.
    Word(&'a str),
    /// A string.
    Text(Cow<'a, str>),
    List,
    Vector,
    /// With the namespace of its keys, if it says one (`#:mvn{…}`).
    Map(&'a str),
    Set,
}

/// One form of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ref<'f, 'a> {
    forms: &'f Forms<'a>,
    form: &'f Form<'a>,
}

/// Where and why reading ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// A closing bracket that closes nothing, or not what was opened last.
    Bracket(usize),
    /// A collection that is not closed; where it begins.
    Open(usize),
    /// A string that is not closed; where it begins.
    OpenText(usize),
    /// There are more than [`FORMS_MAX`].
    TooMany(usize),
}

impl Stop {
    /// Where it is.
    pub(crate) fn offset(self) -> usize {
        match self {
            Self::Bracket(at) | Self::Open(at) | Self::OpenText(at) | Self::TooMany(at) => at,
        }
    }
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bracket(_) => f.write_str("a closing bracket does not match; the rest is not read"),
            Self::Open(_) => f.write_str("what is opened here is not closed"),
            Self::OpenText(_) => f.write_str("the string is not closed"),
            Self::TooMany(_) => write!(f, "has more than {FORMS_MAX} forms; the rest is not read"),
        }
    }
}

impl<'a> Forms<'a> {
    /// The forms that are in no other.
    pub(crate) fn top(&self) -> impl Iterator<Item = Ref<'_, 'a>> {
        self.top.iter().filter_map(|at| self.at(*at))
    }

    fn at(&self, index: usize) -> Option<Ref<'_, 'a>> {
        self.forms.get(index).map(|form| Ref { forms: self, form })
    }
}

impl<'f, 'a> Ref<'f, 'a> {
    /// Where it begins.
    pub(crate) fn offset(self) -> usize {
        self.form.offset
    }

    /// A symbol, keyword, number or character, as it is written.
    pub(crate) fn word(self) -> Option<&'a str> {
        if let Kind::Word(word) = self.form.kind { Some(word) } else { None }
    }

    /// A string's letters.
    pub(crate) fn text(self) -> Option<&'f str> {
        if let Kind::Text(text) = &self.form.kind { Some(text) } else { None }
    }

    /// What is in a list: `(…)`.
    pub(crate) fn list(self) -> Option<impl Iterator<Item = Ref<'f, 'a>>> {
        matches!(self.form.kind, Kind::List).then(|| self.children())
    }

    /// What is in a vector: `[…]`.
    pub(crate) fn vector(self) -> Option<impl Iterator<Item = Ref<'f, 'a>>> {
        matches!(self.form.kind, Kind::Vector).then(|| self.children())
    }

    /// The keys and values of a map: `{…}`.
    pub(crate) fn map(self) -> Option<impl Iterator<Item = (Ref<'f, 'a>, Ref<'f, 'a>)>> {
        matches!(self.form.kind, Kind::Map(_)).then(|| pairs(self.children()))
    }

    /// The value of a keyword in a map. The keyword is written without its namespace where the map has one.
    pub(crate) fn get(self, keyword: &str) -> Option<Ref<'f, 'a>> {
        let Kind::Map(namespace) = self.form.kind else { return None };
        let is_it = |word: &str| {
            word == keyword
                || keyword
                    .strip_prefix(':')
                    .and_then(|rest| rest.split_once('/'))
                    .is_some_and(|(space, name)| space == namespace && word.strip_prefix(':') == Some(name))
        };
        pairs(self.children()).find(|(key, _)| key.word().is_some_and(is_it)).map(|(_, value)| value)
    }

    fn children(self) -> impl Iterator<Item = Ref<'f, 'a>> {
        self.form.children.iter().filter_map(move |at| self.forms.at(*at))
    }
}

/// Two at a time; what is left over in the end is left out.
pub(crate) fn pairs<T>(mut items: impl Iterator<Item = T>) -> impl Iterator<Item = (T, T)> {
    std::iter::from_fn(move || Some((items.next()?, items.next()?)))
}

#[cfg(test)]
mod tests {
    use super::{Forms, Ref, Stop, read};

    fn shown(form: Ref<'_, '_>) -> String {
        if let Some(text) = form.text() {
            return format!("{text:?}");
        }
        form.word()
            .map_or_else(|| format!("<{}>", form.children().map(shown).collect::<Vec<_>>().join(" ")), str::to_owned)
    }

    fn top(forms: &Forms<'_>) -> String {
        forms.top().map(shown).collect::<Vec<_>>().join(" ")
    }

    fn forms(text: &str) -> String {
        let (forms, stop) = read(text);
        assert_eq!(stop, None, "{text}");
        top(&forms)
    }

    #[test]
    fn what_the_reader_passes_over_leaves_no_trace() {
        assert_eq!(forms("a ; b\n c, d"), "a c d");
        assert_eq!(forms("#_a b #_ #_ c d e #_(f [g]) h"), "b e h");
        assert_eq!(forms("^:m a ^{:k 1} [b] #^T c '~@d #'e"), "a <b> c d e");
        assert_eq!(forms("#inst \"x\" #a/b {c d} #{e} #(f) ##Inf #?(:clj g)"), "\"x\" <c d> <e> <f> Inf <:clj g>");
        assert_eq!(
            forms("#! shell\n\\( \\newline #\"r\\\"x\" \"a\\\\\" (b)"),
            "\\( \\newline \"r\\\"x\" \"a\\\\\" <b>"
        );
    }

    #[test]
    fn a_namespace_of_a_map_counts() {
        let (forms, _) = read("#:mvn{:version \"1\"} {:mvn/version \"2\"} {:version \"3\"}");
        let found: Vec<_> = forms.top().map(|map| map.get(":mvn/version").and_then(Ref::text)).collect();
        assert_eq!(found, [Some("1"), Some("2"), None]);
    }

    #[test]
    fn what_is_broken_is_read_as_far_as_it_goes() {
        for (text, left, stop) in [
            ("{a [b", "<a <b>>", Stop::Open(3)),
            ("(a \"b", "<a>", Stop::OpenText(3)),
            ("(a] b", "<a>", Stop::Bracket(2)),
            ("a) b", "a", Stop::Bracket(1)),
        ] {
            let (forms, found) = read(text);
            assert_eq!((top(&forms).as_str(), found), (left, Some(stop)), "{text}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = format!("{}{}", "[#_{".repeat(100_000), "}]".repeat(100_000));
        assert_eq!(read(&deep).1, None);
    }
}
