//! What an organisation thinks of what its repositories depend on and talk to.
//!
//! A policy sorts dependencies and API calls into categories, each `allowed` or `restricted`. What matches none cannot be
//! determined; restricted wins; an exception with a reason lets something restricted pass until its day. A policy comes
//! from whoever runs the scan, never from what is scanned.

mod build;
pub mod command;
mod date;
mod file;
mod find;
mod judge;
mod license;
mod pattern;
mod rules;
mod shape;
mod verdict;
pub mod version;

use std::sync::Arc;

pub use date::Date;
pub use file::{CategoryStatus, Mistake};
pub use find::{Found, PolicyError, find, load};
pub use rules::{kind, without_version};
pub use verdict::{CategoryCount, Counts, Excepted, Finding, RolledCategory, Rollup, Subject, Verdict};

use crate::report::RepoReport;

/// A compiled policy.
#[derive(Debug)]
pub struct Policy {
    name: String,
    categories: Arc<[CategoryInfo]>,
    exceptions: Arc<[rules::ExceptionRule]>,
    matcher: rules::Matcher,
}

/// A category, as results name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryInfo {
    /// Its name.
    pub name: String,
    /// What it means.
    pub status: CategoryStatus,
    /// For people.
    pub description: Option<String>,
}

/// An API call, as far as a policy looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    /// `GET`, `POST`; none if the source does not tell.
    pub method: Option<&'a str>,
    /// As far as the source tells it, variables as `{name}`.
    pub url: &'a str,
    /// The URL's host, if it is known.
    pub host: Option<&'a str>,
    /// Where the call stands.
    pub file: &'a str,
    /// From 1.
    pub line: Option<u32>,
}

/// What a policy says of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A category says so, or an exception.
    Allowed,
    /// No category matches, or one might and too little is known.
    CannotDetermine,
    /// A category says so, and no exception.
    Restricted,
}

impl Status {
    /// In the words of the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::CannotDetermine => "cannot_determine",
            Self::Restricted => "restricted",
        }
    }
}

/// What a policy says of one dependency or one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// All in all.
    pub status: Status,
    /// The categories that match, as positions in the policy's.
    pub categories: Box<[u16]>,
    /// The exception that lets it pass, or that would if its day were not over.
    exception: Option<u32>,
}

impl Policy {
    /// Reads a policy from its text; `name` is for people.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Mistake>> {
        let file = file::parse(text)?;
        build::build(name, file)
    }

    /// Where it comes from.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its categories, by name.
    pub fn categories(&self) -> &[CategoryInfo] {
        &self.categories
    }

    /// What it excepts and until when, with whether that day is over.
    pub fn exceptions(&self, today: Date) -> impl Iterator<Item = (&str, Date, bool)> {
        self.exceptions.iter().map(move |rule| (rule.reason.as_str(), rule.expires, rule.expires < today))
    }

    /// Judges repositories: leaves a verdict in each.
    pub fn judge(&self, reports: &mut [RepoReport], today: Date) {
        for report in reports {
            report.verdict = Some(judge::of(self, report, today));
        }
    }
}

#[cfg(test)]
mod tests;
