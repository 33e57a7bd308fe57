//! Which modules the arguments of a dependency name.

use std::collections::HashMap;

use super::super::environment::Resolved;
use super::super::expression::path;
use super::super::script::Kind;
use super::{Finder, Module, Named};
use crate::extractors::libs_versions_toml::catalog::Entry;

/// Calls around a dependency that do not change which it is.
const WRAPPERS: [&str; 7] =
    ["platform", "enforcedPlatform", "create", "variantOf", "testFixtures", "dependency", "strictlyPlatform"];

/// Calls that name no module of a repository.
const LOCAL: [&str; 17] = [
    "project",
    "projects",
    "files",
    "fileTree",
    "gradleApi",
    "gradleTestKit",
    "gradleKotlinDsl",
    "localGroovy",
    "npm",
    "devNpm",
    "peerNpm",
    "zipTree",
    "configurations",
    "layout",
    "rootProject",
    "sourceSets",
    "tasks",
];

/// How many calls may be around a dependency.
const DEPTH_MAX: usize = 8;

impl<'a> Finder<'_, 'a> {
    /// The modules that arguments name.
    pub(super) fn modules(&self, arguments: &[Vec<usize>]) -> Vec<Named> {
        let map = self.map_of(arguments);
        if let Some(name) = map.get("name") {
            let of = |key: &str| map.get(key).cloned().filter(|text| !text.is_empty());
            let (group, version) = (of("group").unwrap_or_default(), of("version"));
            // Without a group it lies in a folder.
            let kind = of("ext").or_else(|| of("type"));
            let module = Module { group, name: name.clone(), version, classifier: of("classifier"), kind };
            return if module.group.is_empty() { Vec::new() } else { vec![Named::Module(module)] };
        }
        let texts: Vec<Option<Resolved>> = arguments.iter().map(|argument| self.resolved(argument)).collect();
        if let [Some(group), Some(name), rest @ ..] = texts.as_slice()
            && rest.len() <= 3
            && !group.text.contains(':')
            && !name.text.contains(':')
            && group.open.is_none()
        {
            // Kotlin takes group, name and version one after the other.
            let version = rest.first().and_then(|version| Some(version.as_ref()?.text.clone()));
            let (group, name) = (group.text.clone(), name.text.clone());
            return vec![Named::Module(Module { group, name, version, ..Module::default() })];
        }
        arguments.iter().flat_map(|argument| self.modules_of(argument)).collect()
    }

    /// `group: 'a', name: 'b'` in Groovy, `group = "a", name = "b"` in Kotlin.
    pub(super) fn map_of(&self, arguments: &[Vec<usize>]) -> HashMap<&'a str, String> {
        let bracketed = match arguments {
            [only] => match only.as_slice() {
                [group] if self.script.kind(*group) == Some(Kind::Group('[')) => {
                    Some(self.script.parts(self.script.children(*group)))
                }
                _ => None,
            },
            _ => None,
        };
        let entries = bracketed.as_deref().unwrap_or(arguments);
        let entry = |argument: &Vec<usize>| {
            let [key, mark, value @ ..] = argument.as_slice() else { return None };
            let is_entry = self.script.is_mark(*mark, ':') || self.script.is_mark(*mark, '=');
            Some((self.script.name(*key).filter(|_| is_entry)?, self.resolved(value)?.text))
        };
        entries.iter().filter_map(entry).collect()
    }

    /// The modules of one argument: a text, a name, a call around them, or a list.
    pub(super) fn modules_of(&self, argument: &[usize]) -> Vec<Named> {
        // `project(":a").sourceSets.main.output`
        let first = argument.first().and_then(|first| self.script.name(*first));
        if first.is_some_and(|first| LOCAL.contains(&first)) {
            let property = path(self.script, argument);
            let is_property =
                property.and_then(|path| path.split('.').next().map(|first| !LOCAL.contains(&first))) == Some(true);
            return if is_property { self.leaf(argument) } else { Vec::new() };
        }
        let mut argument = argument.to_vec();
        for _ in 0..DEPTH_MAX {
            let called = match argument.as_slice() {
                [group] if self.script.kind(*group) == Some(Kind::Group('[')) => {
                    let parts = self.script.parts(self.script.children(*group));
                    let map = self.map_of(&parts);
                    let is_map = map.contains_key("name");
                    return if is_map {
                        self.modules(&parts)
                    } else {
                        parts.iter().flat_map(|part| self.leaf(part)).collect()
                    };
                }
                [.., name, group] if self.script.kind(*group) == Some(Kind::Group('(')) => {
                    self.script.name(*name).map(|name| (name, *group))
                }
                _ => None,
            };
            match called {
                Some((name, _)) if LOCAL.contains(&name) => return Vec::new(),
                Some((name, group)) if WRAPPERS.contains(&name) => {
                    let parts = self.script.parts(self.script.children(group));
                    let map = self.map_of(&parts);
                    if map.contains_key("name") || parts.len() != 1 {
                        return self.modules(&parts);
                    }
                    argument = parts.into_iter().next().unwrap_or_default();
                }
                Some(("kotlin" | "embeddedKotlin", group)) => return self.of_kotlin(group),
                _ => return self.leaf(&argument),
            }
        }
        Vec::new()
    }

    /// `kotlin("stdlib")`, whose version is that of the plugin.
    pub(super) fn of_kotlin(&self, group: usize) -> Vec<Named> {
        let parts = self.script.parts(self.script.children(group));
        let Some(name) = parts.first().and_then(|part| self.resolved(part)) else { return Vec::new() };
        let version = parts.get(1).and_then(|part| Some(self.resolved(part)?.text));
        let (group, name) = ("org.jetbrains.kotlin".to_owned(), format!("kotlin-{}", name.text));
        vec![Named::Module(Module { group, name, version, ..Module::default() })]
    }

    pub(super) fn leaf(&self, argument: &[usize]) -> Vec<Named> {
        let accessor = path(self.script, argument);
        if let Some((catalog, rest)) = accessor.as_deref().and_then(|accessor| accessor.split_once('.')) {
            if catalog == "projects" {
                return Vec::new();
            }
            if let Some(catalog) = self.environment.catalog(catalog) {
                let entries = catalog.libraries_at(rest);
                if entries.is_empty() {
                    return vec![Named::Open(accessor.unwrap_or_default())];
                }
                return entries.into_iter().map(of_catalog).collect();
            }
        }
        match self.resolved(argument) {
            None => vec![Named::Computed],
            Some(Resolved { open: Some(name), .. }) if accessor.is_some() => vec![Named::Open(name)],
            Some(Resolved { text, .. }) => vec![module(&text)],
        }
    }

    /// `version { strictly("1") }` in the closure behind a dependency.
    pub(super) fn rich_version(&self, statement: &[usize]) -> Option<String> {
        let closure = statement.last().filter(|last| self.script.kind(**last) == Some(Kind::Group('{')))?;
        let statements = self.script.statements(self.script.children(*closure));
        let version = statements
            .iter()
            .find(|inner| inner.first().and_then(|first| self.script.name(*first)) == Some("version"))?;
        let closure = version.get(1).filter(|next| self.script.kind(**next) == Some(Kind::Group('{')))?;
        let mut wanted = HashMap::new();
        for inner in self.script.statements(self.script.children(*closure)) {
            if let Some((called, arguments)) = self.call(&inner)
                && let Some(text) = arguments.first().and_then(|argument| self.resolved(argument))
            {
                wanted.insert(called, text.text);
            }
        }
        let firm = wanted.remove("strictly").or_else(|| wanted.remove("require"));
        match (firm, wanted.remove("prefer")) {
            (Some(range), Some(prefer)) if range.contains(['[', '(', ']', '+']) => Some(format!("{range}!!{prefer}")),
            (firm, prefer) => firm.or(prefer),
        }
    }
}

fn of_catalog(entry: &Entry) -> Named {
    let Some((group, name)) = entry.name.split_once(':') else { return Named::Odd(entry.name.clone()) };
    let version = entry.wanted.text().map(str::to_owned);
    Named::Module(Module { group: group.to_owned(), name: name.to_owned(), version, ..Module::default() })
}

/// `group:name:version:classifier@type`, of which only the first two must be there.
fn module(text: &str) -> Named {
    let (plain, kind) = text.rsplit_once('@').map_or((text, None), |(plain, kind)| (plain, Some(kind.to_owned())));
    let parts: Vec<&str> = plain.split(':').map(str::trim).collect();
    let some = |at: usize| parts.get(at).filter(|part| !part.is_empty()).map(|part| (*part).to_owned());
    let (Some(group), Some(name), ..=4) = (some(0), some(1), parts.len()) else { return Named::Odd(text.to_owned()) };
    Named::Module(Module { group, name, version: some(2), classifier: some(3), kind })
}
