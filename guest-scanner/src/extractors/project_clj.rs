//! `project.clj`, the manifest of Leiningen, the build tool of Clojure.
//!
//! Format: <https://codeberg.org/leiningen/leiningen/src/branch/main/sample.project.clj>. It is a
//! program: nothing of it is run. Texts that are given a name with `def` are known by it; whatever else
//! computes a version leaves it open. The versions that the project itself names are what is taken
//! unless it is said otherwise. What a profile adds is wanted where the profile is active, which is up
//! to whoever runs something: its versions are reported as requirements.

use std::collections::HashMap;

use fumehood_contract::{ProblemKind, Relation, Scope};

use crate::clojure::{self, is_library, scope_of};
use crate::edn::{self, Forms, Ref, pairs};
use crate::extractor::{Extractor, Pattern};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `project.clj`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "project-clj",
    ecosystem: "Clojure",
    files: &[Pattern::Name("project.clj")],
    companions: &[],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    let (forms, stop) = edn::read(source.text());
    if let Some(stop) = stop {
        records.problem(ProblemKind::Unparsable, Some(source.line_at(stop.offset())), &stop.to_string());
    }
    let project = forms.top().find(|form| is_call(*form, "defproject"));
    let Some(project) = project.and_then(Ref::list) else {
        if stop.is_none() {
            records.problem(ProblemKind::Unparsable, Some(1), "the file has no defproject");
        }
        return;
    };
    // Behind the word itself come the name and the version.
    let settings: Vec<_> = pairs(project.skip(3)).collect();
    let mut report = Report { source, records, constants: constants(&forms), managed: HashMap::new() };
    for (_, value) in settings.iter().filter(|(key, _)| key.word() == Some(":managed-dependencies")) {
        report.manage(*value);
    }
    for (key, value) in settings {
        match key.word() {
            Some(":profiles") => report.profiles(value),
            Some(key) => report.setting(key, value, None),
            None => {}
        }
    }
}

fn is_call(form: Ref<'_, '_>, name: &str) -> bool {
    form.list().is_some_and(|mut items| items.next().and_then(Ref::word) == Some(name))
}

/// The texts that `(def name "text")` names.
fn constants(forms: &Forms<'_>) -> HashMap<String, String> {
    let definitions = forms.top().filter(|form| is_call(*form, "def"));
    let constant = |form: Ref<'_, '_>| {
        let mut items = form.list()?.skip(1);
        // A text between the name and the value describes it.
        let (name, value) = (items.next()?.word()?, items.last()?.text()?);
        Some((name.to_owned(), value.to_owned()))
    };
    definitions.filter_map(constant).collect()
}

struct Report<'a, 'r> {
    source: &'a Source<'a>,
    records: &'r mut Records,
    constants: HashMap<String, String>,
    /// The versions of `:managed-dependencies`, which ask for nothing themselves.
    managed: HashMap<String, String>,
}

/// A version, as far as it can be told.
enum Wanted<'f> {
    Text(&'f str),
    Nothing,
    /// It is computed.
    Open,
}

impl Report<'_, '_> {
    fn manage(&mut self, list: Ref<'_, '_>) {
        for mut entry in list.vector().into_iter().flatten().filter_map(Ref::vector) {
            let name = entry.next().and_then(|name| name.word().or(name.text()));
            let version = entry.next().and_then(|version| match self.wanted(version) {
                Wanted::Text(text) => Some(text.to_owned()),
                Wanted::Nothing | Wanted::Open => None,
            });
            if let (Some(name), Some(version)) = (name, version) {
                self.managed.insert(name.to_owned(), version);
            }
        }
    }

    /// A profile is a map of settings, or a vector of profiles, of which some go by their names.
    fn profiles(&mut self, profiles: Ref<'_, '_>) {
        for (name, profile) in profiles.map().into_iter().flatten() {
            let scope = scope_of(name.word().unwrap_or_default());
            let parts = profile.vector().into_iter().flatten().chain([profile]);
            for (key, value) in parts.filter_map(Ref::map).flatten() {
                self.setting(key.word().unwrap_or_default(), value, Some(scope));
            }
        }
    }

    fn setting(&mut self, key: &str, value: Ref<'_, '_>, profile: Option<Scope>) {
        let scope = match key {
            ":dependencies" | ":java-agents" => profile.unwrap_or_default(),
            ":plugins" => profile.map_or(Scope::Build, |_| Scope::Dev),
            _ => return,
        };
        let line = Some(self.source.line_at(value.offset()));
        let Some(entries) = value.vector() else {
            let message = format!("{key} is computed, which is not done here");
            return self.records.problem(ProblemKind::Unresolved, line, &message);
        };
        for entry in entries {
            self.dependency(entry, scope, profile.is_none());
        }
    }

    /// `[group/artifact "version" :key value …]`.
    fn dependency(&mut self, entry: Ref<'_, '_>, scope: Scope, is_certain: bool) {
        let line = Some(self.source.line_at(entry.offset()));
        let mut items = entry.vector().into_iter().flatten();
        let name = items.next().and_then(|name| name.word().or(name.text())).filter(|name| is_library(name));
        let Some(name) = name else {
            let message = "an entry of the dependencies is no vector that begins with the name of a library";
            return self.records.problem(ProblemKind::BadEntry, line, message);
        };
        let rest: Vec<_> = items.collect();
        let first = rest.first().filter(|first| first.word().is_none_or(|word| !word.starts_with(':')));
        let options: Vec<_> = pairs(rest.iter().skip(usize::from(first.is_some()))).collect();
        let option =
            |wanted: &str| options.iter().find(|(key, _)| key.word() == Some(wanted)).map(|(_, value)| **value);
        let managed = || self.managed.get(name).map(String::as_str);
        let version = match first.map_or(Wanted::Nothing, |first| self.wanted(*first)) {
            Wanted::Text(text) => Some(text),
            Wanted::Nothing => managed(),
            Wanted::Open => {
                let message = format!("the version of {name} is computed, which is not done here");
                self.records.problem(ProblemKind::Unresolved, line, &message);
                None
            }
        };
        let text = |key| option(key).and_then(Ref::text).filter(|text| !text.is_empty());
        let qualifiers =
            [("classifier", text(":classifier")), ("type", text(":extension").filter(|kind| *kind != "jar"))];
        let qualifiers: Vec<_> = qualifiers.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        let mut package = clojure::package(name, version, is_certain, &qualifiers);
        package.line = line;
        package.relation = Relation::Direct;
        package.scope = match text(":scope") {
            Some("test") => Scope::Test,
            Some("provided" | "system") => Scope::Build,
            _ if option(":optional").and_then(Ref::word) == Some("true") => Scope::Optional,
            _ => scope,
        };
        self.records.package(package);
    }

    fn wanted<'f>(&'f self, version: Ref<'f, '_>) -> Wanted<'f> {
        match (version.text(), version.word()) {
            (Some(text), _) => Wanted::Text(text),
            (None, Some("nil")) => Wanted::Nothing,
            (None, Some(word)) => self.constants.get(word).map_or(Wanted::Open, |text| Wanted::Text(text)),
            (None, None) => Wanted::Open,
        }
    }
}
