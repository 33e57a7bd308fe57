//! `packages.config`, the packages of a .NET project in NuGet's older form.
//!
//! Format: NuGet's reference of `packages.config`; a file may also be called
//! `packages.<project>.config`. It lists what is installed with its exact version, what was asked for
//! and what that needs alike, so that nothing can be said of who asked.

use fumehood_contract::{Package, ProblemKind, Scope};

use crate::dotnet::{self, Wanted};
use crate::extractor::{Extractor, Pattern};
use crate::records::Records;
use crate::source::Source;
use crate::xml::{self, Element, Handler, OnProblem};

/// The extractor of `packages.config`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "packages-config",
    ecosystem: ".NET",
    files: &[Pattern::Name("packages.config"), Pattern::Affixes("packages.", ".config")],
    companions: &[],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    let mut packages = Packages { source, found: Vec::new() };
    xml::read(source.text(), "packages", &mut packages, &mut |kind, offset, message| {
        records.problem(kind, Some(source.line_at(offset)), message);
    });
    for package in packages.found {
        records.package(package);
    }
}

struct Packages<'a> {
    source: &'a Source<'a>,
    found: Vec<Package>,
}

impl Handler for Packages<'_> {
    fn start(&mut self, element: &Element<'_>, problem: &mut OnProblem<'_>) {
        if element.name() != "package" {
            return;
        }
        let attributes = element.attributes(problem);
        let field = |name: &str| {
            let found = attributes.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
        };
        let Some(name) = field("id") else {
            return problem(ProblemKind::BadEntry, element.offset, "a package has no id; it is left out");
        };
        let Some(version) = field("version") else {
            let message = format!("package {name} has no version; it is left out");
            return problem(ProblemKind::BadEntry, element.offset, &message);
        };
        let mut package = dotnet::package(name, &Wanted::of(version));
        package.line = Some(self.source.line_at(element.offset));
        if field("developmentDependency").is_some_and(|text| text.eq_ignore_ascii_case("true")) {
            package.scope = Scope::Dev;
        }
        self.found.push(package);
    }

    fn text(&mut self, _: &str) {}

    fn end(&mut self, _: &mut OnProblem<'_>) {}
}
