//! `requirements.txt`, pip's requirements file format, and constraints where such a file names them.
//!
//! Format: pip's documentation, "Requirements File Format"; `pip._internal.req.req_file` is what it
//! does. Requirements are those of PEP 508. `==1.0` is a version, everything wider a requirement,
//! unless a constraints file (`-c`) leaves one version only; for `>=1.0` alone see
//! [`from_requirement`]. Included files that are not read by
//! themselves are reported here, at the line that includes them.
//!
//! `# via` notes of pip-compile and uv give edges ([`via`]); otherwise everything named is direct.
//! The scope follows the customary file names: `requirements-dev.txt`, `test-requirements.txt`.

mod line;
mod via;

use std::collections::{HashMap, HashSet, VecDeque};

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::python::package::{from_place, from_requirement};
#[allow(unused_imports, reason = "other extractors may still look for them here")]
pub(crate) use crate::python::{pep440, pep508, url};
use crate::python::{place, scope_of_file};
use crate::records::{PackageId, Records};
use crate::source::{Source, resolve};
use line::Statement;

/// The extractor of requirements files.
pub const EXTRACTOR: Extractor =
    Extractor { id: "requirements-txt", ecosystem: "Python", files: FILES, companions: &["constraints.txt"], extract };

const FILES: &[Pattern] = &[
    Pattern::Affixes("requirements", ".txt"),
    Pattern::Affixes("", "requirements.txt"),
    Pattern::In("requirements", ".txt"),
];

/// The files that one file may lead to. The largest web of includes known to us has about thirty.
const INCLUDES_MAX: usize = 200;

/// A file to read after the one that names it.
struct Include {
    path: String,
    /// The line of the file at hand that leads there.
    line: u32,
    constraints: bool,
}

struct Reader<'s, 'a> {
    source: &'s Source<'a>,
    scope: Scope,
    pending: VecDeque<Include>,
    seen: HashSet<String>,
    /// The only version that the constraints leave of a package; `None` where they name several.
    pins: HashMap<String, Option<String>>,
    by_line: HashMap<u32, PackageId>,
}

fn extract(source: &Source<'_>, records: &mut Records) {
    let mut reader = Reader {
        source,
        scope: scope_of_file(source.path()),
        pending: VecDeque::new(),
        seen: HashSet::from([source.path().to_owned()]),
        pins: HashMap::new(),
        by_line: HashMap::new(),
    };
    reader.read(source.path(), source.text(), None, false, records);
    while let Some(include) = reader.pending.pop_front() {
        reader.include(&include, records);
    }
    pin(&reader.pins, records);
    via::apply(source.text(), &reader.by_line, records);
}

impl Reader<'_, '_> {
    /// Reads the text of the file at `path`, which is included at line `at` unless it is our own.
    fn read(&mut self, path: &str, text: &str, at: Option<u32>, constraints: bool, records: &mut Records) {
        for line in line::lines(text) {
            let number = at.unwrap_or(line.number);
            let inside = if at.is_some() { format!(" ({path}:{})", line.number) } else { String::new() };
            match line::statement(&line.text) {
                Statement::Option => {}
                Statement::Unknown(option) => {
                    let message = format!("pip has no option {option}; the line is passed over{inside}");
                    records.problem(ProblemKind::BadEntry, Some(number), &message);
                }
                Statement::Include(reference) => self.refer(path, &reference, number, constraints, records),
                Statement::Constraints(reference) => self.refer(path, &reference, number, true, records),
                Statement::Requirement { text, .. } if constraints => self.constrain(&text),
                Statement::Requirement { text, hashes, editable } => match self.package(&text, hashes, editable) {
                    Ok(Some(package)) => self.add(package, number, at.is_none(), records),
                    Ok(None) => {}
                    Err(reason) => {
                        let message = format!("{text}: {reason}{inside}");
                        records.problem(ProblemKind::BadEntry, Some(number), &message);
                    }
                },
            }
        }
    }

