//! `dependencyManagement`: the versions and scopes of dependencies that do not say their own.
//!
//! The nearest pom of the lineage wins; after all of them come the imported poms, in their order,
//! each with its own lineage, its own properties and its own imports.

use std::collections::{HashMap, HashSet};

use super::model::{Coordinates, Dependency, Pom};
use super::properties::{Open, Properties};
use super::repository::{Lineage, Repository};

/// What a dependency is known by: group, artefact, type and classifier.
pub(super) type Key = (String, String, String, String);

/// What is managed of a dependency.
#[derive(Clone, Debug)]
pub(super) struct Managed {
    /// As it is written, and what comes out.
    pub(super) version: Option<(String, Result<String, Open>)>,
    pub(super) scope: Option<String>,
}

/// The entries that are looked at for one pom, with all that it imports.
const ENTRIES_MAX: usize = 200_000;

/// All that is managed for one pom.
#[derive(Default)]
pub(super) struct Management {
    entries: HashMap<Key, Managed>,
    /// Imported poms that are not in the repository.
    pub(super) missing: Vec<Coordinates>,
    entries_seen: usize,
}

impl Management {
    /// That of the first of `lineage`. Every pom is imported once at most, so circles end.
    pub(super) fn of(lineage: &Lineage, properties: &mut Properties<'_>, repository: &mut Repository<'_>) -> Self {
        let mut management = Self::default();
        let mut waiting = management.add(&lineage.poms(), properties);
        waiting.reverse();
        let (mut seen, mut added) = (HashSet::new(), HashSet::new());
        while let Some(wanted) = waiting.pop() {
            if !seen.insert(wanted.clone()) {
                continue;
            }
            let Some(found) = repository.find(&wanted, lineage) else {
                management.missing.push(wanted);
                continue;
            };
            if !added.insert(found.path.clone()) {
                continue;
            }
            let imported = repository.lineage(found);
            let poms = imported.poms();
            let further = management.add(&poms, &mut Properties::new(&poms));
            waiting.extend(further.into_iter().rev());
            management.missing.extend(imported.missing().cloned());
        }
        management
    }

    /// Whether entries were passed over because there are too many.
    pub(super) fn is_over_limit(&self) -> bool {
        self.entries_seen > ENTRIES_MAX
    }

    pub(super) fn get(&self, key: &Key) -> Option<&Managed> {
        self.entries.get(key)
    }

    /// Adds what is not yet known, and gives the imports.
    fn add(&mut self, lineage: &[&Pom], properties: &mut Properties<'_>) -> Vec<Coordinates> {
        let mut imports = Vec::new();
        for dependency in lineage.iter().flat_map(|pom| &pom.main.managed) {
            self.entries_seen += 1;
            if self.is_over_limit() {
                break;
            }
            // One that cannot be named manages nothing that we could name.
            let Ok(key) = key(dependency, properties) else { continue };
            let version = dependency.id.version.as_ref().map(|raw| (raw.clone(), properties.resolve(raw)));
            if dependency.is_import() {
                let version = version.map(|(raw, resolved)| resolved.unwrap_or(raw));
                imports.push(Coordinates { group_id: Some(key.0), artifact_id: Some(key.1), version });
            } else {
                let scope = dependency.scope.as_ref().and_then(|scope| properties.resolve(scope).ok());
                self.entries.entry(key).or_insert(Managed { version, scope });
            }
        }
        imports
    }
}

/// What `dependency` is known by. A classifier that cannot be told stays as it is written: it is the
/// same text where it is managed.
pub(super) fn key(dependency: &Dependency, properties: &mut Properties<'_>) -> Result<Key, Open> {
    let mut optional = |text: &Option<String>, default: &str| match text {
        Some(text) => properties.resolve(text).unwrap_or_else(|_| text.clone()),
        None => default.to_owned(),
    };
    let (kind, classifier) = (optional(&dependency.kind, "jar"), optional(&dependency.classifier, ""));
    let mut required = |text: &Option<String>| properties.resolve(text.as_deref().unwrap_or_default());
    Ok((required(&dependency.id.group_id)?, required(&dependency.id.artifact_id)?, kind, classifier))
}
