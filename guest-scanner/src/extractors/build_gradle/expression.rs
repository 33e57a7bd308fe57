//! Expressions that stand for a text: strings, names of constants, and sums of them.

use super::script::{Kind, Script, read};

/// A text with names in it whose meaning may stand elsewhere.
pub(super) type Template = Vec<Piece>;

/// A piece of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Plain(String),
    /// `a.b`, without what says only that it is a property of the project.
    Name(String),
}

/// How deep brackets are looked into.
const DEPTH_MAX: usize = 8;

/// What stands before the name of a property without being part of it.
const OWNERS: [&str; 9] = ["project", "rootProject", "parent", "ext", "extra", "properties", "providers", "this", "it"];

/// Calls that give a property by its name.
const LOOK_UPS: [&str; 8] =
    ["property", "findProperty", "gradleProperty", "getProperty", "get", "getByName", "extra", "getOrElse"];

/// Calls that give what they are called on.
const SAME: [&str; 7] = ["get", "toString", "asProvider", "getOrNull", "trim", "toVersion", "getOrElse"];

/// What `expression` stands for. `None` if it is no text, or is computed in another way.
pub(super) fn template(script: &Script<'_>, expression: &[usize], is_kotlin: bool) -> Option<Template> {
    template_at(script, expression, is_kotlin, 0)
}

fn template_at(script: &Script<'_>, expression: &[usize], is_kotlin: bool, depth: usize) -> Option<Template> {
    let mut whole = Vec::new();
    for part in expression.split(|index| script.is_mark(*index, '+')) {
        match part {
            [only] => match script.kind(*only)? {
                Kind::Text { inner, is_plain: true } => whole.push(Piece::Plain(unescaped(inner))),
                Kind::Text { inner, is_plain: false } => whole.extend(of_text(inner, is_kotlin)),
                Kind::Group('(') if depth < DEPTH_MAX => {
                    whole.extend(template_at(script, script.children(*only), is_kotlin, depth + 1)?);
                }
                Kind::Name(_) | Kind::Group(_) | Kind::Mark(_) | Kind::Newline => {
                    whole.push(Piece::Name(path(script, part)?))
                }
            },
            // `"text".toString()` and `"text" as String`.
            [only, next, ..] if matches!(script.kind(*only), Some(Kind::Text { .. })) => {
                let harmless = script.is_mark(*next, '.') || script.name(*next) == Some("as");
                whole.extend(template_at(script, part.get(..1).filter(|_| harmless)?, is_kotlin, depth + 1)?);
            }
            part => whole.push(Piece::Name(path(script, part)?)),
        }
    }
    Some(whole)
}

/// The name of a constant: `a.b`, `a["b"]`, `project.property("a")`, `a as String`, `a ?: "b"`.
pub(super) fn path(script: &Script<'_>, expression: &[usize]) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    let mut wants_name = true;
    for (at, index) in expression.iter().enumerate() {
        let next = expression.get(at + 1);
        match script.kind(*index)? {
            Kind::Name("as") if !wants_name => break,
            Kind::Name(name) if wants_name => {
                names.push(name);
                wants_name = false;
            }
            Kind::Mark('.') if !wants_name => wants_name = true,
            Kind::Mark('!') | Kind::Newline => {}
            Kind::Mark('?') if next.is_some_and(|next| script.is_mark(*next, '.')) => {}
            Kind::Mark('?') if next.is_some_and(|next| script.is_mark(*next, ':')) => break,
            Kind::Group('[') => names.push(only_text(script, *index)?),
            Kind::Group('(') => match only_text(script, *index) {
                Some(text) if names.last().is_some_and(|last| LOOK_UPS.contains(last)) => {
                    names.pop();
                    names.push(text);
                }
                None if script.children(*index).is_empty() && names.last().is_some_and(|last| SAME.contains(last)) => {
                    names.pop();
                }
                _ => return None,
            },
            Kind::Name(_) | Kind::Text { .. } | Kind::Group(_) | Kind::Mark(_) => return None,
        }
    }
    let owners = names.iter().take_while(|name| OWNERS.contains(name)).count();
    let named = names.get(owners..).filter(|named| !named.is_empty() && (!wants_name || names.is_empty()))?;
    Some(named.join("."))
}

