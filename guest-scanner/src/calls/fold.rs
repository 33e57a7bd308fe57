//! What an expression comes to: literals, constants, concatenations, templates and formats.

mod called;
mod template;

use std::collections::HashMap;

use super::code::Code;
use super::language::Language;
use super::lexer::HoleSkipper;
use super::names::{Assigned, Names, Role};
use super::token::Kind;
use super::value::{Value, format_percent};
use super::words;

/// Constants that refer to constants, and brackets in brackets, are followed so deep.
const DEPTH_MAX: u8 = 10;

/// The tokens of one expression that are looked at.
const EXPRESSION_TOKENS_MAX: usize = 400;

/// Steps for each token of a file, and for a small one: all folding of a file costs no more, however its
/// expressions refer to each other.
const STEPS_PER_TOKEN: usize = 16;
const STEPS_MIN: usize = 20_000;

/// Folds the expressions of one file.
#[derive(Debug)]
pub(crate) struct Folder<'c, 't> {
    pub(crate) code: &'c Code<'t>,
    pub(crate) names: &'c Names<'t>,
    known: HashMap<usize, Value>,
    steps: usize,
    holes: HoleSkipper,
}

impl<'c, 't> Folder<'c, 't> {
    pub(crate) fn new(code: &'c Code<'t>, names: &'c Names<'t>) -> Self {
        let steps = code.len() * STEPS_PER_TOKEN + STEPS_MIN;
        Self { code, names, known: HashMap::new(), steps, holes: HoleSkipper::default() }
    }

    /// What the expression in `start..end` comes to.
    pub(crate) fn value(&mut self, start: usize, end: usize) -> Value {
        self.expression(start, end.min(start + EXPRESSION_TOKENS_MAX), 0).0
    }

    /// What a chain of names stands for at a token.
    pub(crate) fn named(&mut self, chain: &[&str], at: usize, depth: u8) -> Value {
        let own = words::without_self(chain);
        let is_own = own.len() < chain.len();
        let Some((name, around)) = own.split_last() else { return Value::hole("") };
        // Parts of a URL that is known: what is not told apart here is the URL.
        if !around.is_empty() && !is_own && words::is_part_of_url(name) {
            let whole = self.named(around, at, depth.saturating_add(1));
            if whole.is_literal && whole.text.contains("://") {
                return whole;
            }
        }
        let mut assigned = self.assignment(around, name, is_own, at);
        // `url = f(url)`: the one in it is an earlier one.
        for _ in 0..3 {
            let Some(value) = assigned.and_then(|assigned| assigned.value) else { break };
            if value > at || at >= self.code.expression_end(value, 60) {
                break;
            }
            let earlier = self.assignment(around, name, is_own, value.saturating_sub(1));
            assigned = earlier.filter(|earlier| earlier.at < value.saturating_sub(1));
        }
        let value = assigned.and_then(|assigned| assigned.value).map(|value| self.assigned(value, depth));
        // What a function is given is hardly what is written somewhere else in the file, unless that is an address.
        let is_given = !is_own && around.first().is_some_and(|given| self.is_given(given, at));
        let may_be = |value: &Value| !is_given || value.text.contains("://");
        match value.filter(|value| (value.is_literal || value.is_environment) && may_be(value)) {
            Some(value) => value,
            None if words::is_environment(chain) => Value::environment(name),
            // A name for another name: what it was called first tells no more.
            None => Value::hole(&own.join(".")),
        }
    }

    fn assignment(&self, around: &[&str], name: &str, is_own: bool, at: usize) -> Option<Assigned> {
        let is_class = around.len() == 1 && around.first().is_some_and(|first| first.starts_with(char::is_uppercase));
        match around {
            [] if is_own => self.names.field(name, at),
            [] => self.names.variable(name, at),
            _ if is_class => self.names.field(name, at),
            _ => self.names.member(name),
        }
    }

    /// Whether `name` is a parameter. Go's receivers look like one, and are not.
    fn is_given(&self, name: &str, at: usize) -> bool {
        self.code.language != Language::Go
            && self.names.variable(name, at).is_some_and(|assigned| assigned.role == Role::Parameter)
    }

