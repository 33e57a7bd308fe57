//! Judging: from what matches to what it means, with exceptions.

use std::sync::Arc;

use fumehood_contract::{FileRecord, Package, Relation};

use super::rules::{ExceptionRule, Licenses, Matches};
use super::verdict::{CategoryCount, Counts, Excepted, Finding, Subject, Verdict};
use super::{Call, CategoryInfo, CategoryStatus, Date, Policy, Ruling, Status};
use crate::report::RepoReport;

/// The verdict of a policy on a repository.
pub(super) fn of(policy: &Policy, report: &RepoReport, today: Date) -> Verdict {
    let mut judge = Judge::new(policy, report, today);
    let packages = report.files.iter().map(|file| judge.file(file)).collect();
    let calls = report.calls.iter().map(|call| judge.call(&call.as_policy_sees_it())).collect();
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
