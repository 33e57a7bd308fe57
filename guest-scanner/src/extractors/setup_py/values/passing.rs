//! Step by step through the pieces, and past what is not read.

use super::super::value::Value;
use super::Reader;
use crate::python::tokens::Kind;

impl<'a> Reader<'_, 'a> {
    pub(super) fn peek(&self) -> Option<&Kind<'a>> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    pub(super) fn offset(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |token| token.offset)
    }

    /// Whether the next token is that sign, which is then passed.
    pub(super) fn take(&mut self, sign: char) -> bool {
        let is = self.peek() == Some(&Kind::Sign(sign));
        self.at += usize::from(is);
        is
    }

    pub(super) fn take_name(&mut self) -> Option<&'a str> {
        let Some(Kind::Name(name)) = self.tokens.get(self.at).map(|token| &token.kind) else { return None };
        self.at += 1;
        Some(name)
    }

    /// Whether nothing of the expression follows.
    pub(super) fn is_at_end(&self, ends: &[char]) -> bool {
        match self.peek() {
            None | Some(Kind::End | Kind::Sign(',' | ')' | ']' | '}' | ';')) => true,
            Some(Kind::Sign(sign)) => ends.contains(sign),
            Some(Kind::Name(_) | Kind::Text { .. } | Kind::Other) => false,
        }
    }

    /// Passes the rest of the expression, with all brackets in it.
    pub(super) fn skip(&mut self, ends: &[char]) {
        let mut open: usize = 0;
        while let Some(kind) = self.peek() {
            match kind {
                Kind::Sign('(' | '[' | '{') => open += 1,
                Kind::Sign(')' | ']' | '}') if open > 0 => open -= 1,
                _ if open == 0 && self.is_at_end(ends) => return,
                Kind::Sign(_) | Kind::Name(_) | Kind::Text { .. } | Kind::End | Kind::Other => {}
            }
            self.at += 1;
        }
    }

    /// Passes what is called, indexed or taken of something computed.
    pub(super) fn computed(&mut self, start: usize) -> Value {
        loop {
            if self.take('.') {
                self.take_name();
            } else if matches!(self.peek(), Some(Kind::Sign('(' | '['))) {
                self.brackets();
            } else {
                return Value::Computed(start);
            }
        }
    }

    /// Passes brackets and what is in them.
    pub(super) fn brackets(&mut self) {
        let mut open: usize = 0;
        while let Some(kind) = self.peek() {
            match kind {
                Kind::Sign('(' | '[' | '{') => open += 1,
                Kind::Sign(')' | ']' | '}') => open = open.saturating_sub(1),
                Kind::Sign(_) | Kind::Name(_) | Kind::Text { .. } | Kind::End | Kind::Other => {}
            }
            self.at += 1;
            if open == 0 {
                return;
            }
        }
    }
}
