//! What a Lua file says in literals: the values of its global variables, as far as they can be known
//! without running it.
//!
//! Texts, tables, names of variables and `..` are understood. Whatever else stands where a value would
//! makes it unknown, and so does any assignment that is made on a condition or within a function.

mod tokens;
mod value;

use std::collections::HashMap;

use crate::records::SHARED_BYTES_MAX;
use tokens::{Token, Tokens};

pub(crate) use value::{Field, Value, Variable, Variables};

/// Where reading came to an end too soon.
#[derive(Debug)]
pub(crate) struct Broken<'a> {
    pub(crate) at: &'a str,
    pub(crate) message: &'static str,
    pub(crate) is_limit: bool,
}

/// Tables within tables, and brackets within brackets. Rockspecs need six.
const DEPTH_MAX: usize = 32;

/// Concatenation may double a text with each line: none of a rockspec is longer.
const TEXT_BYTES_MAX: usize = 4 * 1024;

/// Reads a file. After an error, what stands before it is there.
pub(crate) fn read(text: &str) -> (Variables<'_>, Option<Broken<'_>>) {
    let mut reader = Reader { tokens: Tokens::new(text), variables: HashMap::new(), blocks: 0 };
    let broken = reader.statements().err();
    (reader.variables, broken)
}

struct Reader<'a> {
    tokens: Tokens<'a>,
    variables: Variables<'a>,
    /// The blocks and brackets that are open: functions, conditions, loops, arguments.
    blocks: usize,
}

type Read<'a, T> = Result<T, Broken<'a>>;

