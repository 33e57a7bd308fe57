//! Text that is known as far as the source tells it.

use fumehood_contract::limits::URL_BYTES_MAX;
use fumehood_contract::status::cut;

/// A hole's name is cut to this: longer ones are no names.
const HOLE_BYTES_MAX: usize = 64;

/// A string; what is not known of it stands as `{name}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) text: String,
    /// Whether any of it is written in the source.
    pub(crate) is_literal: bool,
    /// Whether it is a variable of the environment and nothing else.
    pub(crate) is_environment: bool,
}

impl Value {
    pub(crate) fn literal(text: &str) -> Self {
        Self { text: cut(text, URL_BYTES_MAX).to_owned(), is_literal: !text.is_empty(), is_environment: false }
    }

    /// Something that is called `name`.
    pub(crate) fn hole(name: &str) -> Self {
        let name: String = cut(name, HOLE_BYTES_MAX)
            .chars()
            .filter(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-'))
            .collect();
        Self { text: format!("{{{name}}}"), is_literal: false, is_environment: false }
    }

    /// The variable of the environment that is called `name`.
    pub(crate) fn environment(name: &str) -> Self {
        Self { is_environment: true, ..Self::hole(name) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(crate) fn append(&mut self, other: &Self) {
        let room = URL_BYTES_MAX.saturating_sub(self.text.len());
        self.text.push_str(cut(&other.text, room));
        self.is_literal |= other.is_literal;
    }

    /// Joins two parts of a path with one slash.
    pub(crate) fn join(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        let is_bare = !other.text.starts_with(['/', '?', '#']);
        if self.text.ends_with('/') && other.text.starts_with('/') {
            self.text.pop();
        } else if !self.text.ends_with('/') && is_bare && !self.is_empty() {
            self.text.push('/');
        }
        // How the parts go together is known, even where they are not.
        self.is_literal |= !self.is_empty();
        self.append(other);
    }
}

/// The result of a format whose places are `{}`, `{0}`, `{name}` or `{name:spec}`.
pub(crate) fn format_braces(template: &str, positional: &[Value], mut named: impl FnMut(&str) -> Value) -> Value {
    let mut made = Value::default();
    let mut next = 0;
    let mut rest = template;
    while let Some(open) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(open);
        made.append(&Value::literal(before));
        if let Some(behind) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
            made.append(&Value::literal(from.get(..1).unwrap_or_default()));
            rest = behind;
            continue;
        }
        let Some((place, behind)) = from.strip_prefix('{').and_then(|inner| inner.split_once('}')) else {
            made.append(&Value::literal(from));
            return made;
        };
        let name = place.split([':', '!']).next().unwrap_or_default().trim();
        let value = if name.is_empty() {
            next += 1;
            positional.get(next - 1).cloned()
        } else if let Ok(index) = name.parse::<usize>() {
            positional.get(index).cloned()
        } else {
            Some(named(name))
        };
        made.append(&value.unwrap_or_else(|| Value::hole(name)));
        rest = behind;
    }
    made.append(&Value::literal(rest));
    made
}

/// The result of a format whose places are `%s`, `%d`, `%1$s`, `%(name)s` or `%@`.
pub(crate) fn format_percent(
    template: &str,
    positional: &[Value],
    mut named: impl FnMut(&str) -> Option<Value>,
) -> Value {
    let mut made = Value::default();
    let mut next = 0;
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('%') {
        made.append(&Value::literal(before));
        if let Some(escaped) = behind.strip_prefix('%') {
            made.append(&Value::literal("%"));
            rest = escaped;
            continue;
        }
        // Percent-encoded bytes are no places: `%2F` has two digits of which a format has no use.
        let (name, spec) = match behind.strip_prefix(['(', '{']).and_then(|inner| inner.split_once([')', '}'])) {
            Some((name, spec)) => (Some(name), spec),
            None => (None, behind),
        };
        let flags = spec.len()
            - spec.trim_start_matches(|letter: char| letter.is_ascii_digit() || "-+ #.$l*".contains(letter)).len();
        let (flags, from) = spec.split_at(flags);
        let is_ruby = behind.starts_with('{');
        let is_place = from.starts_with(['s', 'd', 'v', 'q', 'x', 'i', 'u', 'f', 'r', '@']) || is_ruby;
        if !is_place {
            made.append(&Value::literal("%"));
            rest = behind;
            continue;
        }
        let value = match (name, flags.split_once('$')) {
            (Some(name), _) => Some(named(name).unwrap_or_else(|| Value::hole(name))),
            (None, Some((index, _))) => {
                index.parse::<usize>().ok().and_then(|index| positional.get(index.wrapping_sub(1)).cloned())
            }
            (None, None) => {
                next += 1;
                positional.get(next - 1).cloned()
            }
        };
        made.append(&value.unwrap_or_else(|| Value::hole("")));
        rest = if is_ruby { from } else { from.get(1..).unwrap_or_default() };
    }
    made.append(&Value::literal(rest));
    made
}
