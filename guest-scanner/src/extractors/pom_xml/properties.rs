//! Expressions, `${name}`, and what they stand for.
//!
//! Maven looks first at the project itself (`project.version`, in old poms `pom.version`), then at
//! the properties, then at the project again for names without the prefix. An expression ends at the
//! first `}`: one within another, `${a${b}}`, means nothing to Maven either.

use std::collections::HashMap;
use std::fmt;

use fumehood_contract::ProblemKind;
use fumehood_contract::limits::FIELD_BYTES_MAX;

use super::model::Pom;

/// How many properties may lead to each other. Real poms have less than ten.
const DEPTH_MAX: usize = 64;

/// Why a text could not be resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Open {
    /// Nothing is called so: a remote parent's, or of the environment.
    Unknown(String),
    /// It needs itself.
    Circular(String),
    /// It becomes longer than any field may be.
    TooLong,
    /// Too many properties lead to each other.
    TooDeep,
}

impl Open {
    pub(super) fn kind(&self) -> ProblemKind {
        match self {
            Self::Unknown(_) | Self::Circular(_) => ProblemKind::Unresolved,
            Self::TooLong | Self::TooDeep => ProblemKind::OverLimit,
        }
    }
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(f, "nothing in the repository says what ${{{name}}} is"),
            Self::Circular(name) => write!(f, "${{{name}}} needs itself"),
            Self::TooLong => write!(f, "it becomes longer than {FIELD_BYTES_MAX} bytes"),
            Self::TooDeep => write!(f, "more than {DEPTH_MAX} properties lead to each other"),
        }
    }
}

/// What expressions mean in one project. Each is worked out once, and no longer than a field may be,
/// so that nothing can grow beyond the size of the poms.
pub(super) struct Properties<'a> {
    values: HashMap<&'a str, &'a str>,
    project: HashMap<&'static str, &'a str>,
    /// `None` while it is being worked out.
    known: HashMap<String, Option<Result<String, Open>>>,
}

impl<'a> Properties<'a> {
    /// Those of the first of `lineage`; its parents follow.
    pub(super) fn new(lineage: &[&'a Pom]) -> Self {
        let mut values = HashMap::new();
        for pom in lineage.iter().rev() {
            values.extend(pom.main.properties.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        }
        let mut project = HashMap::new();
        let mut put = |name, value: Option<&'a str>| {
            if let Some(value) = value {
                project.insert(name, value);
            }
        };
        put("groupId", lineage.iter().find_map(|pom| pom.group_id()));
        put("version", lineage.iter().find_map(|pom| pom.version()));
        if let Some(own) = lineage.first() {
            put("artifactId", own.id.artifact_id.as_deref());
            put("packaging", own.packaging.as_deref().or(Some("jar")));
            let parent = own.parent.as_ref().map(|parent| &parent.id);
            put("parent.groupId", parent.and_then(|id| id.group_id.as_deref()));
            put("parent.artifactId", parent.and_then(|id| id.artifact_id.as_deref()));
            put("parent.version", parent.and_then(|id| id.version.as_deref()));
        }
        Self { values, project, known: HashMap::new() }
    }

    /// What the project itself says: `groupId`, `version`.
    pub(super) fn of_project(&mut self, field: &str) -> Option<Result<String, Open>> {
        let text = *self.project.get(field)?;
        Some(self.resolve(text))
    }

    /// `text` with all its expressions replaced.
    pub(super) fn resolve(&mut self, text: &str) -> Result<String, Open> {
        self.resolve_at(text, 0)
    }

    fn resolve_at(&mut self, text: &str, depth: usize) -> Result<String, Open> {
        if text.len() > FIELD_BYTES_MAX {
            return Err(Open::TooLong);
        }
        let mut resolved = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or_else(|| Open::Unknown(after.to_owned()))?;
            resolved.push_str(before);
            resolved.push_str(&self.value(name, depth)?);
            if resolved.len() > FIELD_BYTES_MAX {
                return Err(Open::TooLong);
            }
            rest = after;
        }
        resolved.push_str(rest);
        if resolved.len() > FIELD_BYTES_MAX { Err(Open::TooLong) } else { Ok(resolved) }
    }

    fn value(&mut self, name: &str, depth: usize) -> Result<String, Open> {
        if depth >= DEPTH_MAX {
            return Err(Open::TooDeep);
        }
        match self.known.get(name) {
            Some(Some(known)) => return known.clone(),
            Some(None) => return Err(Open::Circular(name.to_owned())),
            None => {}
        }
        let raw = self.raw(name).ok_or_else(|| Open::Unknown(name.to_owned()))?;
        self.known.insert(name.to_owned(), None);
        let resolved = self.resolve_at(raw, depth + 1);
        self.known.insert(name.to_owned(), Some(resolved.clone()));
        resolved
    }

    fn raw(&self, name: &str) -> Option<&'a str> {
        let field = name.strip_prefix("project.").or_else(|| name.strip_prefix("pom."));
        let of_project = |field| self.project.get(field).copied();
        field.and_then(of_project).or_else(|| self.values.get(name).copied()).or_else(|| of_project(name))
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::Pom;
    use super::{DEPTH_MAX, Open, Properties};

    fn with(properties: &[(&str, &str)]) -> Pom {
        let mut pom = Pom::default();
        pom.id.version = Some("1.0".to_owned());
        pom.main.properties = properties.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        pom
    }

    fn resolve(properties: &[(&str, &str)], text: &str) -> Result<String, Open> {
        Properties::new(&[&with(properties)]).resolve(text)
    }

    #[test]
    fn names_are_looked_up_as_maven_does() {
        let properties = [("version", "own"), ("project.version", "never"), ("a", "${b}.1"), ("b", "2"), ("b", "3")];
        assert_eq!(resolve(&properties, "${project.version} ${version} ${a}").as_deref(), Ok("1.0 own 3.1"));
        assert_eq!(resolve(&[], "${pom.version}-${version}").as_deref(), Ok("1.0-1.0"));
        assert_eq!(resolve(&properties, "${a${b}}"), Err(Open::Unknown("a${b".to_owned())));
        assert_eq!(resolve(&properties, "${a"), Err(Open::Unknown("a".to_owned())));
    }

    #[test]
    fn loops_and_growth_end() {
        let circular = [("a", "${b}${b}"), ("b", "${a}${a}")];
        assert_eq!(resolve(&circular, "${a}"), Err(Open::Circular("a".to_owned())));
        assert_eq!(
            resolve(&[("project.x", "${project.x}")], "${project.x}"),
            Err(Open::Circular("project.x".to_owned()))
        );
        let mut doubling = vec![("p0".to_owned(), "lol".to_owned())];
        doubling.extend((1..60).map(|n| (format!("p{n}"), format!("${{p{0}}}${{p{0}}}", n - 1))));
        let doubling: Vec<_> = doubling.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(resolve(&doubling, "${p59}"), Err(Open::TooLong));
        let chain: Vec<_> = (0..=DEPTH_MAX).map(|n| (format!("p{n}"), format!("${{p{}}}", n + 1))).collect();
        let chain: Vec<_> = chain.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(resolve(&chain, "${p0}"), Err(Open::TooDeep));
    }
}
