//! What imported names stand for: `import requests as rq`, `const got = require('got')`.

use super::code::Code;
use super::language::Language;
use super::sieve::Sieve;
use super::token::Kind;
use crate::names::NameMap;

/// The tokens of one import statement that are looked at; lists of imported names can be long.
const IMPORT_TOKENS_MAX: usize = 80;

/// Each imported name with the dotted path that it stands for.
#[derive(Debug, Default)]
pub(crate) struct Bindings<'t>(NameMap<&'t str, String>);

impl<'t> Bindings<'t> {
    pub(crate) fn of(code: &Code<'t>) -> Self {
        let mut bindings = Self::default();
        let begin: &[&str] = match code.language {
            Language::Python => &["import", "from"],
            Language::JavaScript => &["import", "require"],
            Language::Rust => &["use"],
            _ => return bindings,
        };
        for (at, word) in code.words_in(&Sieve::of(begin.iter().copied())) {
            match (code.language, word) {
                (Language::Python, "import") if !bindings.is_from(code, at) => bindings.python_import(code, at),
                (Language::Python, "from") => bindings.python_from(code, at),
                (Language::JavaScript, "import") => bindings.javascript_import(code, at),
                (Language::JavaScript, "require") => bindings.javascript_require(code, at),
                (Language::Rust, "use") => bindings.rust_use(code, at),
                _ => {}
            }
        }
        bindings
    }

    /// The path that a name was imported from.
    pub(crate) fn path(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Every imported name, and what it stands for.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'t str, &str)> {
        self.0.iter().map(|(name, path)| (*name, path.as_str()))
    }

    fn is_from(&self, code: &Code<'t>, at: usize) -> bool {
        (at.saturating_sub(16)..at)
            .rev()
            .take_while(|back| code.line(*back) == code.line(at))
            .any(|back| code.word(back) == Some("from"))
    }

    /// `import a.b as c, d`
    fn python_import(&mut self, code: &Code<'t>, at: usize) {
        let mut next = at + 1;
        while let Some((path, behind)) = dotted(code, next) {
            let name = match (code.word(behind), code.word(behind + 1)) {
                (Some("as"), Some(name)) => {
                    next = behind + 2;
                    self.0.insert(name, path);
                    name
                }
                _ => {
                    next = behind;
                    let root = path.split('.').next().unwrap_or_default().to_owned();
                    let name = code.source(at + 1);
                    if root == name {
                        self.0.insert(name, root);
                    }
                    name
                }
            };
            if name.is_empty() || !code.is(next, Kind::Comma) || next > at + IMPORT_TOKENS_MAX {
                return;
            }
            next += 1;
        }
    }

    /// `from a.b import c as d, e`
    fn python_from(&mut self, code: &Code<'t>, at: usize) {
        let Some((path, behind)) = dotted(code, at + 1) else { return };
        if code.word(behind) != Some("import") {
            return;
        }
        let mut next = behind + 1 + usize::from(code.is(behind + 1, Kind::Open(b'(')));
        while let Some(name) = code.word(next).filter(|_| next < at + IMPORT_TOKENS_MAX) {
            let alias = if code.word(next + 1) == Some("as") { code.word(next + 2) } else { None };
            self.0.insert(alias.unwrap_or(name), format!("{path}.{name}"));
            next += if alias.is_some() { 3 } else { 1 };
            if !code.is(next, Kind::Comma) {
                return;
            }
            next += 1;
        }
    }

    /// `import a, { b as c } from 'm'`, `import * as a from 'm'`
    fn javascript_import(&mut self, code: &Code<'t>, at: usize) {
        let from =
            (at + 1..at + IMPORT_TOKENS_MAX).find(|next| code.word(*next) == Some("from") && code.is_text(next + 1));
        let Some(from) = from else { return };
        let module = code.source(from + 1);
        let brace = (at + 1..from).find(|next| code.is(*next, Kind::Open(b'{')));
        for next in at + 1..brace.unwrap_or(from) {
            if let Some(name) = code.word(next).filter(|name| !matches!(*name, "as" | "type")) {
                self.0.insert(name, module_path(module));
            }
        }
        if let Some(brace) = brace {
            self.names(code, brace, module);
        }
    }

