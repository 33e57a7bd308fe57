//! A string's text, with the expressions inside it named or resolved.

use super::{DEPTH_MAX, Folder};
use crate::calls::token::{Form, Holes};
use crate::calls::value::Value;
use crate::calls::words;
use fumehood_contract::limits::URL_BYTES_MAX;
use fumehood_contract::status::cut;

/// Of a longer string, no more is read: URLs end before.
const BODY_BYTES_MAX: usize = 4 * URL_BYTES_MAX;

impl Folder<'_, '_> {
    /// What a string with this body comes to.
    pub(super) fn template(&mut self, body: &str, form: Form, at: usize, depth: u8) -> Value {
        let body = cut(body, BODY_BYTES_MAX);
        if form.holes == Holes::None && !(form.escapes && body.contains('\\')) {
            return Value::literal(body);
        }
        let bytes = body.as_bytes();
        let mut made = Value::default();
        let mut plain = 0;
        let mut next = 0;
        while let Some(rest) = bytes.get(next..).filter(|rest| !rest.is_empty()) {
            let Some((length, replacement)) = self.piece(body, next, rest, form, at, depth) else {
                next += 1;
                continue;
            };
            made.append(&Value::literal(body.get(plain..next).unwrap_or_default()));
            made.append(&replacement);
            next += length;
            plain = next;
        }
        made.append(&Value::literal(body.get(plain..).unwrap_or_default()));
        made
    }

    /// If something other than plain text begins here: its length, and what it comes to.
    fn piece(
        &mut self,
        body: &str,
        next: usize,
        rest: &[u8],
        form: Form,
        at: usize,
        depth: u8,
    ) -> Option<(usize, Value)> {
        if let Some((opening, closer)) = form.holes.opening(rest)
            && let Some(end) = self.holes.end(body.as_bytes(), next + opening, closer, true)
        {
            let inner = body.get(next + opening..end - 1).unwrap_or_default();
            return Some((end - next, self.hole(inner, form, at, depth)));
        }
        match rest {
            [b'{', b'{', ..] | [b'}', b'}', ..] if form.holes == Holes::Brace => {
                Some((2, Value::literal(body.get(next..=next).unwrap_or_default())))
            }
            [b'$', first, ..] if form.holes.has_bare_names() && (first.is_ascii_alphabetic() || *first == b'_') => {
                let name = bare_name(body.get(next + 1..)?, form.holes);
                Some((1 + name.len(), self.hole(name, form, at, depth)))
            }
            [b'\\', escaped, ..] if form.escapes && escaped.is_ascii() => {
                let letter = if matches!(escaped, b'n' | b't' | b'r') { " " } else { body.get(next + 1..next + 2)? };
                Some((2, Value::literal(letter)))
            }
            _ => None,
        }
    }

    /// What the expression `inner` inside a string comes to.
    fn hole(&mut self, inner: &str, form: Form, at: usize, depth: u8) -> Value {
        let mut expression = inner.trim().trim_start_matches(['$', '@']);
        if form.holes == Holes::Brace {
            // The format behind a colon, and what Python lets stand before it.
            expression = expression.split(['!', '=']).next().unwrap_or_default();
            if !expression.contains(['(', '?', '"', '\'']) {
                expression = expression.split(':').next().unwrap_or_default();
            }
        }
        for _ in 0..DEPTH_MAX {
            let Some((callee, arguments)) = call_parts(expression) else { break };
            let chain = segments(callee);
            if words::is_environment_call(&chain) {
                return Value::environment(quoted(arguments));
            }
            if !words::is_transparent(&chain) {
                let last = chain.last().copied().unwrap_or_default();
                return match chain.split_last() {
                    Some((name, receiver)) if words::keeps_receiver(name) && !receiver.is_empty() => {
                        self.named(receiver, at, depth + 1)
                    }
                    _ if words::is_getter(last) && !quoted(arguments).is_empty() => Value::hole(quoted(arguments)),
                    _ => Value::hole(last),
                };
            }
            expression = arguments.split(',').next().unwrap_or_default().trim();
        }
        if let Some((before, key)) = expression.split_once('[') {
            let key = quoted(key);
            return if key.is_empty() { Value::hole(before) } else { Value::hole(key) };
        }
        let simple = expression.split([' ', '|', '(', '{', '`', '\'', '"']).next().unwrap_or_default();
        if depth >= DEPTH_MAX || simple.is_empty() {
            return Value::hole(simple);
        }
        self.named(&segments(simple), at, depth + 1)
    }
}

/// The name behind a `$`; in PHP with one member.
fn bare_name(rest: &str, holes: Holes) -> &str {
    let part = |text: &str| text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let mut length = part(rest);
    if holes == Holes::Php
        && let Some(member) = rest.get(length..).and_then(|rest| rest.strip_prefix("->"))
        && part(member) > 0
    {
        length += 2 + part(member);
    }
    rest.get(..length).unwrap_or_default()
}

/// `a.b(c)` in its two parts.
fn call_parts(expression: &str) -> Option<(&str, &str)> {
    let (callee, rest) = expression.split_once('(')?;
    let is_chain =
        !callee.is_empty() && callee.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.?!:->$@".contains(&byte));
    let arguments = rest.rfind(')').and_then(|end| rest.get(..end))?;
    is_chain.then_some((callee, arguments))
}

fn segments(chain: &str) -> Vec<&str> {
    chain
        .split(['.', ':', '>'])
        .map(|segment| segment.trim_matches(|letter: char| !(letter.is_alphanumeric() || letter == '_')))
        .filter(|segment| !segment.is_empty())
        .collect()
}

/// The first quoted string.
fn quoted(text: &str) -> &str {
    let mut parts = text.split(['"', '\'']);
    parts.next();
    parts.next().unwrap_or_default()
}