/// The string that is all that a bracket holds.
pub(super) fn only_text<'a>(script: &Script<'a>, group: usize) -> Option<&'a str> {
    match script.children(group) {
        [only] => match script.kind(*only)? {
            Kind::Text { inner, .. } => Some(inner),
            Kind::Name(_) | Kind::Group(_) | Kind::Mark(_) | Kind::Newline => None,
        },
        _ => None,
    }
}

/// What is in a string with `$name` and `${expression}`. Behind a `$`, Groovy takes `a.b` for one name,
/// Kotlin only `a`.
fn of_text(text: &str, is_kotlin: bool) -> Template {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = dollar(rest) {
        let (before, after) = rest.split_at(at);
        pieces.push(Piece::Plain(unescaped(before)));
        let after = after.get(1..).unwrap_or_default();
        let (name, behind) = if let Some(inner) = after.strip_prefix('{') {
            let end = closing(inner).unwrap_or(inner.len());
            let expression = inner.get(..end).unwrap_or_default();
            let (script, stop) = read(expression);
            let name = stop.is_none().then(|| path(&script, &script.top)).flatten();
            (name.unwrap_or_else(|| expression.to_owned()), inner.get(end + 1..).unwrap_or_default())
        } else {
            let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
            let mut end = after.find(|letter| !is_part(letter)).unwrap_or(after.len());
            while !is_kotlin
                && let Some(more) = after.get(end..).and_then(|rest| rest.strip_prefix('.'))
                && more.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
            {
                end += 1 + more.find(|letter| !is_part(letter)).unwrap_or(more.len());
            }
            let (name, behind) = after.split_at(end);
            let owners = name.split('.').take_while(|part| OWNERS.contains(part)).map(|part| part.len() + 1).sum();
            (name.get(owners..).filter(|name| !name.is_empty()).unwrap_or(name).to_owned(), behind)
        };
        pieces.push(Piece::Name(name));
        rest = behind;
    }
    pieces.push(Piece::Plain(unescaped(rest)));
    pieces.retain(|piece| *piece != Piece::Plain(String::new()));
    pieces
}

/// Where a `$` begins a name.
fn dollar(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let next = bytes.get(at + 1);
        match byte {
            b'\\' => at += 1,
            b'$' if next.is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, b'{' | b'_')) => {
                return Some(at);
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The bracket that closes what was opened before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    text.bytes().position(|byte| {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return true,
            b'}' => depth -= 1,
            _ => {}
        }
        false
    })
}

/// Coordinates need no escapes but those of quotes, the dollar and the backslash.
fn unescaped(text: &str) -> String {
    let mut letters = text.chars();
    let mut plain = String::with_capacity(text.len());
    while let Some(letter) = letters.next() {
        plain.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{Piece, Template, read, template};

    fn of(text: &str, is_kotlin: bool) -> Option<Template> {
        let (script, _) = read(text);
        template(&script, &script.top, is_kotlin)
    }

    fn shown(text: &str, is_kotlin: bool) -> String {
        let piece = |piece: Piece| match piece {
            Piece::Plain(text) => text,
            Piece::Name(name) => format!("<{name}>"),
        };
        of(text, is_kotlin).map_or("none".to_owned(), |pieces| pieces.into_iter().map(piece).collect())
    }

    #[test]
    fn names_are_found_in_texts() {
        assert_eq!(shown("\"g:a:$v.w:c\"", false), "g:a:<v.w>:c");
        assert_eq!(shown("\"g:a:$v.w\"", true), "g:a:<v>.w");
        assert_eq!(shown("\"${project.property(\"v\")}-\\$x ${rootProject.ext.y}\"", true), "<v>-$x <y>");
        assert_eq!(shown("'$v'", false), "$v");
        assert_eq!(shown("\"a\" + b['c'] + (d)", false), "a<b.c><d>");
    }

    #[test]
    fn properties_are_asked_for_in_many_ways() {
        for (text, name) in [
            ("project.findProperty('v') as String", "<v>"),
            ("rootProject.extra[\"v\"]", "<v>"),
            ("libs.versions.core.get()", "<libs.versions.core>"),
            ("providers.gradleProperty(\"v\").get()", "<v>"),
            ("v ?: '1'", "<v>"),
            ("v ? '1' : '2'", "none"),
            ("compute(v)", "none"),
            ("v w", "none"),
        ] {
            assert_eq!(shown(text, true), name, "{text}");
        }
    }
}
