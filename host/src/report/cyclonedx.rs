//! CycloneDX 1.6 JSON (ECMA-424): an SBOM of a job.
//!
//! One repository is the subject itself; several are components below the job, each with its packages
//! below it. A package that several files name is one component with several occurrences. Without a
//! timestamp and a serial number, which the format does not demand, the same tree gives the same bytes.

mod model;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use fumehood_contract::{FileRecord, Package, Relation, Scope};

use self::model::{
    Bom, Component, Composition, Dependency, Evidence, Hash, LicenseChoice, Metadata, Named, Occurrence, Property,
    Tool, Tools,
};
use super::RepoReport;

/// Writes one document for all repositories.
pub fn write(mut out: &mut dyn Write, reports: &[RepoReport]) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, &bom(reports))?;
    out.write_all(b"\n")?;
    out.flush()
}

fn bom(reports: &[RepoReport]) -> Bom {
    let single = if let [report] = reports { Some(report) } else { None };
    let mut dependencies = Vec::new();
    let mut compositions = Vec::new();
    let mut trees = Vec::new();
    for (index, report) in reports.iter().enumerate() {
        let prefix = if single.is_some() { String::new() } else { format!("{index}:") };
        let mut graph = Graph::new(&prefix);
        report.files.iter().for_each(|file| graph.file(file));
        let root = format!("{prefix}{ROOT}");
        dependencies.extend(graph.dependencies(&root));
        let aggregate = if report.ended.complete { "complete" } else { "incomplete" };
        compositions.push(Composition { aggregate, assemblies: vec![root.clone()] });
        let components: Vec<_> = graph.components.into_values().collect();
        trees.push((Component::application(&root, &report.name, properties(report)), components));
    }
    let (subject, components) = match single {
        Some(_) => trees.pop().unwrap_or_else(|| (Component::application(ROOT, "", Vec::new()), Vec::new())),
        None => {
            let nested = trees.into_iter().map(|(repository, components)| Component { components, ..repository });
            (Component::application("job", "job", Vec::new()), nested.collect())
        }
    };
    let scanner = Tool { kind: "application", name: "fumehood", version: env!("CARGO_PKG_VERSION") };
    Bom {
        bom_format: "CycloneDX",
        spec_version: "1.6",
        version: 1,
        metadata: Metadata { tools: Tools { components: vec![scanner] }, component: subject },
        components,
        dependencies,
        compositions,
    }
}

const ROOT: &str = "repository";

fn properties(report: &RepoReport) -> Vec<Property> {
    let mut properties = vec![Property::new("fumehood:outcome", &report.ended.outcome)];
    for file in &report.files {
        for problem in &file.problems {
            let line = problem.line.map_or_else(String::new, |line| format!(":{line}"));
            properties.push(Property::new("fumehood:problem", &format!("{}{line}: {}", file.path, problem.message)));
        }
    }
    let skips = report.listing.iter().flat_map(|listing| listing.skips());
    for (what, entries, _) in skips.filter(|(_, entries, incomplete)| *incomplete && entries.count > 0) {
        properties.push(Property::new("fumehood:skipped", &format!("{} × {what}", entries.count)));
    }
    properties
}

/// The components of one repository by package URL, with their edges.
struct Graph<'a> {
    prefix: &'a str,
    components: BTreeMap<String, Component>,
    edges: BTreeMap<String, BTreeSet<String>>,
    roots: BTreeSet<String>,
}

impl<'a> Graph<'a> {
    fn new(prefix: &'a str) -> Self {
        Self { prefix, components: BTreeMap::new(), edges: BTreeMap::new(), roots: BTreeSet::new() }
    }

    fn file(&mut self, file: &FileRecord) {
        let reference = |package: &Package| format!("{}{}", self.prefix, package.purl);
        let references: Vec<String> = file.packages.iter().map(reference).collect();
        let mut needed = BTreeSet::new();
        for (package, from) in file.packages.iter().zip(&references) {
            let edges =
                package.depends_on.iter().filter_map(|to| references.get(*to as usize)).filter(|to| *to != from);
            let edges: BTreeSet<String> = edges.cloned().collect();
            if package.relation == Relation::Project {
                needed.extend(edges.iter().cloned());
            }
            self.edges.entry(from.clone()).or_default().extend(edges);
        }
        for (package, from) in file.packages.iter().zip(&references) {
            // What a project of this file needs hangs below that project, not below the repository.
            let is_root = match package.relation {
                Relation::Project => true,
                Relation::Direct | Relation::Unknown => !needed.contains(from),
                Relation::Transitive => false,
            };
            if is_root {
                self.roots.insert(from.clone());
            }
            self.component(from, file, package);
        }
    }

