//! What the code talks to: outbound calls, as they stand in `report.jsonl`.

use serde::{Deserialize, Serialize};

/// The outbound calls of one file. Stands after the records of all packages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallsRecord {
    /// Relative to the repository, separated by `/`.
    pub path: String,
    /// What the file is written in: `python`, `yaml`.
    pub language: String,
    /// The calls, in the order of the file.
    pub calls: Vec<ApiCall>,
}

/// A place in the code that talks to another machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiCall {
    /// In capitals; none where the file does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// As far as the source tells it, what is not known as `{name}`, secrets masked.
    pub url: String,
    /// Of the URL, in lower case, with its port if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The client that makes the call; none for an address in configuration or in a constant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library: Option<String>,
    /// What sort of interface is called.
    #[serde(default)]
    pub kind: CallKind,
    /// How the caller says who it is.
    #[serde(default, skip_serializing_if = "Authentication::is_none")]
    pub authentication: Authentication,
    /// From 1.
    pub line: u32,
    /// How sure it is that this is a call, and to there.
    #[serde(default)]
    pub confidence: Confidence,
}

/// The sorts of interfaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallKind {
    /// HTTP, whatever its style.
    #[default]
    Rest,
    /// GraphQL over HTTP or WebSocket.
    GraphQl,
    /// gRPC.
    Grpc,
    /// WebSocket.
    WebSocket,
}

/// How a caller says who it is, as far as the code shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// Nothing of it is to be seen.
    #[default]
    None,
    /// User and password.
    Basic,
    /// A bearer token.
    Bearer,
    /// A key in a header or in the query.
    ApiKey,
    /// A flow of OAuth.
    #[serde(rename = "oauth")]
    OAuth,
    /// A client certificate.
    Mtls,
}

impl Authentication {
    /// The default, which is not written.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// The target is not known, or nothing shows that it is called.
    #[default]
    Low,
    /// Client and part of the target are known, or the target alone.
    Medium,
    /// A known client, and a host.
    High,
}
