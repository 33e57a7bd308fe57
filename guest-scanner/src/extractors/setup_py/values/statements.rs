//! What statements bind names to.

use super::super::value::{Value, sum};
use super::Reader;
use crate::python::tokens::Kind;

impl<'a> Reader<'_, 'a> {
    /// `name = …`, `name: type = …`, `name += …`, `name.append(…)`, `name.extend(…)`, `name[…] = …`.
    pub(super) fn statement(&mut self, name: &'a str, outermost: bool) {
        if self.take('.') {
            let method = self.take_name();
            if !matches!(method, Some("append" | "extend" | "update")) || !self.take('(') {
                return;
            }
            let added = self.expression(0);
            self.add(name, if method == Some("append") { Value::List(vec![added]) } else { added });
        } else if self.take('[') {
            let key = self.expression(0);
            if self.take(']') && self.take('=') && self.peek() != Some(&Kind::Sign('=')) {
                let value = self.expression(0);
                self.add(name, Value::Table(vec![(key, value)]));
            }
        } else if self.take('+') {
            if self.take('=') {
                let added = self.expression(0);
                self.add(name, added);
            }
        } else {
            if self.take(':') {
                self.skip(&['=']);
            }
            if self.take('=') && self.peek() != Some(&Kind::Sign('=')) {
                let value = self.expression(0);
                if outermost || !self.names.contains_key(name) {
                    self.names.insert(name, value);
                } else {
                    self.add(name, value);
                }
            }
        }
    }

    pub(super) fn add(&mut self, name: &'a str, added: Value) {
        let known = self.names.remove(name);
        let value = match known {
            Some(known) => sum(known, added),
            None => added,
        };
        self.names.insert(name, value);
    }
}
