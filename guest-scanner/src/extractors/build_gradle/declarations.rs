//! What a build script declares: dependencies, plugins, and versions for others.

mod modules;
mod plugins;

use std::collections::HashMap;

use super::environment::{Environment, Resolved};
use super::expression::{only_text, template};
use super::script::{Kind, Script};
use crate::extractors::gradle_lockfile::configuration::{Configuration, is_of_tests, kind};
use crate::maven::is_id;

/// A dependency or plugin.
#[derive(Debug)]
pub(super) struct Declared {
    pub(super) what: Named,
    pub(super) configuration: String,
    /// It is for the build itself.
    pub(super) is_build: bool,
    /// It stands in a block that is for tests.
    pub(super) is_test: bool,
    pub(super) offset: usize,
}

/// What is declared.
#[derive(Debug)]
pub(super) enum Named {
    Module(Module),
    Plugin {
        id: String,
        version: Option<String>,
    },
    /// A name that means nothing here.
    Open(String),
    /// It is computed.
    Computed,
    /// A text that names no module.
    Odd(String),
}

/// A module, as far as it is known; what is not holds `${…}`.
#[derive(Clone, Debug, Default)]
pub(super) struct Module {
    pub(super) group: String,
    pub(super) name: String,
    pub(super) version: Option<String>,
    pub(super) classifier: Option<String>,
    pub(super) kind: Option<String>,
}

/// All that a script declares.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// In the order of the file.
    pub(super) declared: Vec<Declared>,
    /// The versions of `group:name` that constraints and plugins manage.
    pub(super) managed: HashMap<String, String>,
    pub(super) is_over_limit: bool,
}

/// What a block is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    Outer,
    Plugins,
    Dependencies,
    Constraints,
    /// Of Spring's plugin for the management of dependencies.
    Management,
    Imports,
    Managed,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    block: Block,
    is_build: bool,
    is_test: bool,
}

/// What may begin a statement among dependencies that declares none itself.
const CONTROL: [&str; 8] = ["if", "else", "for", "while", "try", "finally", "all", "each"];

/// What one script may declare: a bundle of a catalog may be large, and named often.
const DECLARED_MAX: usize = 100_000;

/// Finds all of it, in whatever blocks.
pub(super) fn find(script: &Script<'_>, is_kotlin: bool, environment: &Environment<'_>) -> Found {
    let mut finder = Finder { script, is_kotlin, environment, found: Found::default() };
    let outer = Place { block: Block::Outer, is_build: false, is_test: false };
    let mut waiting = vec![(script.top.as_slice(), outer)];
    while let Some((block, place)) = waiting.pop() {
        for statement in script.statements(block) {
            finder.statement(&statement, place);
            for (at, index) in statement.iter().enumerate() {
                if script.kind(*index) == Some(Kind::Group('{'))
                    && let Some(inside) = finder.inside(&statement, at, place)
                {
                    waiting.push((script.children(*index), inside));
                }
            }
        }
    }
    finder.found.declared.sort_by_key(|declared| declared.offset);
    finder.found
}

struct Finder<'s, 'a> {
    script: &'s Script<'a>,
    is_kotlin: bool,
    environment: &'s Environment<'s>,
    found: Found,
}

