//! `deno.json`, Deno's manifest, and import maps: what a project's imports stand for.
//!
//! Format: the Deno documentation, pages `deno.json` and `import maps`; JSONC. `imports` maps what
//! stands in the code to packages of npm and JSR, to modules of the web or to files; `scopes` does
//! that for a part of the code. Where `deno.lock` covers the project that says everything better, and
//! nothing is reported here.

use std::borrow::Cow;
use std::collections::HashSet;

use fumehood_contract::{Package, ProblemKind, Relation};
use serde::de::{DeserializeSeed as _, Error as _, IgnoredAny, MapAccess, SeqAccess};
use serde_json::Error;

use super::deno_lock;
use super::deno_lock::specifier::{Module, Specifier};
use super::package_json::locked::{self, Members};
use super::package_lock::lenient::{IfObject, ReadObject};
use super::package_lock::spec;
use crate::extractor::{Extractor, Pattern};
use crate::json::{Any, AnyValue, MaybeText, Scalar, Text};
use crate::jsonc;
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;
use crate::tree::Tree;

/// The extractor of `deno.json`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "deno-json",
    ecosystem: "JavaScript",
    files: &[
        Pattern::Name("deno.json"),
        Pattern::Name("deno.jsonc"),
        Pattern::Name("import_map.json"),
        Pattern::Name("jsr.json"),
    ],
    companions: &[deno_lock::FILE_NAME],
    extract,
};

/// Manifests above are read again for each of those below: only to this size.
const READ_BYTES_MAX: u64 = 4 * 1024 * 1024;

fn extract(source: &Source<'_>, records: &mut Records) {
    let has_lockfile = |tree: &Tree, folder: &str| tree.exists(&locked::join(folder, deno_lock::FILE_NAME));
    if locked::is_locked(source, has_lockfile, members) {
        return;
    }
    let plain = jsonc::plain(source.text());
    let source = &Source::new(source.path(), &plain, source.tree());
    let (manifest, error) = read(source.text());
    let mut seen = HashSet::new();
    for import in &manifest.imports {
        // Of what is neither there is nothing to say: it is a file, or a part of Deno or Node.
        let Some(package) = package(&import.target).filter(|package| !package.purl.is_empty()) else { continue };
        if seen.insert((package.purl.clone(), package.requirement.clone())) {
            let line = source.line_of(&import.name);
            records.package(Package { line, relation: Relation::Direct, ..package });
        }
    }
    if let Some(error) = error {
        let line = u32::try_from(error.line()).ok().filter(|line| *line > 0);
        records.problem(ProblemKind::Unparsable, line, &format!("{error}; what stands before is reported"));
    }
}

/// What an import names; `None` for files, and for parts of Deno or Node.
pub(super) fn package(target: &str) -> Option<Package> {
    if let Some(asked) = Specifier::parse(target) {
        if let Some(version) = asked.requirement.and_then(spec::pinned) {
            return Some(purl::package(asked.ecosystem, asked.name, Some(version)));
        }
        let requirement = Some(asked.requirement.unwrap_or("*").to_owned());
        return Some(Package { requirement, ..purl::package(asked.ecosystem, asked.name, None) });
    }
    let module = Module::parse(target)?;
    let exact = module.version.filter(|version| spec::is_exact(version.strip_prefix('v').unwrap_or(version)));
    let requirement = module.version.filter(|_| exact.is_none()).map(str::to_owned);
    let source = Some(module.base.to_owned());
    Some(Package { requirement, source, ..purl::package(Ecosystem::Generic, module.name, exact) })
}

/// What a manifest says, as far as it can be read.
#[derive(Default)]
struct Manifest<'a> {
    imports: Vec<Import<'a>>,
    /// The folders of the members of a workspace.
    members: Vec<Cow<'a, str>>,
}

struct Import<'a> {
    name: Cow<'a, str>,
    target: Cow<'a, str>,
}

fn members(tree: &Tree, folder: &str) -> Members {
    let text = |name| tree.text_within(&locked::join(folder, name), READ_BYTES_MAX).ok();
    let text = text("deno.json").or_else(|| text("deno.jsonc")).unwrap_or_default();
    let plain = jsonc::plain(&text);
    Members::In(read(&plain).0.members.into_iter().map(Cow::into_owned).collect())
}

fn read(text: &str) -> (Manifest<'_>, Option<Error>) {
    let mut manifest = Manifest::default();
    let mut json = serde_json::Deserializer::from_str(text);
    let found = IfObject(Top(&mut manifest)).deserialize(&mut json).and_then(|object| match object {
        true => json.end(),
        false => Err(Error::custom("not an object")),
    });
    (manifest, found.err())
}

struct Top<'t, 'a>(&'t mut Manifest<'a>);

impl<'de> ReadObject<'de> for Top<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            match key.as_str() {
                "imports" => {
                    map.next_value_seed(IfObject(Imports(&mut self.0.imports)))?;
                }
                "scopes" => {
                    map.next_value_seed(IfObject(Scopes(&mut self.0.imports)))?;
                }
                // Once called `workspaces`, and once an object.
                "workspace" | "workspaces" => map.next_value_seed(Any(MemberList(&mut self.0.members)))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Scopes<'t, 'a>(&'t mut Vec<Import<'a>>);

impl<'de> ReadObject<'de> for Scopes<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key::<IgnoredAny>()?.is_some() {
            map.next_value_seed(IfObject(Imports(&mut *self.0)))?;
        }
        Ok(())
    }
}

struct Imports<'t, 'a>(&'t mut Vec<Import<'a>>);

impl<'de> ReadObject<'de> for Imports<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((Text(name), MaybeText(target))) = map.next_entry()? {
            self.0.extend(target.map(|target| Import { name, target }));
        }
        Ok(())
    }
}

struct MemberList<'t, 'a>(&'t mut Vec<Cow<'a, str>>);

impl<'de> AnyValue<'de> for MemberList<'_, 'de> {
    type Value = ();

    fn scalar(self, _: Scalar<'de>) {}
    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(MaybeText(member)) = list.next_element()? {
            self.0.extend(member);
        }
        Ok(())
    }
    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(key) = object.next_key::<Text<'_>>()? {
            if key.as_str() == "members" {
                object.next_value_seed(Any(MemberList(&mut *self.0)))?;
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}
