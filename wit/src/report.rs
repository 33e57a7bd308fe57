//! `report.jsonl`: what was found, a line at a time.
//!
//! A [`Header`], then one [`FileRecord`] a file read (several where a file holds more than one
//! line may), then one [`CallsRecord`] a file with outbound calls (or several), then a [`Footer`]. Each line is an object with one key that names its kind. A report
//! without its footer is what a scanner left that was stopped: true as far as it goes, incomplete.
//! Limits: [`crate::limits`].

use serde::{Deserialize, Serialize};

use crate::calls::CallsRecord;

/// The version of this format, in the header.
pub const FORMAT: u32 = 2;

/// The report's file name in the status folder.
pub const FILE_NAME: &str = "report.jsonl";

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ReportLine {
    /// The first line.
    Header(Header),
    /// What one file holds.
    File(FileRecord),
    /// What one file talks to.
    Calls(CallsRecord),
    /// The last line.
    Footer(Footer),
}

/// Says who wrote the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`].
    pub format: u32,
    /// The scanner's name and version.
    pub scanner: String,
}

/// What one file holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    /// Relative to the repository, separated by `/`.
    pub path: String,
    /// Which extractor read it, `cargo-lock` for example.
    pub extractor: String,
    /// The packages, in the order of the file. Those of a file's further lines continue the count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<Package>,
    /// What could not be read in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// Closes a report: everything that was to be read was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Footer {
    /// Files read, or tried.
    pub files: u64,
    /// Packages in all lines.
    pub packages: u64,
    /// Problems in all lines, and those that went over a limit and were only counted.
    pub problems: u64,
    /// Outbound calls in all lines.
    pub calls: u64,
}

/// A package that a file names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// As the ecosystem writes it, with its namespace: `@babel/core`, `org.slf4j:slf4j-api`.
    pub name: String,
    /// The exact version, where the file says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The range or unresolved expression that stands where a version would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
    /// The package URL, as the purl specification types it (ECMA-427).
    pub purl: String,
    /// Where the file names it, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// What it is needed for.
    #[serde(default, skip_serializing_if = "Scope::is_runtime")]
    pub scope: Scope,
    /// Who asked for it.
    #[serde(default, skip_serializing_if = "Relation::is_unknown")]
    pub relation: Relation,
    /// What it needs: positions in the packages of the same file, ascending, without doubles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<u32>,
    /// The licence that the file states, an SPDX expression where the format demands one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// `algorithm:hex` in lower case (`sha256:…`), other forms as the file has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checksums: Vec<String>,
    /// Where it comes from, as the file has it: a registry, an archive, `git+URL#commit`, a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// What a package is needed for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// To run, or not known to be anything less.
    #[default]
    Runtime,
    /// To develop.
    Dev,
    /// If wanted, or on some platforms.
    Optional,
    /// To build; not shipped.
    Build,
    /// To test.
    Test,
    /// Brought by whoever uses the project.
    Peer,
}

impl Scope {
    /// The default, which is not written.
    pub fn is_runtime(&self) -> bool {
        *self == Self::Runtime
    }
}

/// Who asked for a package.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// It is the project itself, or a member of its workspace.
    Project,
    /// The project.
    Direct,
    /// Another package.
    Transitive,
    /// The file does not tell.
    #[default]
    Unknown,
}

impl Relation {
    /// The default, which is not written.
    pub fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }
}

/// What could not be read in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// What sort of problem.
    pub kind: ProblemKind,
    /// Where, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// What happened, for people.
    pub message: String,
}

/// The sorts of problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// The file could not be opened or read, or is no UTF-8.
    Unreadable,
    /// The file is not of its format.
    Unparsable,
    /// A version of the format that we do not know.
    Unsupported,
    /// One entry was passed over, the others were read.
    BadEntry,
    /// Too large, too deep or too many.
    OverLimit,
    /// It refers to a file that is not in the repository.
    NotFound,
    /// It refers to a file outside the repository, which is never read.
    OutsideRoot,
    /// A version stands elsewhere, a remote parent for example: reported as a requirement.
    Unresolved,
}

impl ProblemKind {
    /// Whether packages may be missing from the report because of it.
    pub fn makes_incomplete(self) -> bool {
        match self {
            Self::Unreadable
            | Self::Unparsable
            | Self::Unsupported
            | Self::BadEntry
            | Self::OverLimit
            | Self::NotFound
            | Self::OutsideRoot => true,
            Self::Unresolved => false,
        }
    }
}