impl<'a> Reader<'a> {
    fn statements(&mut self) -> Read<'a, ()> {
        let mut is_listed = false;
        loop {
            let at = self.tokens.rest();
            let Some(token) = self.tokens.next()? else { return Ok(()) };
            match token {
                Token::Name("if" | "function" | "do" | "repeat") | Token::Sign("{" | "(" | "[") => self.blocks += 1,
                Token::Name("end" | "until") | Token::Sign("}" | ")" | "]") => {
                    self.blocks = self.blocks.saturating_sub(1);
                }
                Token::Name(name) => self.assignment(name, at, is_listed)?,
                Token::Text(_) | Token::Number | Token::Sign(_) => {}
            }
            is_listed = token == Token::Sign(",");
        }
    }

    /// `name = value`; what begins otherwise is passed over. One of a list has not the first value.
    fn assignment(&mut self, name: &'a str, at: &'a str, is_listed: bool) -> Read<'a, ()> {
        if self.tokens.peek()? != Some(Token::Sign("=")) {
            // `name.part = …` changes what is known of `name`.
            let is_part = matches!(self.tokens.peek()?, Some(Token::Sign("." | "[")));
            if is_part && self.variables.contains_key(name) && is_assigned(self.tokens.rest()) {
                self.variables.insert(name, Variable { value: Value::Unknown, at });
            }
            return Ok(());
        }
        self.tokens.next()?;
        let value = self.expression(0)?;
        let value = if self.blocks == 0 && !is_listed { value } else { Value::Unknown };
        self.variables.insert(name, Variable { value, at });
        Ok(())
    }

    fn expression(&mut self, depth: usize) -> Read<'a, Value<'a>> {
        let mut value = self.operand(depth)?;
        while let Some(operator) = self.operator()? {
            let right = self.operand(depth)?;
            value = match (value, right) {
                (Value::Text(left), Value::Text(right))
                    if operator == ".." && left.len() + right.len() <= TEXT_BYTES_MAX =>
                {
                    Value::Text(left + &right)
                }
                _ => Value::Unknown,
            };
        }
        Ok(value)
    }

    fn operator(&mut self) -> Read<'a, Option<&'a str>> {
        let operator = match self.tokens.peek()? {
            Some(Token::Sign(sign)) if tokens::is_operator(sign) => sign,
            Some(Token::Name(word @ ("and" | "or"))) => word,
            Some(Token::Name(_) | Token::Text(_) | Token::Number | Token::Sign(_)) | None => return Ok(None),
        };
        self.tokens.next()?;
        Ok(Some(operator))
    }

    /// A value with what may be called on it, or asked of it.
    fn operand(&mut self, depth: usize) -> Read<'a, Value<'a>> {
        let at = self.tokens.rest();
        if depth > DEPTH_MAX {
            return Err(Broken { at, message: "values are nested too deeply", is_limit: true });
        }
        let mut value = match self.tokens.next()? {
            Some(Token::Text(text)) if text.len() <= TEXT_BYTES_MAX => Value::Text(text),
            Some(Token::Sign("{")) => Value::Table(self.table(depth + 1)?),
            Some(Token::Sign("(")) => {
                let inner = self.expression(depth + 1)?;
                if self.tokens.next()? != Some(Token::Sign(")")) {
                    return Err(Broken { at, message: "a bracket is not closed", is_limit: false });
                }
                inner
            }
            Some(Token::Sign("-" | "#" | "~") | Token::Name("not")) => {
                self.operand(depth + 1)?;
                Value::Unknown
            }
            Some(Token::Name("function")) => {
                self.function(at)?;
                Value::Unknown
            }
            Some(Token::Name(name)) => self.variable(name),
            Some(Token::Text(_) | Token::Number | Token::Sign(_)) => Value::Unknown,
            None => return Err(Broken { at, message: "the file ends amid a value", is_limit: false }),
        };
        while self.is_used(depth)? {
            value = Value::Unknown;
        }
        Ok(value)
    }

    /// Passes over a function's parameters and body.
    fn function(&mut self, at: &'a str) -> Read<'a, ()> {
        let mut open = 1_usize;
        while open > 0 {
            match self.tokens.next()? {
                Some(Token::Name("if" | "function" | "do" | "repeat")) => open += 1,
                Some(Token::Name("end" | "until")) => open -= 1,
                Some(Token::Name(_) | Token::Text(_) | Token::Number | Token::Sign(_)) => {}
                None => return Err(Broken { at, message: "a function has no end", is_limit: false }),
            }
        }
        Ok(())
    }

    /// What is known of a variable. Tables stay where they are: they could be multiplied without end.
    fn variable(&self, name: &str) -> Value<'a> {
        match self.variables.get(name).map(|variable| &variable.value) {
            Some(Value::Text(text)) if text.len() <= SHARED_BYTES_MAX => Value::Text(text.clone()),
            Some(Value::Text(_) | Value::Table(_) | Value::Unknown) | None => Value::Unknown,
        }
    }

    /// Passes over `.name`, `:name`, `[key]` and the arguments of a call.
    fn is_used(&mut self, depth: usize) -> Read<'a, bool> {
        match self.tokens.peek()? {
            Some(Token::Sign("." | ":")) => {
                self.tokens.next()?;
                self.tokens.next()?;
            }
            Some(Token::Sign(opening @ ("(" | "["))) => {
                self.tokens.next()?;
                self.arguments(if opening == "(" { ")" } else { "]" }, depth + 1)?;
            }
            Some(Token::Name(_) | Token::Text(_) | Token::Number | Token::Sign(_)) | None => return Ok(false),
        }
        Ok(true)
    }

    fn arguments(&mut self, closing: &str, depth: usize) -> Read<'a, ()> {
        loop {
            match self.tokens.peek()? {
                Some(Token::Sign(sign)) if sign == closing => {
                    self.tokens.next()?;
                    return Ok(());
                }
                Some(Token::Sign(",")) => drop(self.tokens.next()?),
                _ => drop(self.expression(depth)?),
            }
        }
    }

    fn table(&mut self, depth: usize) -> Read<'a, Vec<Field<'a>>> {
        let mut fields = Vec::new();
        loop {
            let at = self.tokens.rest();
            match self.tokens.peek()? {
                Some(Token::Sign("}")) => {
                    self.tokens.next()?;
                    return Ok(fields);
                }
                Some(Token::Sign("," | ";")) => drop(self.tokens.next()?),
                _ => {
                    let key = self.key(depth)?;
                    let value = self.expression(depth)?;
                    fields.push(Field { key, value, at });
                }
            }
        }
    }

    /// `name =` or `["name"] =`. A key that is not known, or no text, is an empty name.
    fn key(&mut self, depth: usize) -> Read<'a, Option<&'a str>> {
        if self.tokens.peek()? == Some(Token::Sign("[")) {
            self.tokens.next()?;
            self.arguments("]", depth)?;
            if self.tokens.peek()? == Some(Token::Sign("=")) {
                self.tokens.next()?;
            }
            return Ok(Some(""));
        }
        let Some(Token::Name(name)) = self.tokens.peek()? else { return Ok(None) };
        let mut ahead = self.tokens.clone();
        ahead.next()?;
        if ahead.next()? != Some(Token::Sign("=")) {
            return Ok(None);
        }
        self.tokens = ahead;
        Ok(Some(name))
    }
}

