//! What a policy says of a repository, and of all repositories of a job together.

use std::sync::Arc;

use serde::Serialize;

use super::{CategoryInfo, CategoryStatus, Ruling, Status};
use crate::report::RepoReport;

/// What a policy says of one repository.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// All in all: what was passed over might be restricted.
    pub status: Status,
    /// Where the policy comes from.
    pub policy: String,
    /// The policy's categories.
    pub categories: Arc<[CategoryInfo]>,
    /// How much of the repository is in each category, in their order.
    pub found: Vec<CategoryCount>,
    /// How many things have which status.
    pub counts: Counts,
    /// What is restricted, and what only an exception lets pass, in the order of the report.
    pub findings: Vec<Finding>,
    /// File by file, package by package; the project itself has none.
    pub(super) packages: Vec<Vec<Option<Ruling>>>,
    /// Of the report's calls, in their order.
    pub(super) calls: Vec<Ruling>,
}

/// How much is in a category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CategoryCount {
    /// Dependencies, once for each place that names them.
    pub dependencies: u64,
    /// API calls.
    pub api_calls: u64,
}

/// How many dependencies and API calls have which status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// By category or exception.
    pub allowed: u64,
    /// By category.
    pub restricted: u64,
    /// Of those allowed, by an exception.
    pub excepted: u64,
    /// Nothing matches, or too little is known.
    pub cannot_determine: u64,
}

/// Something in a restricted category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The category.
    pub category: String,
    /// What it is.
    #[serde(flatten)]
    pub subject: Subject,
    /// Where it stands.
    pub file: String,
    /// From 1.
    pub line: Option<u32>,
    /// Restricted; or allowed, by the exception.
    pub status: Status,
    /// The exception, which may be over.
    pub exception: Option<Excepted>,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Subject {
    /// A package.
    Dependency {
        /// As the ecosystem writes it.
        name: String,
        /// The version, or what stands where one would.
        version: Option<String>,
        /// The package URL.
        purl: String,
    },
    /// A call.
    ApiCall {
        /// If it is known.
        method: Option<String>,
        /// As far as it is known.
        url: String,
    },
}

/// An exception, as a finding shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Excepted {
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: String,
    /// Whether that day is over.
    pub expired: bool,
}

/// What a policy says of all repositories of a job.
#[derive(Clone, Debug, Serialize)]
pub struct Rollup {
    /// Where the policy comes from.
    pub policy: String,
    /// That of the worst repository.
    pub status: Status,
    /// Of all repositories.
    pub counts: Counts,
    /// The categories, by name.
    pub categories: Vec<RolledCategory>,
}

/// One category over all repositories: it is present if any of them has it.
#[derive(Clone, Debug, Serialize)]
pub struct RolledCategory {
    /// Its name.
    pub name: String,
    /// What it means.
    pub status: CategoryStatus,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether something of it was found.
    pub present: bool,
    /// How much of it.
    #[serde(flatten)]
    pub found: CategoryCount,
    /// Where.
    pub repositories: Vec<String>,
}

impl Verdict {
    /// The ruling on a package by its file's and its own position.
    pub fn package(&self, file: usize, package: usize) -> Option<&Ruling> {
        self.packages.get(file)?.get(package)?.as_ref()
    }

    /// The ruling on a call by its position.
    pub fn call(&self, call: usize) -> Option<&Ruling> {
        self.calls.get(call)
    }

    /// The names of a ruling's categories.
    pub fn names<'a>(&'a self, ruling: &Ruling) -> impl Iterator<Item = &'a str> + use<'a> {
        let categories = ruling.categories.clone();
        categories.into_iter().filter_map(|at| Some(self.categories.get(usize::from(at))?.name.as_str()))
    }
}

impl Rollup {
    /// Of what was judged; none if nothing was.
    pub fn of(reports: &[RepoReport]) -> Option<Self> {
        let judged = || reports.iter().filter_map(|report| Some((report, report.verdict.as_ref()?)));
        let (_, first) = judged().next()?;
        let categories = first.categories.iter().enumerate().map(|(at, info)| {
            let mut found = CategoryCount::default();
            let mut repositories = Vec::new();
            for (report, verdict) in judged() {
                let here = verdict.found.get(at).copied().unwrap_or_default();
                found.dependencies += here.dependencies;
                found.api_calls += here.api_calls;
                if here != CategoryCount::default() {
                    repositories.push(report.name.clone());
                }
            }
            let CategoryInfo { name, status, description } = info.clone();
            RolledCategory { name, status, description, present: !repositories.is_empty(), found, repositories }
        });
        let mut counts = Counts::default();
        judged().for_each(|(_, verdict)| counts.add(verdict.counts));
        Some(Self {
            policy: first.policy.clone(),
            status: judged().map(|(_, verdict)| verdict.status).max().unwrap_or(Status::CannotDetermine),
            counts,
            categories: categories.collect(),
        })
    }
}

impl Counts {
    /// These and the others.
    fn add(&mut self, other: Self) {
        self.allowed += other.allowed;
        self.restricted += other.restricted;
        self.excepted += other.excepted;
        self.cannot_determine += other.cannot_determine;
    }
}
