//! The parts of CycloneDX 1.6 that we write, named as the specification names them.

use std::collections::BTreeSet;

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bom {
    pub(super) bom_format: &'static str,
    pub(super) spec_version: &'static str,
    pub(super) version: u32,
    pub(super) metadata: Metadata,
    pub(super) components: Vec<Component>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) services: Vec<Service>,
    pub(super) dependencies: Vec<Dependency>,
    pub(super) compositions: Vec<Composition>,
}

#[derive(Serialize)]
pub(super) struct Metadata {
    pub(super) tools: Tools,
    pub(super) component: Component,
}

#[derive(Serialize)]
pub(super) struct Tools {
    pub(super) components: Vec<Tool>,
}

#[derive(Serialize)]
pub(super) struct Tool {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Component {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(rename = "bom-ref")]
    pub(super) reference: String,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) hashes: Vec<Hash>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) licenses: Vec<LicenseChoice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) purl: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) evidence: Option<Evidence>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) properties: Vec<Property>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) components: Vec<Component>,
}

impl Component {
    /// A repository, or the job over several.
    pub(super) fn application(reference: &str, name: &str, properties: Vec<Property>) -> Self {
        Self {
            kind: "application",
            reference: reference.to_owned(),
            name: name.to_owned(),
            version: None,
            scope: None,
            hashes: Vec::new(),
            licenses: Vec::new(),
            purl: None,
            evidence: None,
            properties,
            components: Vec::new(),
        }
    }
}

/// A host that is talked to.
#[derive(Serialize)]
pub(super) struct Service {
    #[serde(rename = "bom-ref")]
    pub(super) reference: String,
    pub(super) name: String,
    pub(super) endpoints: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) authenticated: Option<bool>,
    pub(super) properties: Vec<Property>,
}

impl Service {
    pub(super) fn new(reference: &str, name: &str) -> Self {
        let (reference, name) = (reference.to_owned(), name.to_owned());
        Self { reference, name, endpoints: BTreeSet::new(), authenticated: None, properties: Vec::new() }
    }
}

#[derive(Serialize)]
pub(super) struct Hash {
    pub(super) alg: &'static str,
    pub(super) content: String,
}

#[derive(Serialize)]
pub(super) struct LicenseChoice {
    pub(super) license: Named,
}

#[derive(Serialize)]
pub(super) struct Named {
    pub(super) name: String,
}

#[derive(Default, Serialize)]
pub(super) struct Evidence {
    pub(super) occurrences: Vec<Occurrence>,
}

#[derive(Serialize)]
pub(super) struct Occurrence {
    pub(super) location: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<u32>,
}

#[derive(PartialEq, Serialize)]
pub(super) struct Property {
    pub(super) name: &'static str,
    pub(super) value: String,
}

impl Property {
    pub(super) fn new(name: &'static str, value: &str) -> Self {
        Self { name, value: value.to_owned() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dependency {
    #[serde(rename = "ref")]
    pub(super) reference: String,
    pub(super) depends_on: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Composition {
    pub(super) aggregate: &'static str,
    pub(super) assemblies: Vec<String>,
}
