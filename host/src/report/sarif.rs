//! SARIF 2.1.0: what the policy restricts, and what could not be read, at their lines.
//!
//! A run a repository. Restricted findings are errors, those that an exception lets pass are suppressed ones;
//! problems are notes.

mod model;

use std::collections::BTreeMap;
use std::io::{self, Write};

use fumehood_contract::{FileRecord, Problem, ProblemKind};

use self::model::{
    ArtifactLocation, AutomationDetails, Driver, Fingerprints, Invocation, InvocationProperties, Location, Log,
    Message, Notification, PhysicalLocation, Region, Rule, Run, SarifResult, Suppression, Tool,
};
use super::RepoReport;
use super::lazy::Lazy;
use crate::policy::{Finding, Status, Subject};
use crate::text;

/// Writes a log with a run for each repository.
pub fn write(mut out: &mut dyn Write, reports: &[RepoReport]) -> io::Result<()> {
    let runs = Lazy(|| reports.iter().map(run));
    let log = Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs };
    serde_json::to_writer_pretty(&mut out, &log)?;
    out.write_all(b"\n")?;
    out.flush()
}

fn run(report: &RepoReport) -> Run {
    let rules = Rules::of(report);
    let findings = report.verdict.iter().flat_map(|verdict| &verdict.findings);
    let findings = findings.map(|finding| rules.finding(finding));
    let problems = report.files.iter().flat_map(|file| file.problems.iter().map(move |problem| (file, problem)));
    let problems = problems.map(|(file, problem)| rules.problem(file, problem));
    let results = findings.chain(problems).collect();
    let driver = Driver { name: "fumehood", semantic_version: env!("CARGO_PKG_VERSION"), rules: rules.ordered };
    Run {
        tool: Tool { driver },
        automation_details: AutomationDetails { id: format!("fumehood/{}", text::uri_path(&report.name)) },
        invocations: [invocation(report)],
        column_kind: "unicodeCodePoints",
        results,
    }
}

/// What of the whole scan failed: nobody may take no results for nothing found.
fn invocation(report: &RepoReport) -> Invocation {
    let ended = &report.ended;
    let why = ended.error.clone().or_else(|| {
        let incomplete = "something that could hold dependencies was passed over";
        (!ended.complete).then(|| report.defect.clone().unwrap_or_else(|| incomplete.to_owned()))
    });
    let level = if ended.error.is_some() { "error" } else { "warning" };
    let notifications = why.into_iter().map(|why| Notification { level, message: Message { text: why } });
    Invocation {
        execution_successful: ended.error.is_none(),
        tool_execution_notifications: notifications.collect(),
        properties: report.sandbox().map(|sandbox| InvocationProperties { sandbox }),
    }
}

/// The rules of a run, and where each stands among them.
struct Rules {
    ordered: Vec<Rule>,
    positions: BTreeMap<String, usize>,
}

impl Rules {
    fn of(report: &RepoReport) -> Self {
        let mut rules = Self { ordered: Vec::new(), positions: BTreeMap::new() };
        if let Some(verdict) = &report.verdict {
            for finding in &verdict.findings {
                let info = verdict.categories.iter().find(|info| info.name == finding.category);
                let what = info.and_then(|info| info.description.clone());
                let what = what.unwrap_or_else(|| format!("The policy restricts {}.", finding.category));
                rules.add(&restricted(&finding.category), "error", &what);
            }
        }
        for problem in report.files.iter().flat_map(|file| &file.problems) {
            let (id, what) = problem_rule(problem.kind);
            rules.add(id, "note", what);
        }
        rules
    }

    fn add(&mut self, id: &str, level: &'static str, what: &str) {
        if !self.positions.contains_key(id) {
            self.positions.insert(id.to_owned(), self.ordered.len());
            self.ordered.push(Rule::new(id, level, what));
        }
    }

    fn finding(&self, finding: &Finding) -> SarifResult {
        let (what, identity) = match &finding.subject {
            Subject::Dependency { name, version, purl } => {
                let version = version.as_ref().map_or_else(String::new, |version| format!(" {version}"));
                (format!("{name}{version}"), crate::policy::without_version(purl).to_owned())
            }
            Subject::ApiCall { method, url } => {
                let method = method.as_ref().map_or_else(String::new, |method| format!("{method} "));
                (format!("{method}{url}"), format!("{method}{url}"))
            }
        };
        let over = finding.exception.as_ref().filter(|exception| exception.expired);
        let over = over.map_or_else(String::new, |exception| {
            format!("; the exception ({}) was over on {}", exception.reason, exception.expires)
        });
        let id = restricted(&finding.category);
        let fingerprint = fingerprint(&[&id, &finding.file, &identity]);
        let suppressions = finding.exception.iter().filter(|_| finding.status == Status::Allowed);
        SarifResult {
            level: "error",
            message: Message { text: format!("{what} is restricted: {}{over}", finding.category) },
            locations: [location(&finding.file, finding.line)],
            partial_fingerprints: Fingerprints { finding: fingerprint },
            suppressions: suppressions.map(Suppression::of).collect(),
            ..self.result(&id)
        }
    }

    fn problem(&self, file: &FileRecord, problem: &Problem) -> SarifResult {
        let (id, _) = problem_rule(problem.kind);
        SarifResult {
            level: "note",
            message: Message { text: problem.message.clone() },
            locations: [location(&file.path, problem.line)],
            partial_fingerprints: Fingerprints { finding: fingerprint(&[id, &file.path, &problem.message]) },
            ..self.result(id)
        }
    }

    fn result(&self, id: &str) -> SarifResult {
        SarifResult::of_rule(id, self.positions.get(id).copied().unwrap_or_default())
    }
}

fn location(path: &str, line: Option<u32>) -> Location {
    let artifact_location = ArtifactLocation { uri: text::uri_path(path) };
    let region = line.filter(|line| *line > 0).map(|start_line| Region { start_line });
    Location { physical_location: PhysicalLocation { artifact_location, region } }
}

/// The same for the same finding when lines above it come and go.
fn fingerprint(parts: &[&str]) -> String {
    let hash = blake3::hash(parts.join("\0").as_bytes()).to_hex();
    hash.get(..32).unwrap_or_default().to_owned()
}

fn restricted(category: &str) -> String {
    format!("restricted/{category}")
}

fn problem_rule(kind: ProblemKind) -> (&'static str, &'static str) {
    match kind {
        ProblemKind::Unreadable => ("problem/unreadable", "The file could not be read."),
        ProblemKind::Unparsable => ("problem/unparsable", "The file is not of its format."),
        ProblemKind::Unsupported => ("problem/unsupported", "The version of the format is not known."),
        ProblemKind::BadEntry => ("problem/bad-entry", "One entry was passed over."),
        ProblemKind::OverLimit => ("problem/over-limit", "Something is too large, too deep or too many."),
        ProblemKind::NotFound => ("problem/not-found", "A file that is referred to is not in the repository."),
        ProblemKind::OutsideRoot => ("problem/outside-root", "A file outside the repository is referred to."),
        ProblemKind::Unresolved => ("problem/unresolved", "A version stands elsewhere."),
    }
}