    /// `const a = require('m')`, `const { b: c } = require('m')`
    fn javascript_require(&mut self, code: &Code<'t>, at: usize) {
        if !code.is(at + 1, Kind::Open(b'(')) || !code.is_text(at + 2) || !code.is(at.wrapping_sub(1), Kind::Assign) {
            return;
        }
        let module = code.source(at + 2);
        let target = at.wrapping_sub(2);
        if code.is(target, Kind::Close(b'}')) {
            self.names(code, code.partner(target), module);
        } else if let Some(name) = code.word(target) {
            // `require('m').get` is that member; `.default` is the module.
            let member = code.word(at + 5).filter(|member| code.is(at + 4, Kind::Dot) && *member != "default");
            let path = module_path(module);
            self.0.insert(name, member.map_or(path.clone(), |member| format!("{path}.{member}")));
        }
    }

    fn names(&mut self, code: &Code<'t>, brace: usize, module: &str) {
        let close = code.partner(brace).min(brace + IMPORT_TOKENS_MAX);
        let mut next = brace + 1;
        while next < close {
            let Some(name) = code.word(next) else {
                next += 1;
                continue;
            };
            let renamed = code.word(next + 1) == Some("as") || code.is(next + 1, Kind::Colon);
            let alias = if renamed { code.word(next + 2) } else { None };
            let path = if name == "default" { module_path(module) } else { format!("{}.{name}", module_path(module)) };
            self.0.insert(alias.unwrap_or(name), path);
            next += if alias.is_some() { 3 } else { 1 };
        }
    }

    /// `use a::b::{c, d as e};`, one level of braces deep.
    fn rust_use(&mut self, code: &Code<'t>, at: usize) {
        let Some((path, behind)) = dotted(code, at + 1) else { return };
        let is_list = code.is(behind, Kind::Dot) && code.is(behind + 1, Kind::Open(b'{'));
        if !is_list {
            let alias = if code.word(behind) == Some("as") { code.word(behind + 1) } else { None };
            let name = alias.unwrap_or_else(|| code.source(behind.saturating_sub(1)));
            self.0.insert(name, path);
            return;
        }
        for part in code.arguments(behind + 1) {
            let Some((inner, end)) = dotted(code, part.start) else { continue };
            let alias = if code.word(end) == Some("as") { code.word(end + 1) } else { None };
            let name = alias.unwrap_or_else(|| code.source(end.saturating_sub(1)));
            let full = if inner == "self" { path.clone() } else { format!("{path}.{inner}") };
            let name = if name == "self" { code.source(behind.saturating_sub(1)) } else { name };
            self.0.insert(name, full);
        }
    }
}

/// Words joined by dots from `at`, and the token behind them.
fn dotted(code: &Code<'_>, at: usize) -> Option<(String, usize)> {
    let mut path = code.word(at)?.to_owned();
    let mut next = at + 1;
    while code.is(next, Kind::Dot) && next < at + 16 {
        let Some(word) = code.word(next + 1) else { break };
        path.push('.');
        path.push_str(word);
        next += 2;
    }
    Some((path, next))
}

/// A module as the first segment of a path. Of one's own modules the name alone stays: a file called
/// `axios` that wraps the library is as good as it.
fn module_path(module: &str) -> String {
    let module = module.strip_prefix("node:").unwrap_or(module);
    if !module.starts_with(['.', '~']) && !module.starts_with("@/") {
        return module.to_owned();
    }
    let name = module.rsplit('/').next().unwrap_or_default();
    let name = name.split('.').next().unwrap_or_default();
    if name == "axios" { name.to_owned() } else { module.replace('.', "~") }
}