    /// The value of an assignment; each is folded once.
    fn assigned(&mut self, value: usize, depth: u8) -> Value {
        if let Some(known) = self.known.get(&value) {
            return known.clone();
        }
        if depth >= DEPTH_MAX {
            return Value::default();
        }
        // Whatever refers to itself is unknown.
        self.known.insert(value, Value::default());
        let end = self.code.expression_end(value, EXPRESSION_TOKENS_MAX);
        let (made, _) = self.expression(value, end, depth + 1);
        self.known.insert(value, made.clone());
        made
    }

    /// A value, and the token behind it.
    fn expression(&mut self, start: usize, end: usize, depth: u8) -> (Value, usize) {
        let (mut made, mut at) = self.operand(start, end, depth);
        while at < end && self.spend(1) {
            match self.code.kind(at) {
                Some(Kind::Plus) => {
                    let (right, next) = self.operand(at + 1, end, depth);
                    made.append(&right);
                    at = next;
                }
                Some(Kind::Text(_)) => {
                    let (right, next) = self.operand(at, end, depth);
                    made.append(&right);
                    at = next;
                }
                Some(Kind::Sign(b'/')) if self.code.language == Language::Python && made.is_literal => {
                    let (right, next) = self.operand(at + 1, end, depth);
                    made.join(&right);
                    at = next;
                }
                Some(Kind::Sign(b'%')) if matches!(self.code.language, Language::Python | Language::Ruby) => {
                    let (right, next) = self.percent(&made, at + 1, end, depth);
                    made = right;
                    at = next;
                }
                Some(Kind::Word) if self.code.language == Language::Python && self.code.word(at) == Some("if") => {
                    let Some(other) = (at..end).find(|other| self.code.word(*other) == Some("else")) else { break };
                    if depth < DEPTH_MAX && !made.text.contains("://") {
                        let (other, _) = self.expression(other + 1, end, depth + 1);
                        if other.text.contains("://") {
                            made = other;
                        }
                    }
                    at = end;
                }
                Some(Kind::Or | Kind::Sign(b'?')) if depth < DEPTH_MAX => {
                    let (other, next) = self.expression(at + 1, end, depth + 1);
                    // The condition of `a ? b : c` is no value of it.
                    let is_choice = !self.code.is(at, Kind::Or);
                    if other.is_literal && (is_choice || !made.is_literal) {
                        made = other;
                    }
                    at = next.max(at + 1);
                    break;
                }
                _ => break,
            }
        }
        (made, at)
    }

    fn percent(&mut self, template: &Value, at: usize, end: usize, depth: u8) -> (Value, usize) {
        let mut named = Vec::new();
        let (positional, next) = match self.code.kind(at) {
            Some(Kind::Open(_)) if depth < DEPTH_MAX => {
                let mut values = Vec::new();
                for argument in self.code.arguments(at) {
                    let value = self.expression(argument.start, argument.end, depth + 1).0;
                    match argument.name {
                        Some(name) => named.push((name, value)),
                        None => values.push(value),
                    }
                }
                (values, self.code.partner(at) + 1)
            }
            _ => {
                let (value, next) = self.operand(at, end, depth);
                (vec![value], next)
            }
        };
        let look_up = |name: &str| named.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
        (format_percent(&template.text, &positional, look_up), next.max(at + 1))
    }

    fn operand(&mut self, start: usize, end: usize, depth: u8) -> (Value, usize) {
        let mut at = start;
        while at < end && self.is_prefix(at) {
            at += 1;
        }
        if at >= end || !self.spend(1) {
            return (Value::default(), at.max(start + 1));
        }
        let (value, next) = match self.code.kind(at) {
            Some(Kind::Text(form)) => (self.template(self.code.source(at), form, at, depth), at + 1),
            Some(Kind::Number) => (Value::literal(self.code.source(at)), at + 1),
            Some(Kind::Word) => self.chain(at, end, depth),
            Some(Kind::Open(b'(')) if depth < DEPTH_MAX => self.group(at, end, depth),
            Some(Kind::Open(bracket)) => {
                let close = self.code.partner(at).max(at);
                let value = if bracket == b'[' { self.joined(at, close, depth) } else { Value::hole("") };
                (value, close + 1)
            }
            _ => (Value::hole(""), at + 1),
        };
        self.postfix(value, next, end, depth)
    }

