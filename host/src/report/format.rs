//! The formats that reports are written in, for the command line and the service alike.

use std::collections::BTreeMap;
use std::io::{self, Write};

use clap::ValueEnum;
use fumehood_contract::Timestamp;
use fumehood_contract::master::Master;

use super::{RepoReport, csv, cyclonedx, html, json, junit, markdown, sarif, spdx, table};
use crate::jobs::view;

/// What a report can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// The document of the HTTP API, with each repository's report
    Json,
    /// An SBOM: CycloneDX 1.6 JSON
    Cyclonedx,
    /// An SBOM: SPDX 2.3 JSON
    Spdx,
    /// Restricted findings and problems at their lines: SARIF 2.1.0
    Sarif,
    /// Tests that fail where something is restricted: JUnit XML for CI
    Junit,
    /// For merge requests and wikis
    Markdown,
    /// A row for each package, API call and problem, for spreadsheets
    Csv,
    /// One page with tables and charts that needs nothing else
    Html,
}

/// A job that has ended, with its repositories read and perhaps judged.
#[derive(Clone, Copy, Debug)]
pub struct FinishedJob<'a> {
    /// The job.
    pub master: &'a Master,
    /// Its repositories.
    pub reports: &'a [RepoReport],
    /// The moment that formats state that demand one, instead of the job's end.
    pub moment: Option<Timestamp>,
}

impl Format {
    /// All of them.
    pub fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// By the name that it has on the command line and in URLs.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().iter().copied().find(|format| format.name() == name)
    }

    /// Its name on the command line and in URLs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Cyclonedx => "cyclonedx",
            Self::Spdx => "spdx",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Csv => "csv",
            Self::Html => "html",
        }
    }

    /// For `Content-Type`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Table => "text/plain; charset=utf-8",
            Self::Json => "application/json",
            Self::Cyclonedx => "application/vnd.cyclonedx+json; version=1.6",
            Self::Spdx => "application/spdx+json",
            Self::Sarif => "application/sarif+json",
            Self::Junit => "application/xml; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    /// What a file of it is called at the end, without the first dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Table => "txt",
            Self::Json => "json",
            Self::Cyclonedx => "cdx.json",
            Self::Spdx => "spdx.json",
            Self::Sarif => "sarif",
            Self::Junit => "xml",
            Self::Markdown => "md",
            Self::Csv => "csv",
            Self::Html => "html",
        }
    }

    /// Writes a job in it. A table fits the terminal's width if there is one.
    pub fn write(self, out: &mut dyn Write, job: FinishedJob<'_>, terminal: bool) -> io::Result<()> {
        let reports = job.reports;
        match self {
            Self::Table => table::write(out, reports, terminal),
            Self::Json => {
                let document = view::document(job.master, &BTreeMap::new(), Timestamp::now());
                json::write(out, &document, reports)
            }
            Self::Cyclonedx => cyclonedx::write(out, reports),
            Self::Spdx => spdx::write(out, reports, job.moment()),
            Self::Sarif => sarif::write(out, reports),
            Self::Junit => junit::write(out, reports),
            Self::Markdown => markdown::write(out, reports),
            Self::Csv => csv::write(out, reports),
            Self::Html => html::write(out, reports),
        }
    }
}

impl FinishedJob<'_> {
    fn moment(&self) -> Timestamp {
        self.moment.or(self.master.completed_at).unwrap_or(self.master.last_aggregation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_command_line() {
        for format in Format::all() {
            assert_eq!(format.to_possible_value().unwrap().get_name(), format.name());
            assert_eq!(Format::named(format.name()), Some(*format));
        }
        assert_eq!(Format::named("Json"), None);
    }
}
