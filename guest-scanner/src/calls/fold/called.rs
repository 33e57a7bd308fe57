//! What calls of functions that make texts come to.

use super::{DEPTH_MAX, Folder};
use crate::calls::code::Argument;
use crate::calls::language::Language;
use crate::calls::token::Kind;
use crate::calls::value::{Value, format_braces, format_percent};
use crate::calls::words;

impl<'t> Folder<'_, 't> {
    /// WordPress' `add_query_arg( array( 'key' => $value ), $url )`.
    fn with_query(&mut self, arguments: &[Argument<'t>], depth: u8) -> Value {
        let [query, url] = arguments else { return Value::hole("") };
        let mut made = self.expression(url.start, url.end, depth).0;
        let open = (query.start..query.end).find(|at| matches!(self.code.kind(*at), Some(Kind::Open(_))));
        for pair in open.map(|open| self.code.arguments(open)).unwrap_or_default() {
            let Some(key) = pair.name else { continue };
            made.append(&Value::literal(if made.text.contains('?') { "&" } else { "?" }));
            made.append(&Value::literal(key));
            made.append(&Value::literal("="));
            let value = self.expression(pair.start, pair.end, depth).0;
            made.append(&value);
        }
        made
    }

    /// `[a, b].join("/")`
    pub(super) fn joined(&mut self, open: usize, close: usize, depth: u8) -> Value {
        let is_join = matches!(self.code.word(close + 2), Some("join" | "joined")) && self.code.is_text(close + 4);
        if !is_join || depth >= DEPTH_MAX {
            return Value::hole("");
        }
        let separator = Value::literal(self.code.source(close + 4));
        let mut made = Value::default();
        for argument in self.code.arguments(open) {
            if !made.is_empty() {
                made.append(&separator);
            }
            let part = self.expression(argument.start, argument.end, depth + 1).0;
            made.append(&part);
        }
        made
    }

    pub(super) fn call(&mut self, chain: &[&str], start: usize, open: usize, depth: u8) -> Value {
        let Some((name, receiver)) = chain.split_last() else { return Value::default() };
        let arguments = self.code.arguments(open);
        let fold = |folder: &mut Self, index: usize| {
            let argument = arguments.get(index)?;
            Some(folder.expression(argument.start, argument.end, depth).0)
        };
        if words::is_environment_call(chain) {
            let key = arguments.first().map_or("", |first| self.code.source(first.start));
            let default = fold(self, 1).filter(|value| value.is_literal && words::looks_like_target(&value.text));
            return default.unwrap_or_else(|| Value::environment(key));
        }
        if words::is_format(chain) {
            return self.format(receiver, start, open, depth);
        }
        if words::is_join(chain) && (*name != "URL" || arguments.len() > 1) {
            let first = fold(self, 0).unwrap_or_default();
            let (mut base, path) = match fold(self, 1) {
                // `new URL(path, base)` has them the other way round.
                Some(second) if *name == "URL" => (second, first),
                Some(second) => (first, second),
                None => (self.named(receiver, start, depth), first),
            };
            if path.text.contains("://") && path.is_literal {
                return path;
            }
            base.join(&path);
            return base;
        }
        if *name == "add_query_arg" && arguments.len() == 2 {
            return self.with_query(&arguments, depth);
        }
        if words::is_transparent(chain) && !arguments.is_empty() {
            return fold(self, 0).unwrap_or_default();
        }
        if words::keeps_receiver(name) && !receiver.is_empty() {
            let mut made = self.named(receiver, start, depth);
            if matches!(*name, "unwrap_or" | "getOrElse" | "orElse") && !made.is_literal {
                return fold(self, 0).filter(|other| other.text.contains("://")).unwrap_or(made);
            }
            if *name == "concat" {
                made.append(&fold(self, 0).unwrap_or_default());
            }
            return made;
        }
        let key = arguments.first().filter(|first| first.end == first.start + 1 && self.code.is_text(first.start));
        match key {
            Some(key) if words::is_getter(name) => Value::hole(self.code.source(key.start)),
            _ => Value::hole(name),
        }
    }

    /// `format("…", a, b)` in any of its styles; the template may be the receiver.
    fn format(&mut self, receiver: &[&str], start: usize, open: usize, depth: u8) -> Value {
        let arguments = self.code.arguments(open);
        let mut positional = Vec::new();
        let mut named: Vec<(&str, Value)> = Vec::new();
        for argument in &arguments {
            let value = self.expression(argument.start, argument.end, depth).0;
            match argument.name {
                Some("format") | None => positional.push(value),
                Some(name) => named.push((name, value)),
            }
        }
        let of_receiver = receiver.last().is_some_and(|last| !words::has_static_format(last)) && !receiver.is_empty();
        let template = if of_receiver {
            self.named(receiver, start, depth)
        } else {
            // Of Rust's macros and C#'s method the template is the first argument, and raw.
            let first = positional.iter().position(|value| value.text.contains(['%', '{'])).unwrap_or(0).min(1);
            if positional.is_empty() {
                Value::default()
            } else {
                positional.drain(..=first).next_back().unwrap_or_default()
            }
        };
        self.filled(&template, &positional, &named, start, depth)
    }

    fn filled(
        &mut self,
        template: &Value,
        positional: &[Value],
        named: &[(&str, Value)],
        at: usize,
        depth: u8,
    ) -> Value {
        let find = |name: &str| named.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
        if template.text.contains('%')
            && !matches!(self.code.language, Language::Rust | Language::CSharp)
            && !template.text.contains("{}")
        {
            return format_percent(&template.text, positional, find);
        }
        let is_rust = self.code.language == Language::Rust;
        format_braces(&template.text, positional, |name| match find(name) {
            Some(value) => value,
            None if is_rust => self.named(&[name], at, depth),
            None => Value::hole(name),
        })
    }

    pub(super) fn method(&mut self, mut value: Value, name: &str, open: usize, at: usize, depth: u8) -> Value {
        let arguments = self.code.arguments(open);
        let mut folded = Vec::new();
        if matches!(name, "format" | "formatted" | "concat") || words::is_path_method(name) {
            for argument in &arguments {
                folded.push((argument.name, self.expression(argument.start, argument.end, depth).0));
            }
        }
        match name {
            "format" | "formatted" => {
                let positional: Vec<_> =
                    folded.iter().filter(|(name, _)| name.is_none()).map(|(_, value)| value.clone()).collect();
                let named: Vec<_> = folded.into_iter().filter_map(|(name, value)| Some((name?, value))).collect();
                value = self.filled(&value, &positional, &named, at, depth);
            }
            "concat" => folded.iter().for_each(|(_, more)| value.append(more)),
            "unwrap_or" | "getOrElse" | "orElse" if !value.is_literal => {
                let other = arguments.first().map(|first| self.expression(first.start, first.end, depth).0);
                value = other.filter(|other| other.text.contains("://")).unwrap_or(value);
            }
            _ if words::is_path_method(name) && value.text.contains("://") => {
                if let Some((_, path)) = folded.first() {
                    if path.text.contains("://") { value = path.clone() } else { value.join(path) }
                }
            }
            _ => {}
        }
        value
    }
}
