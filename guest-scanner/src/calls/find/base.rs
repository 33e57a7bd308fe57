//! The base addresses that paths are joined to.

use super::{Finder, Site};
use crate::calls::token::Kind;
use crate::calls::url;
use crate::calls::value::Value;

impl<'t> Finder<'_, 't> {
    /// The base address of the object that is called.
    pub(super) fn base(&mut self, site: &Site<'t>, constructor: Option<usize>) -> Option<Value> {
        let bases = site.matched.library.bases;
        if let Some(open) = constructor
            && let Some(found) = self.base_argument(open, bases)
        {
            return Some(found);
        }
        let named = self.base_by_name(bases);
        (!named.is_empty()).then_some(named)
    }

    pub(super) fn base_argument(&mut self, open: usize, bases: &[&str]) -> Option<Value> {
        let arguments = self.code.arguments(open);
        for argument in &arguments {
            if argument.name.is_some_and(|name| bases.contains(&name)) {
                return Some(self.folder.value(argument.start, argument.end));
            }
            if matches!(self.code.kind(argument.start), Some(Kind::Open(b'{' | b'['))) {
                let inner = self.code.arguments(argument.start);
                if let Some(found) = inner.iter().find(|inner| inner.name.is_some_and(|name| bases.contains(&name))) {
                    return Some(self.folder.value(found.start, found.end));
                }
            }
        }
        let first = arguments.first().filter(|first| first.name.is_none() && bases.contains(&"0"))?;
        let mut value = self.folder.value(first.start, first.end);
        if !value.text.contains("://") && value.is_literal {
            let scheme = if self.code.source(open.wrapping_sub(1)).contains("HTTPS") { "https://" } else { "http://" };
            let mut whole = Value::literal(scheme);
            whole.append(&value);
            value = whole;
        }
        Some(value)
    }

    /// A base address that is set somewhere in the file: assigned, or given to a call of that name.
    fn base_by_name(&mut self, bases: &'static [&'static str]) -> Value {
        let Some(key) = bases.first() else { return Value::default() };
        if let Some(known) = self.bases.get(key) {
            return known.clone();
        }
        let mut found = Value::default();
        for at in 0..self.code.len() {
            let Some(word) = self.code.word(at).filter(|word| bases.contains(word)) else { continue };
            let value = match self.code.kind(at + 1) {
                Some(Kind::Open(b'(')) => at + 2,
                Some(Kind::Assign | Kind::Colon) => at + 2,
                Some(Kind::Text(_)) => at + 1,
                _ => continue,
            };
            // `url: …` alone says nothing of a base.
            if word == "url" {
                continue;
            }
            let end = self.code.expression_end(value, 60);
            let made = self.folder.value(value, end);
            if url::is_absolute(&made.text) {
                found = made;
                break;
            }
        }
        self.bases.insert(key, found.clone());
        found
    }
}