impl<'a> Finder<'_, 'a> {
    /// What the block at `at` of a statement is for; `None` if nothing is declared in it.
    fn inside(&self, statement: &[usize], at: usize, place: Place) -> Option<Place> {
        // What is called stands near its block.
        let near = statement.get(at.saturating_sub(12)..at).unwrap_or_default();
        let names: Vec<&str> = near.iter().filter_map(|index| self.script.name(*index)).collect();
        let called = names.last().copied().unwrap_or_default();
        let texts = near.iter().filter_map(|index| only_text(self.script, *index));
        let is_test = place.is_test || names.iter().copied().chain(texts).any(is_of_tests);
        let is_build = place.is_build || called == "buildscript" || names.first() == Some(&"buildscript");
        let block = match (place.block, called) {
            (Block::Outer, "dependencies") => Block::Dependencies,
            (Block::Outer, "plugins") => Block::Plugins,
            (Block::Outer, "dependencyManagement") => Block::Management,
            // Poms are written there, with dependencies of their own.
            (Block::Outer, "withXml" | "pom") => return None,
            (Block::Outer, _) => Block::Outer,
            (Block::Dependencies, "constraints") => Block::Constraints,
            (Block::Management, "imports") => Block::Imports,
            (Block::Management, "dependencies") => Block::Managed,
            (Block::Management, _) => Block::Management,
            (block @ (Block::Dependencies | Block::Constraints | Block::Plugins), _)
                if names.first().is_some_and(|first| CONTROL.contains(first)) || CONTROL.contains(&called) =>
            {
                block
            }
            _ => return None,
        };
        Some(Place { block, is_build, is_test: is_test && !is_build })
    }

    fn statement(&mut self, statement: &[usize], place: Place) {
        match place.block {
            Block::Outer | Block::Management => {}
            Block::Plugins => self.plugin(statement),
            Block::Dependencies => self.dependency(statement, place),
            Block::Constraints | Block::Managed => self.manage(statement),
            Block::Imports => {
                if statement.first().and_then(|first| self.script.name(*first)) == Some("mavenBom") {
                    self.dependency(statement, place);
                }
            }
        }
    }

    /// `configuration "group:name:version"`, and all its other forms.
    fn dependency(&mut self, statement: &[usize], place: Place) {
        if self.found.declared.len() >= DECLARED_MAX {
            self.found.is_over_limit = true;
            return;
        }
        let Some((configuration, mut arguments)) = self.call(statement) else { return };
        let mut configuration = configuration.to_owned();
        if configuration == "add" && arguments.len() > 1 {
            let named = arguments.remove(0);
            configuration = self.resolved(&named).map(|resolved| resolved.text).unwrap_or_default();
        }
        let Some(offset) = statement.first().map(|first| self.script.offset(*first)) else { return };
        let mut modules = self.modules(&arguments);
        if modules.is_empty() && is_known(&configuration) {
            return;
        }
        if let Some(version) = self.rich_version(statement) {
            for module in &mut modules {
                if let Named::Module(module) = module {
                    module.version = Some(version.clone());
                }
            }
        }
        for what in modules {
            // Of other names we only believe what looks like a module.
            let is_module = matches!(&what, Named::Module(module) if is_id(&module.group) && is_id(&module.name));
            if is_module || is_known(&configuration) {
                let (is_build, is_test) = (place.is_build, place.is_test);
                self.found.declared.push(Declared {
                    what,
                    configuration: configuration.clone(),
                    is_build,
                    is_test,
                    offset,
                });
            }
        }
    }

    /// The versions of constraints, and of `dependency` and `dependencySet` in Spring's plugin.
    fn manage(&mut self, statement: &[usize]) {
        let Some((called, arguments)) = self.call(statement) else { return };
        let mut modules = self.modules(&arguments);
        if called == "dependencySet" {
            let set = self.map_of(&arguments);
            let entries = statement.last().map(|last| self.script.statements(self.script.children(*last)));
            modules = entries
                .into_iter()
                .flatten()
                .filter_map(|entry| {
                    let (_, names) = self.call(&entry).filter(|(called, _)| *called == "entry")?;
                    let name = self.resolved(names.first()?)?.text;
                    let (group, version) = (set.get("group")?.clone(), set.get("version").cloned());
                    Some(Named::Module(Module { group, name, version, ..Module::default() }))
                })
                .collect();
        }
        let rich = self.rich_version(statement);
        for module in modules {
            if let Named::Module(module) = module
                && let Some(version) = rich.clone().or(module.version)
            {
                self.found.managed.insert(format!("{}:{}", module.group, module.name), version);
            }
        }
    }

    /// What is called, and with what; a closure behind it is left out.
    fn call(&self, statement: &[usize]) -> Option<(&'a str, Vec<Vec<usize>>)> {
        let (first, rest) = statement.split_first()?;
        let called = match self.script.kind(*first)? {
            Kind::Name(name) | Kind::Text { inner: name, .. } => name,
            Kind::Group(_) | Kind::Mark(_) | Kind::Newline => return None,
        };
        let closure = rest.iter().position(|index| self.script.kind(*index) == Some(Kind::Group('{')));
        let rest = rest.get(..closure.unwrap_or(rest.len()))?;
        match rest {
            [group] if self.script.kind(*group) == Some(Kind::Group('(')) => {
                Some((called, self.script.parts(self.script.children(*group))))
            }
            // A sum that begins with a bracket.
            [] => None,
            [next, ..] if matches!(self.script.kind(*next), Some(Kind::Mark('.' | '=' | '-'))) => None,
            rest => Some((called, self.script.parts(rest))),
        }
    }

    fn resolved(&self, expression: &[usize]) -> Option<Resolved> {
        template(self.script, expression, self.is_kotlin).map(|template| self.environment.resolve(&template))
    }
}

/// Whether it is the name of a configuration, by its usual endings.
fn is_known(configuration: &str) -> bool {
    let lower = configuration.to_ascii_lowercase();
    let endings = ["implementation", "api", "compile", "runtime", "provided", "desugaring", "mavenbom"];
    kind(configuration) != Configuration::Other || endings.iter().any(|ending| lower.ends_with(ending))
}