    fn is_prefix(&self, at: usize) -> bool {
        match self.code.kind(at) {
            Some(Kind::Word) => {
                let follows =
                    matches!(self.code.kind(at + 1), Some(Kind::Word | Kind::Text(_) | Kind::Open(_) | Kind::Sign(_)));
                follows && words::is_prefix(self.code.source(at))
            }
            Some(Kind::Sign(sign)) => matches!(sign, b'&' | b'*' | b'!' | b'@' | b'$' | b'\\' | b':'),
            _ => false,
        }
    }

    /// A value in brackets, or one behind a cast.
    fn group(&mut self, at: usize, end: usize, depth: u8) -> (Value, usize) {
        let close = self.code.partner(at);
        if close <= at {
            return (Value::hole(""), at + 1);
        }
        let is_cast = close == at + 2 && matches!(self.code.kind(close + 1), Some(Kind::Word | Kind::Text(_)));
        if is_cast && close + 1 < end && self.code.line(close) == self.code.line(close + 1) {
            return self.operand(close + 1, end, depth + 1);
        }
        (self.expression(at + 1, close, depth + 1).0, close + 1)
    }

    /// A chain of names, and what is called or looked up at its end.
    fn chain(&mut self, start: usize, end: usize, depth: u8) -> (Value, usize) {
        let mut chain = vec![self.code.source(start)];
        let mut at = start + 1;
        while self.code.is(at, Kind::Dot) && self.code.word(at + 1).is_some() && chain.len() < 8 && at < end {
            chain.push(self.code.source(at + 1));
            at += 2;
        }
        let open = words::call_bracket(self.code, at);
        match open {
            Some(open) if depth < DEPTH_MAX => {
                (self.call(&chain, start, open, depth + 1), self.code.partner(open).max(open) + 1)
            }
            _ if self.code.is(at, Kind::Open(b'[')) && self.code.is_text(at + 1) => {
                let key = self.code.source(at + 1);
                let value =
                    self.names.member(key).and_then(|member| member.value).filter(|_| !words::is_environment(&chain));
                let value = value.map(|value| self.assigned(value, depth)).filter(|value| value.is_literal);
                (
                    value.unwrap_or_else(|| {
                        if words::is_environment(&chain) { Value::environment(key) } else { Value::hole(key) }
                    }),
                    self.code.partner(at).max(at) + 1,
                )
            }
            _ => (self.named(&chain, start, depth), at),
        }
    }

    /// What comes behind a value: `.format(…)`, `!`, `.toURI()`.
    fn postfix(&mut self, mut value: Value, start: usize, end: usize, depth: u8) -> (Value, usize) {
        let mut at = start;
        while at < end && self.spend(1) {
            match self.code.kind(at) {
                Some(Kind::Dot) if self.code.word(at + 1).is_some() => {
                    let name = self.code.source(at + 1);
                    let Some(open) = words::call_bracket(self.code, at + 2) else {
                        at += 2;
                        continue;
                    };
                    if depth < DEPTH_MAX {
                        value = self.method(value, name, open, at, depth + 1);
                    }
                    at = self.code.partner(open).max(open) + 1;
                }
                Some(Kind::Sign(b'!')) => at += 1,
                Some(Kind::Sign(b'?')) if self.ends_after(at, end) => at += 1,
                Some(Kind::Open(b'[')) if self.code.line(at) == self.code.line(at.saturating_sub(1)) => {
                    at = self.code.partner(at).max(at) + 1;
                }
                _ => break,
            }
        }
        (value, at)
    }

    /// Rust's and Swift's `?` behind a value.
    fn ends_after(&self, at: usize, end: usize) -> bool {
        at + 1 >= end
            || matches!(self.code.kind(at + 1), Some(Kind::Dot | Kind::Sign(b';') | Kind::Close(_) | Kind::Comma))
    }

    fn spend(&mut self, steps: usize) -> bool {
        let is_left = self.steps >= steps;
        self.steps = self.steps.saturating_sub(steps);
        is_left
    }
}