/// Whether `.part.part` or `[key]` is followed by `=`, as far as the next few words tell.
fn is_assigned(rest: &str) -> bool {
    const LETTERS_MAX: usize = 200;
    let end = rest.char_indices().nth(LETTERS_MAX).map_or(rest.len(), |(at, _)| at);
    let near = rest.get(..end).unwrap_or(rest);
    let after = near.trim_start_matches(|letter: char| letter.is_alphanumeric() || "_.[]\"'".contains(letter));
    let after = after.trim_start();
    after.starts_with('=') && !after.starts_with("==")
}

#[cfg(test)]
mod tests {
    use super::{Value, read};

    fn value(text: &str, name: &str) -> Option<Value<'static>> {
        let (variables, _) = read(text);
        variables.get(name).map(|variable| match &variable.value {
            Value::Text(text) => Value::Text(text.clone()),
            Value::Table(_) => Value::Table(Vec::new()),
            Value::Unknown => Value::Unknown,
        })
    }

    #[test]
    fn texts_are_put_together() {
        let text =
            "local v = \"1.0\" -- no\nlocal n = 'a'\nversion = v .. [[-]]..('1')\nx = f(v, {1}) or v\ny = n:upper()";
        assert_eq!(value(text, "version"), Some(Value::Text("1.0-1".into())));
        assert_eq!(value(text, "x"), Some(Value::Unknown));
        assert_eq!(value(text, "y"), Some(Value::Unknown));
    }

    #[test]
    fn conditions_make_values_unknown() {
        let text = "a = '1'\nif b then a = '2' end\nc = '3'\nfor i = 1, 2 do c = '4' end\nd = '5'";
        assert_eq!(value(text, "a"), Some(Value::Unknown));
        assert_eq!(value(text, "c"), Some(Value::Unknown));
        assert_eq!(value(text, "d"), Some(Value::Text("5".into())));
    }

    #[test]
    fn only_plain_assignments_count() {
        assert_eq!(value("f{ v = '1' }", "v"), Some(Value::Unknown));
        assert_eq!(value("a, v = '1', '2'", "v"), Some(Value::Unknown));
        assert_eq!(value("v = { u = '1' }\nv.u = '2'", "v"), Some(Value::Unknown));
    }

    #[test]
    fn tables_have_fields() {
        let (variables, broken) = read("t = { 'x', a = 'y', ['b'] = 'z', { 'w' }; function() return 1 end }\nu = '1'");
        assert!(broken.is_none());
        let fields = variables["t"].value.fields();
        assert_eq!(fields[0].value.text(), Some("x"));
        assert_eq!(variables["t"].value.text_of("a"), Some("y"));
    }

    #[test]
    fn hostile_files_come_to_an_end() {
        assert!(read(&format!("a = {}", "{".repeat(100_000))).1.is_some_and(|broken| broken.is_limit));
        assert!(read(&format!("a = {}", "- ".repeat(100_000))).1.is_some_and(|broken| broken.is_limit));
        let doubling = "a = a .. a\n".repeat(100);
        assert_eq!(value(&format!("a = 'xxxxxxxx'\n{doubling}"), "a"), Some(Value::Unknown));
    }
}
