//! The parts of SARIF 2.1.0 that we write, named as the specification names them.

use serde::Serialize;

use crate::policy::Excepted;
use crate::report::SandboxHeld;

#[derive(Serialize)]
pub(super) struct Log<R> {
    #[serde(rename = "$schema")]
    pub(super) schema: &'static str,
    pub(super) version: &'static str,
    pub(super) runs: R,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Run {
    pub(super) tool: Tool,
    pub(super) automation_details: AutomationDetails,
    pub(super) invocations: [Invocation; 1],
    pub(super) column_kind: &'static str,
    pub(super) results: Vec<SarifResult>,
}

#[derive(Serialize)]
pub(super) struct Tool {
    pub(super) driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Driver {
    pub(super) name: &'static str,
    pub(super) semantic_version: &'static str,
    pub(super) rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule {
    id: String,
    short_description: Message,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

impl Rule {
    pub(super) fn new(id: &str, level: &'static str, what: &str) -> Self {
        Self {
            id: id.to_owned(),
            short_description: Message { text: what.to_owned() },
            default_configuration: Configuration { level },
        }
    }
}

#[derive(Serialize)]
pub(super) struct AutomationDetails {
    pub(super) id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation {
    pub(super) execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tool_execution_notifications: Vec<Notification>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) properties: Option<InvocationProperties>,
}

/// A property bag (SARIF 2.1.0, section 3.8): its names are ours.
#[derive(Serialize)]
pub(super) struct InvocationProperties {
    pub(super) sandbox: SandboxHeld,
}

#[derive(Serialize)]
pub(super) struct Notification {
    pub(super) level: &'static str,
    pub(super) message: Message,
}

#[derive(Serialize)]
pub(super) struct Message {
    pub(super) text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SarifResult {
    pub(super) rule_id: String,
    pub(super) rule_index: usize,
    pub(super) level: &'static str,
    pub(super) message: Message,
    pub(super) locations: [Location; 1],
    pub(super) partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) suppressions: Vec<Suppression>,
}

impl SarifResult {
    /// One that says nothing yet.
    pub(super) fn of_rule(id: &str, index: usize) -> Self {
        let artifact_location = ArtifactLocation { uri: String::new() };
        Self {
            rule_id: id.to_owned(),
            rule_index: index,
            level: "none",
            message: Message { text: String::new() },
            locations: [Location { physical_location: PhysicalLocation { artifact_location, region: None } }],
            partial_fingerprints: Fingerprints { finding: String::new() },
            suppressions: Vec::new(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Fingerprints {
    #[serde(rename = "fumehood/v1")]
    pub(super) finding: String,
}

#[derive(Serialize)]
pub(super) struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
}

impl Suppression {
    pub(super) fn of(exception: &Excepted) -> Self {
        let justification = format!("{} (until {})", exception.reason, exception.expires);
        Self { kind: "external", status: "accepted", justification }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location {
    pub(super) physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PhysicalLocation {
    pub(super) artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<Region>,
}

#[derive(Serialize)]
pub(super) struct ArtifactLocation {
    pub(super) uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region {
    pub(super) start_line: u32,
}
