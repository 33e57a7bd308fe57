//! `$name` and `${name}` in the way of shells, as Dockerfile, Compose and GitLab write them.

use fumehood_contract::limits::FIELD_BYTES_MAX;

/// How a format writes a dollar sign that begins no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escape {
    /// This letter before it: Dockerfile.
    Letter(char),
    /// Another dollar sign: Compose, GitLab.
    Double,
}

/// The text with every variable replaced by its value. `None` if one has no value, or a form that is
/// not understood, or if the result is longer than a field may be.
pub(crate) fn expand<'v>(text: &str, escape: Escape, value: impl Fn(&str) -> Option<&'v str>) -> Option<String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        rest = rest.get(letter.len_utf8()..)?;
        if letter == '$' && escape == Escape::Double && rest.starts_with('$') {
            expanded.push('$');
            rest = rest.get(1..)?;
        } else if letter == '$' {
            rest = variable(rest, &value, &mut expanded)?;
        } else if escape == Escape::Letter(letter) {
            let escaped = rest.chars().next();
            expanded.extend(escaped);
            rest = rest.get(escaped.map_or(0, char::len_utf8)..)?;
        } else {
            expanded.push(letter);
        }
        if expanded.len() > FIELD_BYTES_MAX {
            return None;
        }
    }
    Some(expanded)
}

/// Appends the value of what stands behind a dollar sign, and gives what comes after.
fn variable<'t, 'v>(text: &'t str, value: &impl Fn(&str) -> Option<&'v str>, expanded: &mut String) -> Option<&'t str> {
    let Some(inner) = text.strip_prefix('{') else {
        let (name, rest) = name(text);
        expanded.push_str(value(name)?);
        return Some(rest);
    };
    let (name, after) = name(inner);
    let end = closing_brace(after)?;
    let (operation, rest) = (after.get(..end)?, after.get(end + 1..)?);
    let known = value(name).filter(|value| !(operation.starts_with(':') && value.is_empty()));
    let mut operation = operation.strip_prefix(':').unwrap_or(operation).chars();
    match (operation.next(), known) {
        (None | Some('-' | '?'), Some(value)) => expanded.push_str(value),
        (Some('-'), None) | (Some('+'), Some(_)) => expanded.push_str(&operand(operation.as_str(), value)?),
        (Some('+'), None) => {}
        (None | Some(_), _) => return None,
    }
    Some(rest)
}

/// What stands behind an operation may hold variables itself, but those have none: nothing nests.
fn operand<'v>(text: &str, value: &impl Fn(&str) -> Option<&'v str>) -> Option<String> {
    let mut parts = text.split('$');
    let mut expanded = parts.next()?.to_owned();
    for part in parts {
        let inner = part.strip_prefix('{').unwrap_or(part);
        let (name, rest) = name(inner);
        let rest = if inner.len() < part.len() { rest.strip_prefix('}')? } else { rest };
        expanded.push_str(value(name)?);
        expanded.push_str(rest);
        if expanded.len() > FIELD_BYTES_MAX {
            return None;
        }
    }
    Some(expanded)
}

fn name(text: &str) -> (&str, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Escape, expand};

    #[test]
    fn variables_have_values_and_defaults() {
        let value = |name: &str| match name {
            "A" => Some("1"),
            "EMPTY" => Some(""),
            _ => None,
        };
        for (text, expanded) in [
            ("x:$A", Some("x:1")),
            ("x:${A}-y", Some("x:1-y")),
            ("x:${B:-2}", Some("x:2")),
            ("x:${EMPTY:-2}", Some("x:2")),
            ("x:${EMPTY-2}", Some("x:")),
            ("x:${B-$A}", Some("x:1")),
            ("x:${B:-${A}}", Some("x:1")),
            ("x:${A:+3}${B:+4}", Some("x:3")),
            ("x:$B", None),
            ("x:${A", None),
            ("x:${A#y}", None),
            ("x$", None),
        ] {
            assert_eq!(expand(text, Escape::Letter('\\'), value).as_deref(), expanded, "{text}");
        }
        assert_eq!(expand("a$$A", Escape::Double, value).as_deref(), Some("a$A"));
        assert_eq!(expand("a\\$A", Escape::Letter('\\'), value).as_deref(), Some("a$A"));
    }
}
