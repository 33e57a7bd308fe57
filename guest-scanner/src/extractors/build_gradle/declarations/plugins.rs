//! The plugins that a script applies.

use super::super::expression::path;
use super::super::script::Kind;
use super::{Declared, Finder, Named};
use crate::maven::is_id;

impl Finder<'_, '_> {
    /// `id("a") version "1"`, `kotlin("jvm") version "1"`, `alias(libs.plugins.a)`.
    pub(super) fn plugin(&mut self, statement: &[usize]) {
        let [called, rest @ ..] = statement else { return };
        let offset = self.script.offset(*called);
        let arguments = match rest {
            [group, ..] if self.script.kind(*group) == Some(Kind::Group('(')) => self.script.children(*group),
            [text, ..] => std::slice::from_ref(text),
            [] => return,
        };
        let at = statement.iter().position(|index| self.script.name(*index) == Some("version"));
        let version = at.and_then(|at| {
            let value = match statement.get(at + 1..)? {
                [group, ..] if self.script.kind(*group) == Some(Kind::Group('(')) => self.script.children(*group),
                // `apply false` and the like may follow.
                rest => rest.split(|index| self.script.name(*index) == Some("apply")).next()?,
            };
            Some(self.resolved(value)?.text)
        });
        let what = match self.script.name(*called) {
            Some("id") => self.resolved(arguments).map(|id| Named::Plugin { id: id.text, version }),
            Some("kotlin") => self
                .resolved(arguments)
                .map(|id| Named::Plugin { id: format!("org.jetbrains.kotlin.{}", id.text), version }),
            Some("alias") => path(self.script, arguments).map(|accessor| self.alias(&accessor, version)),
            _ => None,
        };
        let what = match what {
            // Gradle's own, or one of this build: others have their version somewhere, and are reported there.
            Some(Named::Plugin { version: None, .. }) if self.script.name(*called) != Some("alias") => return,
            Some(Named::Plugin { id, .. }) if !is_id(&id) => Named::Odd(id),
            Some(what) => what,
            None => return,
        };
        self.found.declared.push(Declared {
            what,
            configuration: String::new(),
            is_build: true,
            is_test: false,
            offset,
        });
    }

    fn alias(&self, accessor: &str, version: Option<String>) -> Named {
        let found = accessor.split_once('.').and_then(|(catalog, rest)| {
            let catalog = self.environment.catalog(catalog)?;
            let entry = catalog.plugin_at(rest.strip_prefix("plugins.")?)?;
            let version = version.or_else(|| entry.wanted.text().map(str::to_owned));
            Some(Named::Plugin { id: entry.name.clone(), version })
        });
        found.unwrap_or_else(|| Named::Open(accessor.to_owned()))
    }
}
