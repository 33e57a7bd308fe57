//! The names that scripts and `gradle.properties` give to texts.

use std::collections::HashMap;

use super::expression::{Piece, Template, path, template};
use super::script::{Kind, Script};

/// What a file says, by name. `None` stands for what is said in two ways: which holds depends on
/// when it is asked.
#[derive(Debug, Default)]
pub(super) struct Constants {
    values: HashMap<String, Option<Template>>,
    /// Names of constants of Kotlin's objects, and of those the objects.
    scoped: Vec<(String, String)>,
    /// Other scripts that it applies.
    pub(super) applied: Vec<Template>,
}

/// What may stand before the name that is declared.
const MODIFIERS: [&str; 10] =
    ["def", "val", "var", "const", "private", "internal", "final", "static", "String", "public"];

/// Blocks that do not hide what is set in them.
const OPEN_BLOCKS: [&str; 6] = ["ext", "extra", "buildscript", "allprojects", "subprojects", "pluginManagement"];

impl Constants {
    /// The text behind a name. The inner is `None` if it cannot be told.
    pub(super) fn get(&self, name: &str) -> Option<Option<&Template>> {
        self.values.get(name).map(Option::as_ref)
    }

    /// Those of a build script.
    pub(super) fn of_script(script: &Script<'_>, is_kotlin: bool) -> Self {
        let mut reader = Reader { script, is_kotlin, found: Self::default() };
        // A block, the name before what is set in it, and whether plain settings count.
        let mut waiting = vec![(script.top.as_slice(), String::new(), true)];
        while let Some((block, prefix, is_open)) = waiting.pop() {
            for statement in script.statements(block) {
                reader.statement(&statement, &prefix, is_open);
                for (at, index) in statement.iter().enumerate() {
                    if script.kind(*index) == Some(Kind::Group('{')) {
                        let before = statement.get(..at).unwrap_or_default();
                        let (prefix, is_open) = inside(script, before, &prefix, is_open);
                        waiting.push((script.children(*index), prefix, is_open));
                    }
                }
            }
        }
        reader.found.finish()
    }

    /// Within an object, what it names itself goes before what others name so.
    fn finish(mut self) -> Self {
        for (name, object) in std::mem::take(&mut self.scoped) {
            let Some(Some(mut template)) = self.values.get(&name).cloned() else { continue };
            for piece in &mut template {
                if let Piece::Name(used) = piece {
                    let inner = format!("{object}{used}");
                    if self.values.contains_key(&inner) {
                        *used = inner;
                    }
                }
            }
            self.values.insert(name, Some(template));
        }
        self
    }

    /// Those of `gradle.properties`.
    pub(super) fn of_properties(text: &str) -> Self {
        let mut found = Self::default();
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', '!'])) {
            if let Some((name, value)) = line.split_once(['=', ':']) {
                // Of two, the later holds.
                found.values.insert(name.trim().to_owned(), Some(vec![Piece::Plain(value.trim().to_owned())]));
            }
        }
        found
    }

    fn insert(&mut self, name: String, value: Template) {
        self.values
            .entry(name)
            .and_modify(|known| {
                if known.as_ref() != Some(&value) {
                    *known = None;
                }
            })
            .or_insert(Some(value));
    }
}

/// The prefix in a block behind `before`, and whether plain settings in it count.
fn inside(script: &Script<'_>, before: &[usize], prefix: &str, is_open: bool) -> (String, bool) {
    // What is called stands near its block.
    let near = before.get(before.len().saturating_sub(8)..).unwrap_or_default();
    let names: Vec<&str> = near.iter().filter_map(|index| script.name(*index)).collect();
    match names.as_slice() {
        [.., "companion", "object"] => (prefix.to_owned(), true),
        [.., "object" | "class", name] if prefix.len() < 256 => (format!("{prefix}{name}."), true),
        [.., last] if OPEN_BLOCKS.contains(last) => (prefix.to_owned(), is_open),
        _ => (prefix.to_owned(), false),
    }
}

struct Reader<'s, 'a> {
    script: &'s Script<'a>,
    is_kotlin: bool,
    found: Constants,
}

impl Reader<'_, '_> {
    fn template(&self, expression: &[usize]) -> Option<Template> {
        template(self.script, expression, self.is_kotlin)
    }