    fn component(&mut self, reference: &str, file: &FileRecord, package: &Package) {
        let component = self.components.entry(reference.to_owned()).or_insert_with(|| component(reference, package));
        let occurrence = Occurrence { location: file.path.clone(), line: package.line };
        component.evidence.get_or_insert_with(Evidence::default).occurrences.push(occurrence);
        component.scope = stronger(component.scope, scope(package.scope));
        let found_by = Property::new("fumehood:extractor", &file.extractor);
        if !component.properties.contains(&found_by) {
            component.properties.push(found_by);
        }
    }

    fn dependencies(&self, root: &str) -> Vec<Dependency> {
        let first = Dependency { reference: root.to_owned(), depends_on: self.roots.iter().cloned().collect() };
        let rest = self
            .edges
            .iter()
            .map(|(from, to)| Dependency { reference: from.clone(), depends_on: to.iter().cloned().collect() });
        std::iter::once(first).chain(rest).collect()
    }
}

fn component(reference: &str, package: &Package) -> Component {
    let mut properties = Vec::new();
    if package.scope != Scope::Runtime {
        properties.push(Property::new("fumehood:scope", &format!("{:?}", package.scope).to_lowercase()));
    }
    if package.relation != Relation::Unknown {
        properties.push(Property::new("fumehood:relation", &format!("{:?}", package.relation).to_lowercase()));
    }
    if let Some(requirement) = &package.requirement {
        properties.push(Property::new("fumehood:requirement", requirement));
    }
    if let Some(source) = &package.source {
        properties.push(Property::new("fumehood:source", source));
    }
    Component {
        kind: if package.relation == Relation::Project { "application" } else { "library" },
        reference: reference.to_owned(),
        name: package.name.clone(),
        version: package.version.clone(),
        purl: Some(package.purl.clone()),
        scope: None,
        hashes: hashes(&package.checksums),
        licenses: package.license.iter().map(|name| LicenseChoice { license: Named { name: name.clone() } }).collect(),
        evidence: None,
        properties,
        components: Vec::new(),
    }
}

/// The format's words for scopes, weakest first: what is not shipped is `excluded`.
fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Dev | Scope::Test | Scope::Build => "excluded",
        Scope::Optional => "optional",
        Scope::Runtime | Scope::Peer => "required",
    }
}

fn stronger(known: Option<&'static str>, new: &'static str) -> Option<&'static str> {
    let rank = |scope: &str| ["excluded", "optional", "required"].iter().position(|name| *name == scope);
    known.into_iter().chain([new]).max_by_key(|scope| rank(scope))
}

/// The hashes of a component: only where there is one an algorithm. A Python package has one for every
/// wheel, none of which is the package's.
fn hashes(checksums: &[String]) -> Vec<Hash> {
    let mut found: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    for (algorithm, content) in checksums.iter().filter_map(|sum| hash(sum)) {
        found.entry(algorithm).or_default().insert(content);
    }
    let single = found.into_iter().filter(|(_, contents)| contents.len() == 1);
    single.flat_map(|(alg, contents)| contents.into_iter().map(move |content| Hash { alg, content })).collect()
}

fn hash(checksum: &str) -> Option<(&'static str, String)> {
    let names = [
        ("md5", "MD5", 16),
        ("sha1", "SHA-1", 20),
        ("sha256", "SHA-256", 32),
        ("sha384", "SHA-384", 48),
        ("sha512", "SHA-512", 64),
    ];
    let (name, value) = checksum.split_once([':', '-'])?;
    let (_, algorithm, bytes) = names.into_iter().find(|(known, _, _)| *known == name)?;
    let content = if checksum.contains(':') { value.to_ascii_lowercase() } else { hex_of_base64(value)? };
    let is_hex = content.len() == 2 * bytes && content.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then_some((algorithm, content))
}

/// Subresource integrity writes its hashes in base64 (RFC 4648, section 4).
fn hex_of_base64(text: &str) -> Option<String> {
    use data_encoding::{BASE64, HEXLOWER};
    BASE64.decode(text.as_bytes()).ok().map(|bytes| HEXLOWER.encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn checksums_become_hashes_of_their_length_only() {
        let sha1 = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(hash(&format!("sha1:{sha1}")), Some(("SHA-1", sha1.to_owned())));
        assert_eq!(hash("sha256:abcd"), None);
        assert_eq!(hash("sha1-ASNFZ4mrze8BI0VniavN7wEjRWc="), Some(("SHA-1", sha1.to_owned())));
        assert_eq!(hash("h1:abcd="), None);
    }
}