    fn add(&mut self, mut package: Package, line: u32, own: bool, records: &mut Records) {
        package.line = Some(line);
        if package.requirement.as_deref().is_some_and(|range| range.contains("${")) {
            let message = format!("{} takes its version from the environment", package.name);
            records.problem(ProblemKind::Unresolved, Some(line), &message);
        }
        if let Some(id) = records.package(package)
            && own
        {
            self.by_line.insert(line, id);
        }
    }

    /// `None` for folders without a name: they hold the project's own code, which needs no record.
    fn package(&self, text: &str, hashes: Vec<String>, editable: bool) -> Result<Option<Package>, &'static str> {
        let requirement = pep508::parse(text);
        let mut package = match (requirement, place::place(text)) {
            // pip takes the argument of `-e` for a folder, however much it looks like a name.
            (Ok(requirement), _) if requirement.url.is_some() => from_requirement(&requirement),
            (_, None) if editable => return Ok(None),
            (_, Some(place)) if place::is_folder(place.url) && place.name.is_none() => return Ok(None),
            (_, Some(place)) => from_place(&place).ok_or("nothing here names the package behind this URL")?,
            (requirement, None) => from_requirement(&requirement?),
        };
        package.scope = self.scope;
        package.relation = Relation::Direct;
        package.checksums.extend(hashes.iter().map(|hash| hash.to_ascii_lowercase()));
        package.checksums.truncate(fumehood_contract::limits::CHECKSUMS_PER_PACKAGE_MAX);
        Ok(Some(package))
    }

    fn constrain(&mut self, text: &str) {
        let Ok(constraint) = pep508::parse(text) else { return };
        let Some(version) = constraint.exact() else { return };
        let pinned = self.pins.entry(purl::normal_pypi_name(constraint.name));
        pinned
            .and_modify(|known| *known = known.take().filter(|known| known == version))
            .or_insert_with(|| Some(version.to_owned()));
    }

    fn refer(&mut self, from: &str, reference: &str, line: u32, constraints: bool, records: &mut Records) {
        match resolve(from, reference) {
            Ok(path) if self.seen.contains(&path) => {}
            Ok(path) if self.seen.len() > INCLUDES_MAX => {
                let message = format!("more than {INCLUDES_MAX} files are included; {path} is left out");
                records.problem(ProblemKind::OverLimit, Some(line), &message);
            }
            Ok(path) => {
                self.seen.insert(path.clone());
                self.pending.push_back(Include { path, line, constraints });
            }
            Err(error) => {
                let shown = url::without_credentials(reference);
                let message = format!("{shown} is included here, and is not read: {error}");
                records.problem(ProblemKind::OutsideRoot, Some(line), &message);
            }
        }
    }

    fn include(&mut self, include: &Include, records: &mut Records) {
        let text = match self.source.tree().text(&include.path) {
            Ok(text) => text,
            Err(error) => {
                let message = format!("{} is included here, and cannot be read: {error}", include.path);
                return records.problem(ProblemKind::NotFound, Some(include.line), &message);
            }
        };
        // A file of our own patterns has its own record.
        if include.constraints || !FILES.iter().any(|pattern| pattern.matches(&include.path)) {
            self.read(&include.path, &text, Some(include.line), include.constraints, records);
        }
    }
}

/// What no requirement fixes, a constraint may.
fn pin(pins: &HashMap<String, Option<String>>, records: &mut Records) {
    if pins.is_empty() {
        return;
    }
    for package in records.packages_mut() {
        let is_fixed = package.version.is_some() && package.requirement.is_none();
        if is_fixed || package.source.is_some() {
            continue;
        }
        let Some(Some(version)) = pins.get(&purl::normal_pypi_name(&package.name)) else { continue };
        package.purl = purl::package(Ecosystem::Pypi, &package.name, Some(version)).purl;
        package.version = Some(version.clone());
        package.requirement = None;
    }
}