    fn statement(&mut self, statement: &[usize], prefix: &str, is_open: bool) {
        let names = |at: usize| statement.get(at).and_then(|index| self.script.name(*index));
        if names(0) == Some("apply") {
            return self.apply(statement);
        }
        let assigned = statement.iter().position(|index| self.script.is_mark(*index, '='));
        let Some(at) = assigned else { return self.call(statement, prefix) };
        let (left, right) = (statement.get(..at).unwrap_or_default(), statement.get(at + 1..).unwrap_or_default());
        let is_comparison = right.first().is_some_and(|next| self.script.is_mark(*next, '='));
        let modifiers =
            left.iter().take_while(|index| self.script.name(**index).is_some_and(|name| MODIFIERS.contains(&name)));
        let modifiers = modifiers.count();
        let named = left.get(modifiers..).unwrap_or_default();
        // Kotlin writes the type behind the name.
        let named = named.split(|index| self.script.is_mark(*index, ':')).next().unwrap_or_default();
        let is_extra = || named.iter().any(|index| matches!(self.script.name(*index), Some("ext" | "extra")));
        if is_comparison || !(is_open || modifiers > 0 || is_extra()) {
            return;
        }
        if let Some(name) = path(self.script, named) {
            let name = format!("{prefix}{name}");
            self.set(&name, right);
            if !prefix.is_empty() {
                self.found.scoped.push((name, prefix.to_owned()));
            }
        }
    }

    /// `name = text`, and `name = [key: text, …]` or `mapOf("key" to text, …)`.
    fn set(&mut self, name: &str, value: &[usize]) {
        let mut waiting = vec![(name.to_owned(), value.to_vec())];
        while let Some((name, value)) = waiting.pop() {
            let group = match value.as_slice() {
                [group] if self.script.kind(*group) == Some(Kind::Group('[')) => *group,
                [map, group] if matches!(self.script.name(*map), Some("mapOf" | "mutableMapOf")) => *group,
                _ => {
                    if let Some(value) = self.template(&value) {
                        self.found.insert(name, value);
                    }
                    continue;
                }
            };
            for entry in self.script.parts(self.script.children(group)) {
                let [key, between, value @ ..] = entry.as_slice() else { continue };
                let is_entry = self.script.is_mark(*between, ':') || self.script.name(*between) == Some("to");
                let key = match self.script.kind(*key) {
                    Some(Kind::Name(key) | Kind::Text { inner: key, .. }) if is_entry => key,
                    _ => continue,
                };
                // Maps in maps are at home in few scripts, and not deep.
                if name.len() < 256 {
                    waiting.push((format!("{name}.{key}"), value.to_vec()));
                }
            }
        }
    }

    /// `set("name", text)`, and Kotlin's `val name by extra(text)`.
    fn call(&mut self, statement: &[usize], prefix: &str) {
        let name_at = |at: usize| statement.get(at).and_then(|index| self.script.name(*index));
        let Some(last) = statement.last() else { return };
        let Some(called) = statement.len().checked_sub(2).and_then(name_at) else { return };
        match (self.script.kind(*last), called) {
            (Some(Kind::Group('(')), "set") => {
                let parts = self.script.parts(self.script.children(*last));
                let [name, value] = parts.as_slice() else { return };
                if let [Some(Kind::Text { inner, .. })] =
                    name.iter().map(|at| self.script.kind(*at)).collect::<Vec<_>>().as_slice()
                {
                    self.set(&format!("{prefix}{inner}"), value);
                }
            }
            (Some(Kind::Group('(' | '{')), "extra") => {
                if let (Some("val" | "var"), Some(name)) = (name_at(0), name_at(1)) {
                    let value: Vec<_> = self.script.parts(self.script.children(*last)).into_iter().flatten().collect();
                    self.set(&format!("{prefix}{name}"), &value);
                }
            }
            _ => {}
        }
    }

    /// `apply from: "script.gradle"`, `apply(from = "script.gradle")`.
    fn apply(&mut self, statement: &[usize]) {
        let script = self.script;
        let arguments = match statement {
            [_, group] if script.kind(*group) == Some(Kind::Group('(')) => script.children(*group),
            [_, rest @ ..] => rest,
            [] => return,
        };
        let [from, _, value @ ..] = arguments else { return };
        if script.name(*from) == Some("from") {
            let value = match value {
                // `rootProject.file("a")` and `file("a")` are what they hold.
                [.., group] if script.kind(*group) == Some(Kind::Group('(')) => script.children(*group),
                value => value,
            };
            self.found.applied.extend(self.template(value));
        }
    }
}
