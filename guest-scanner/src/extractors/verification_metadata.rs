//! `gradle/verification-metadata.xml`, the checksums by which Gradle verifies what it downloads.
//!
//! Format: <https://docs.gradle.org/current/userguide/dependency_verification.html>, schemas 1.0 to 1.3.
//! It names every module that was ever resolved when it was written, those of the build's plugins and
//! parents of poms included, and keeps old versions: who needs a module is not in the file.

use std::collections::HashMap;

use fumehood_contract::ProblemKind;
use fumehood_contract::limits::CHECKSUMS_PER_PACKAGE_MAX;

use crate::extractor::{Extractor, Pattern};
use crate::maven::is_id;
use crate::purl::{self, Ecosystem};
use crate::records::{PackageId, Records};
use crate::source::Source;
use crate::xml::{self, Element, Handler, OnProblem};

/// The extractor of `verification-metadata.xml`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "verification-metadata",
    ecosystem: "JVM",
    files: &[Pattern::Name("verification-metadata.xml")],
    companions: &[],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    let mut reader = Reader::default();
    let mut problems = Vec::new();
    xml::read(source.text(), "verification-metadata", &mut reader, &mut |kind, offset, message| {
        problems.push((kind, offset, message.to_owned()));
    });
    for (kind, offset, message) in problems {
        records.problem(kind, Some(source.line_at(offset)), &message);
    }
    // A module may stand there twice, when two branches were merged.
    let mut known: HashMap<String, PackageId> = HashMap::new();
    for component in reader.components {
        component.report(source, &mut known, records);
    }
}

/// A `component` element.
struct Component {
    group: String,
    name: String,
    version: String,
    checksums: Vec<String>,
    offset: usize,
}

impl Component {
    fn report(mut self, source: &Source<'_>, known: &mut HashMap<String, PackageId>, records: &mut Records) {
        let line = Some(source.line_at(self.offset));
        let mut package =
            purl::package(Ecosystem::Maven, &format!("{}:{}", self.group, self.name), Some(&self.version));
        let id = known.get(&package.purl).copied();
        let room = id.and_then(|id| records.get_mut(id)).map_or(0, |package| package.checksums.len());
        if room + self.checksums.len() > CHECKSUMS_PER_PACKAGE_MAX {
            self.checksums.truncate(CHECKSUMS_PER_PACKAGE_MAX.saturating_sub(room));
            let message =
                format!("{} has more than {CHECKSUMS_PER_PACKAGE_MAX} checksums; some are left out", package.name);
            records.problem(ProblemKind::OverLimit, line, &message);
        }
        if let Some(package) = id.and_then(|id| records.get_mut(id)) {
            let new = self.checksums.into_iter().filter(|sum| !package.checksums.contains(sum)).collect::<Vec<_>>();
            return package.checksums.extend(new);
        }
        let purl = package.purl.clone();
        package.line = line;
        package.checksums = self.checksums;
        if let Some(id) = records.package(package) {
            known.insert(purl, id);
        }
    }
}

#[derive(Default)]
struct Reader {
    components: Vec<Component>,
    depth: usize,
    /// Whether we are in `components`, in a `component` that was understood, and in an `artifact` of it
    /// that is more than metadata.
    place: [bool; 3],
}

impl Handler for Reader {
    fn start(&mut self, element: &Element<'_>, problem: &mut OnProblem<'_>) {
        self.depth += 1;
        match (self.depth, self.place) {
            (2, _) => self.place[0] = element.name() == "components",
            (3, [true, ..]) if element.name() == "component" => self.place[1] = self.component(element, problem),
            (4, [_, true, _]) if element.name() == "artifact" => {
                let name = element.attribute("name").unwrap_or_default();
                self.place[2] = !name.ends_with(".pom") && !name.ends_with(".module");
            }
            (5, [.., true]) => self.checksum(element),
            _ => {}
        }
    }

    fn text(&mut self, _: &str) {}

    fn end(&mut self, _: &mut OnProblem<'_>) {
        if let Some(of) = self.depth.checked_sub(2).and_then(|level| self.place.get_mut(level)) {
            *of = false;
        }
        self.depth = self.depth.saturating_sub(1);
    }
}

impl Reader {
    fn component(&mut self, element: &Element<'_>, problem: &mut OnProblem<'_>) -> bool {
        let attribute =
            |name| element.attribute(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let (group, name, version) = (attribute("group"), attribute("name"), attribute("version"));
        let (Some(group), Some(name), Some(version)) = (group, name.clone(), version) else {
            let message = format!("the component {} has no group, name or version", name.as_deref().unwrap_or("?"));
            problem(ProblemKind::BadEntry, element.offset, &message);
            return false;
        };
        if !is_id(&group) || !is_id(&name) {
            let message = format!("{group}:{name} cannot be the name of a module");
            problem(ProblemKind::BadEntry, element.offset, &message);
            return false;
        }
        self.components.push(Component { group, name, version, checksums: Vec::new(), offset: element.offset });
        true
    }

    /// Others that are trusted too, `also-trust` one level deeper, are of the same file elsewhere.
    fn checksum(&mut self, element: &Element<'_>) {
        let algorithm @ ("md5" | "sha1" | "sha256" | "sha512") = element.name() else { return };
        let Some(value) = element.attribute("value") else { return };
        if let Some(component) = self.components.last_mut() {
            component.checksums.push(format!("{algorithm}:{}", value.trim().to_ascii_lowercase()));
        }
    }
}
