//! Which repositories of a group are wanted.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::expand::Found;

/// Everything, unless it says less. Repositories without a commit are never wanted: there is nothing in them.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    include: Option<GlobSet>,
    exclude: Option<GlobSet>,
    no_archived: bool,
    no_forks: bool,
}

impl Filter {
    /// Globs are held against a repository's whole path on its forge (`group/sub/name`); `*` stays within
    /// a segment, `**` does not.
    pub fn new(
        include: &[String],
        exclude: &[String],
        no_archived: bool,
        no_forks: bool,
    ) -> Result<Self, globset::Error> {
        Ok(Self { include: globs(include)?, exclude: globs(exclude)?, no_archived, no_forks })
    }

    /// Why a repository is left out, if it is.
    pub fn leaves_out(&self, found: &Found) -> Option<&'static str> {
        if found.empty {
            Some("empty")
        } else if self.no_archived && found.archived {
            Some("archived")
        } else if self.no_forks && found.fork {
            Some("forks")
        } else if self.include.as_ref().is_some_and(|globs| !globs.is_match(&found.path)) {
            Some("not included")
        } else if self.exclude.as_ref().is_some_and(|globs| globs.is_match(&found.path)) {
            Some("excluded")
        } else {
            None
        }
    }
}

fn globs(patterns: &[String]) -> Result<Option<GlobSet>, globset::Error> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(GlobBuilder::new(pattern).literal_separator(true).case_insensitive(true).build()?);
    }
    set.build().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_out(filter: &Filter, path: &str, archived: bool, fork: bool) -> Option<&'static str> {
        let clone_url = String::new();
        filter.leaves_out(&Found { path: path.to_owned(), clone_url, archived, fork, empty: false })
    }

    #[test]
    fn globs_are_held_against_the_whole_path() {
        let filter = Filter::new(&["acme/**".to_owned()], &["acme/*/old-*".to_owned()], true, true).unwrap();
        assert_eq!(left_out(&filter, "acme/web", false, false), None);
        assert_eq!(left_out(&filter, "acme/a/b/c", false, false), None);
        assert_eq!(left_out(&filter, "other/web", false, false), Some("not included"));
        assert_eq!(left_out(&filter, "Acme/tools/old-lint", false, false), Some("excluded"));
        assert_eq!(left_out(&filter, "acme/web", true, false), Some("archived"));
        assert_eq!(left_out(&filter, "acme/web", false, true), Some("forks"));
    }
}
