//! What a policy says of a repository, and of all repositories of a job together.

use std::sync::Arc;

use fumehood_contract::{FileRecord, Package, Relation};
use serde::Serialize;

use super::rules::{ExceptionRule, Licenses, Matches};
use super::{Call, CategoryInfo, CategoryStatus, Date, Policy, Ruling, Status};
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
    packages: Vec<Vec<Option<Ruling>>>,
    /// Of the report's calls, in their order.
    calls: Vec<Ruling>,
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
    pub fn names(&self, ruling: &Ruling) -> impl Iterator<Item = &str> {
        ruling.categories.iter().filter_map(|at| Some(self.categories.get(usize::from(*at))?.name.as_str()))
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

/// The verdict of a policy on a repository.
pub(super) fn of(policy: &Policy, report: &RepoReport, today: Date) -> Verdict {
    let mut judge = Judge::new(policy, report, today);
    let packages = report.files.iter().map(|file| judge.file(file)).collect();
    let calls = report.calls().map(|call| judge.call(&call)).collect();
    let Judge { found, counts, findings, .. } = judge;
    let status = match counts {
        Counts { restricted: 1.., .. } => Status::Restricted,
        Counts { cannot_determine: 0, .. } if report.ended.complete => Status::Allowed,
        Counts { .. } => Status::CannotDetermine,
    };
    Verdict {
        status,
        policy: policy.name.clone(),
        categories: Arc::clone(&policy.categories),
        found,
        counts,
        findings,
        packages,
        calls,
    }
}

struct Judge<'a> {
    policy: &'a Policy,
    today: Date,
    /// Exceptions that are made for repositories like this.
    made_here: Vec<u32>,
    licenses: Licenses,
    found: Vec<CategoryCount>,
    counts: Counts,
    findings: Vec<Finding>,
}

impl<'a> Judge<'a> {
    fn new(policy: &'a Policy, report: &RepoReport, today: Date) -> Self {
        Self {
            policy,
            today,
            made_here: policy.matcher.patterns.repositories.matching(&report.name),
            licenses: Licenses::default(),
            found: vec![CategoryCount::default(); policy.categories.len()],
            counts: Counts::default(),
            findings: Vec::new(),
        }
    }

    fn file(&mut self, file: &FileRecord) -> Vec<Option<Ruling>> {
        file.packages.iter().map(|package| self.package(file, package)).collect()
    }

    fn package(&mut self, file: &FileRecord, package: &Package) -> Option<Ruling> {
        if package.relation == Relation::Project {
            return None;
        }
        let matches = self.policy.matcher.package(package, &self.policy.categories, &mut self.licenses);
        let subject = || Subject::Dependency {
            name: package.name.clone(),
            version: package.version.clone().or_else(|| package.requirement.clone()),
            purl: package.purl.clone(),
        };
        let ruling = self.rule(&matches, subject, &file.path, package.line);
        self.count(&ruling, |found| &mut found.dependencies);
        Some(ruling)
    }

    fn call(&mut self, call: &Call<'_>) -> Ruling {
        let matches = self.policy.matcher.call(call);
        let subject = || Subject::ApiCall { method: call.method.map(ToOwned::to_owned), url: call.url.to_owned() };
        let ruling = self.rule(&matches, subject, call.file, call.line);
        self.count(&ruling, |found| &mut found.api_calls);
        ruling
    }

    fn rule(&mut self, matches: &Matches, subject: impl Fn() -> Subject, file: &str, line: Option<u32>) -> Ruling {
        let mut restricted = false;
        let mut exception = None;
        let policy = self.policy;
        for category in matches.categories.iter().copied().filter(|at| is_restricted(policy, *at)) {
            let found = self.exception(matches, category);
            let status = if found.is_some_and(|(_, holds)| holds) { Status::Allowed } else { Status::Restricted };
            restricted |= status == Status::Restricted;
            exception = exception.or(found.map(|(at, _)| at));
            self.findings.push(Finding {
                category: self.category(category).map_or_else(String::new, |info| info.name.clone()),
                subject: subject(),
                file: file.to_owned(),
                line,
                status,
                exception: found.and_then(|(at, _)| self.excepted(at)),
            });
        }
        let status = if restricted {
            Status::Restricted
        } else if matches.perhaps.iter().any(|at| is_restricted(policy, *at)) || matches.categories.is_empty() {
            Status::CannotDetermine
        } else {
            Status::Allowed
        };
        Ruling { status, categories: matches.categories.clone().into(), exception }
    }

    /// The exception for something in a category, and whether it holds. One that holds is preferred.
    fn exception(&self, matches: &Matches, category: u16) -> Option<(u32, bool)> {
        let made = |at: u32| -> Option<(u32, bool)> {
            let rule = self.exception_rule(at)?;
            let concerns = rule.category.is_none_or(|named| named == category);
            let here = rule.anywhere || self.made_here.contains(&at);
            (concerns && here).then_some((at, rule.expires >= self.today))
        };
        let all = || matches.exceptions.iter().filter_map(|at| made(*at));
        all().find(|(_, holds)| *holds).or_else(|| all().next())
    }

    fn excepted(&self, at: u32) -> Option<Excepted> {
        let rule = self.exception_rule(at)?;
        let expired = rule.expires < self.today;
        Some(Excepted { reason: rule.reason.clone(), expires: rule.expires.to_string(), expired })
    }

    fn exception_rule(&self, at: u32) -> Option<&'a ExceptionRule> {
        self.policy.exceptions.get(usize::try_from(at).ok()?)
    }

    fn category(&self, at: u16) -> Option<&'a CategoryInfo> {
        self.policy.categories.get(usize::from(at))
    }

    fn count(&mut self, ruling: &Ruling, which: impl Fn(&mut CategoryCount) -> &mut u64) {
        for at in &ruling.categories {
            if let Some(found) = self.found.get_mut(usize::from(*at)) {
                *which(found) += 1;
            }
        }
        match ruling.status {
            Status::Allowed => self.counts.allowed += 1,
            Status::Restricted => self.counts.restricted += 1,
            Status::CannotDetermine => self.counts.cannot_determine += 1,
        }
        self.counts.excepted += u64::from(ruling.status == Status::Allowed && ruling.exception.is_some());
    }
}

fn is_restricted(policy: &Policy, category: u16) -> bool {
    let info = policy.categories.get(usize::from(category));
    info.is_some_and(|info| info.status == CategoryStatus::Restricted)
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.allowed += other.allowed;
        self.restricted += other.restricted;
        self.excepted += other.excepted;
        self.cannot_determine += other.cannot_determine;
    }
}
