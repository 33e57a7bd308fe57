//! What one pom says, before anything is inherited or resolved.

/// A pom. Profiles that are active by default are part of `main` already.
#[derive(Debug, Default)]
pub(super) struct Pom {
    pub(super) id: Coordinates,
    pub(super) packaging: Option<String>,
    /// Where its artefact is named.
    pub(super) offset: usize,
    pub(super) licenses: Vec<String>,
    pub(super) parent: Option<Parent>,
    pub(super) main: Section,
}

impl Pom {
    /// Its group, of its own or its parent's, as it is written.
    pub(super) fn group_id(&self) -> Option<&str> {
        let parents = || self.parent.as_ref()?.id.group_id.as_deref();
        self.id.group_id.as_deref().or_else(parents)
    }

    /// Its version, of its own or its parent's, as it is written.
    pub(super) fn version(&self) -> Option<&str> {
        let parents = || self.parent.as_ref()?.id.version.as_deref();
        self.id.version.as_deref().or_else(parents)
    }

    /// Whether it can be the pom that is `wanted`. What only properties can tell is given the benefit
    /// of the doubt.
    pub(super) fn may_be(&self, wanted: &Coordinates) -> bool {
        let agree = |own: Option<&str>, wanted: &Option<String>| match (own, wanted.as_deref()) {
            (Some(own), Some(wanted)) => {
                own == wanted || own.contains("${") || wanted.contains("${") || wanted.starts_with(['[', '('])
            }
            // Maven 4 lets a parent's coordinates be left out where its path tells them.
            (own, None) => own.is_some(),
            (None, Some(_)) => false,
        };
        agree(self.group_id(), &wanted.group_id)
            && agree(self.id.artifact_id.as_deref(), &wanted.artifact_id)
            && agree(self.version(), &wanted.version)
    }
}

/// What names an artefact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Coordinates {
    pub(super) group_id: Option<String>,
    pub(super) artifact_id: Option<String>,
    pub(super) version: Option<String>,
}

impl std::fmt::Display for Coordinates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "?".to_owned());
        write!(f, "{}:{}:{}", part(&self.group_id), part(&self.artifact_id), part(&self.version))
    }
}

/// The `parent` element.
#[derive(Debug, Default)]
pub(super) struct Parent {
    pub(super) id: Coordinates,
    /// Empty where it says that the parent is not in the file system.
    pub(super) relative_path: Option<String>,
    pub(super) offset: usize,
}

/// What both a project and each of its profiles may have.
#[derive(Debug, Default)]
pub(super) struct Section {
    pub(super) properties: Vec<(String, String)>,
    pub(super) dependencies: Vec<Dependency>,
    pub(super) managed: Vec<Dependency>,
    pub(super) modules: Vec<String>,
}

impl Section {
    /// Adds what an active profile has. It comes last, and so wins.
    pub(super) fn extend(&mut self, profile: Self) {
        self.properties.extend(profile.properties);
        self.dependencies.extend(profile.dependencies);
        self.managed.splice(0..0, profile.managed);
        self.modules.extend(profile.modules);
    }
}

/// A `dependency` element.
#[derive(Debug, Default)]
pub(super) struct Dependency {
    pub(super) id: Coordinates,
    pub(super) kind: Option<String>,
    pub(super) classifier: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) optional: Option<String>,
    pub(super) system_path: Option<String>,
    /// Where it is named.
    pub(super) offset: usize,
}

impl Dependency {
    /// Whether it stands for the managed dependencies of another pom.
    pub(super) fn is_import(&self) -> bool {
        self.scope.as_deref() == Some("import") && self.kind.as_deref() == Some("pom")
    }
}
