//! What a forge has: projects in namespaces, and who may see them.

use std::collections::BTreeMap;

use super::http::Seen;
use super::repository::History;

/// A project. Its repository is empty as long as there is no history.
#[derive(Default)]
pub(crate) struct Project {
    pub(crate) id: u64,
    pub(crate) path: String,
    pub(crate) archived: bool,
    pub(crate) fork: bool,
    pub(crate) history: Option<History>,
    pub(crate) token: Option<String>,
}

/// A group, an organisation or a person.
#[derive(Default)]
pub(crate) struct Namespace {
    pub(crate) id: u64,
    pub(crate) path: String,
    pub(crate) person: bool,
    pub(crate) token: Option<String>,
}

#[derive(Default)]
pub(crate) struct Catalogue {
    projects: BTreeMap<String, Project>,
    namespaces: BTreeMap<String, Namespace>,
    /// Tokens of people who may see what everybody may.
    pub(crate) tokens: Vec<String>,
    last_id: u64,
}

impl Catalogue {
    /// The project of that path, made if need be with the namespaces above it.
    pub(crate) fn project(&mut self, path: &str) -> &mut Project {
        let (namespace, _) = path.rsplit_once('/').expect("a project stands in a namespace");
        self.namespace(namespace);
        let last_id = &mut self.last_id;
        self.projects.entry(path.to_owned()).or_insert_with(|| {
            *last_id += 1;
            Project { id: *last_id, path: path.to_owned(), ..Project::default() }
        })
    }

    /// The namespace of that path, made if need be with those above it.
    pub(crate) fn namespace(&mut self, path: &str) -> &mut Namespace {
        if let Some((above, _)) = path.rsplit_once('/') {
            self.namespace(above);
        }
        let last_id = &mut self.last_id;
        self.namespaces.entry(path.to_owned()).or_insert_with(|| {
            *last_id += 1;
            Namespace { id: *last_id, path: path.to_owned(), ..Namespace::default() }
        })
    }

    pub(crate) fn find(&self, path: &str) -> Option<&Project> {
        self.projects.get(path)
    }

    /// A project that the request may see, by its path or its number.
    pub(crate) fn visible_project(&self, path_or_id: &str, seen: &Seen) -> Option<&Project> {
        let named = |project: &&Project| project.path == path_or_id || project.id.to_string() == path_or_id;
        self.projects.values().find(named).filter(|project| self.may_see(&project.path, seen))
    }

    /// A namespace that the request may see, by its path or its number.
    pub(crate) fn visible_namespace(&self, path_or_id: &str, seen: &Seen) -> Option<&Namespace> {
        let named = |namespace: &&Namespace| namespace.path == path_or_id || namespace.id.to_string() == path_or_id;
        self.namespaces.values().find(named).filter(|namespace| self.may_see(&namespace.path, seen))
    }

    /// The projects directly in a namespace, or anywhere below it, that the request may see; by number.
    pub(crate) fn visible_below(&self, namespace: &str, deep: bool, seen: &Seen) -> Vec<&Project> {
        let below = |project: &&Project| {
            let name = project.path.strip_prefix(namespace).and_then(|rest| rest.strip_prefix('/'));
            name.is_some_and(|name| deep || !name.contains('/'))
        };
        let mut found: Vec<_> = self.projects.values().filter(below).collect();
        found.retain(|project| self.may_see(&project.path, seen));
        found.sort_unstable_by_key(|project| project.id);
        found
    }

    /// Whether every token that guards the path or what is above it is shown.
    pub(crate) fn may_see(&self, path: &str, seen: &Seen) -> bool {
        let shown = seen.credentials();
        let open = |token: Option<&String>| token.is_none_or(|token| shown.contains(token));
        let above = path.match_indices('/').map(|(end, _)| &path[..end]).chain([path]);
        let namespaces = above.filter_map(|path| self.namespaces.get(path)).map(|found| found.token.as_ref());
        namespaces.chain(self.projects.get(path).map(|found| found.token.as_ref())).all(open)
    }

    /// Whether the request shows a token that nobody was given: the APIs refuse it, whatever is asked.
    pub(crate) fn shows_a_wrong_token(&self, seen: &Seen) -> bool {
        let projects = self.projects.values().filter_map(|project| project.token.as_ref());
        let known = projects.chain(self.namespaces.values().filter_map(|found| found.token.as_ref()));
        let known: Vec<_> = known.chain(&self.tokens).collect();
        seen.credentials().iter().any(|token| !known.contains(&token))
    }
}
