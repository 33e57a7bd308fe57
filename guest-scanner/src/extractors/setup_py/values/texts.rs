//! Texts, put together from literals and names.

use super::super::value::{Text, Value};
use super::Reader;
use crate::python::tokens::Kind;

impl Reader<'_, '_> {
    /// `.split()`, `.strip()` and `.splitlines()` of a text.
    pub(super) fn methods(&mut self, mut value: Value, start: usize) -> Value {
        while self.take('.') {
            let method = self.take_name();
            let Value::Text(text) = value else { return self.computed(start) };
            if self.peek() != Some(&Kind::Sign('(')) {
                return self.computed(start);
            }
            let open = self.at;
            self.brackets();
            let has_arguments = self.at > open + 2;
            value = match method {
                // One requirement a line, as it is read anyway.
                Some("strip" | "lstrip" | "rstrip" | "splitlines") => Value::Text(text),
                Some("split") if has_arguments => Value::Text(text),
                Some("split") => {
                    let word = |word: &str| Value::Text(Text { content: word.to_owned(), offset: text.offset });
                    Value::List(text.content.split_whitespace().map(word).collect())
                }
                Some(_) | None => return self.computed(start),
            };
        }
        value
    }

    /// Literals that follow each other are one.
    pub(super) fn literals(&mut self, start: usize) -> Value {
        let mut whole = String::new();
        let mut is_known = self.texts_left > 0;
        self.texts_left = self.texts_left.saturating_sub(1);
        while let Some(Kind::Text { content, formatted }) = self.tokens.get(self.at).map(|token| &token.kind) {
            self.at += 1;
            match if *formatted { self.formatted(content) } else { Some(content.clone()) } {
                Some(content) => whole.push_str(&content),
                None => is_known = false,
            }
        }
        if is_known { Value::Text(Text { content: whole, offset: start }) } else { Value::Computed(start) }
    }

    /// `{name}` is known if the name is, anything more is not.
    pub(super) fn formatted(&self, content: &str) -> Option<String> {
        const BYTES_MAX: usize = 256;
        let mut whole = String::new();
        let mut rest = content;
        while let Some((before, after)) = rest.split_once('{') {
            whole.push_str(before);
            let (name, after) = after.split_once('}')?;
            let Some(Value::Text(text)) = self.names.get(name.trim()) else { return None };
            if whole.len() + text.content.len() > BYTES_MAX {
                return None;
            }
            whole.push_str(&text.content);
            rest = after;
        }
        whole.push_str(rest);
        Some(whole)
    }
}
