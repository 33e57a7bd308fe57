//! `packages.config`, the packages of a .NET project in NuGet's older form.
//!
//! Format: NuGet's reference of `packages.config`; a file may also be called
//! `packages.<project>.config`. It lists what is installed with its exact version, what was asked for
//! and what that needs alike, so that nothing can be said of who asked.

use fumehood_contract::{ProblemKind, Scope};

use crate::dotnet::{self, Wanted};
use crate::extractor::{Extractor, Pattern};
use crate::records::Records;
use crate::source::Source;
use crate::xml_elements::{self, Element, Handler};

/// The extractor of `packages.config`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "packages-config",
    ecosystem: ".NET",
    files: &[Pattern::Name("packages.config"), Pattern::Affixes("packages.", ".config")],
    companions: &[],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    xml_elements::read(source.text(), "packages", &mut Packages { source, records });
}

struct Packages<'a, 'r> {
    source: &'a Source<'a>,
    records: &'r mut Records,
}

impl Handler for Packages<'_, '_> {
    fn start(&mut self, element: Element<'_>) {
        if element.name != "package" {
            return;
        }
        let line = Some(self.source.line_at(element.offset));
        let field = |name: &str| element.attribute(name).map(str::trim).filter(|text| !text.is_empty());
        let Some(name) = field("id") else {
            return self.records.problem(ProblemKind::BadEntry, line, "a package has no id; it is left out");
        };
        let Some(version) = field("version") else {
            let message = format!("package {name} has no version; it is left out");
            return self.records.problem(ProblemKind::BadEntry, line, &message);
        };
        let mut package = dotnet::package(name, &Wanted::of(version));
        package.line = line;
        let is_dev = field("developmentDependency").is_some_and(|text| text.eq_ignore_ascii_case("true"));
        if is_dev {
            package.scope = Scope::Dev;
        }
        self.records.package(package);
    }

    fn end(&mut self, _: &str) {}

    fn problem(&mut self, kind: ProblemKind, offset: usize, message: &str) {
        self.records.problem(kind, Some(self.source.line_at(offset)), message);
    }
}
