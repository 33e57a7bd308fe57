//! `*.rockspec`, the description of a Lua rock.
//!
//! Format: LuaRocks' wiki, "Rockspec format". A rockspec is a Lua program, of which the literals are
//! read ([`lua`]) and nothing is run. It is named after its package and version, which tells them where
//! the program computes them. The rock itself is reported, and what it asks for as requirements.

mod lua;

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::source::Source;
use lua::{Field, Value, Variables};

/// The extractor of `*.rockspec`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "rockspec",
    ecosystem: "Lua",
    files: &[Pattern::Affixes("", ".rockspec")],
    companions: &[],
    extract,
};

const LISTS: [(&str, Scope); 3] =
    [("dependencies", Scope::Runtime), ("build_dependencies", Scope::Build), ("test_dependencies", Scope::Test)];

fn extract(source: &Source<'_>, records: &mut Records) {
    let (variables, broken) = lua::read(source.text());
    if let Some(broken) = broken {
        let kind = if broken.is_limit { ProblemKind::OverLimit } else { ProblemKind::Unparsable };
        let message = format!("{}; what stands before is reported", broken.message);
        records.problem(kind, source.line_of(broken.at), &message);
    }
    add_rock(&variables, source, records);
    for (list, scope) in LISTS {
        let Some(variable) = variables.get(list) else { continue };
        if variable.value == Value::Unknown {
            let message = format!("{list} is computed; what it holds is not reported");
            records.problem(ProblemKind::BadEntry, source.line_of(variable.at), &message);
        }
        // The fields with keys are for some platforms.
        for field in variable.value.fields().iter().filter(|field| field.key.is_none()) {
            add(field, scope, source, records);
        }
    }
}

fn add_rock(variables: &Variables<'_>, source: &Source<'_>, records: &mut Records) {
    let value = |name: &str| variables.get(name).map(|variable| &variable.value);
    let text = |name: &str| value(name).and_then(Value::text);
    let of_file = of_file_name(source.path());
    let Some(name) = text("package").or_else(|| of_file.map(|(name, _)| name)) else {
        let message = "it does not say which package it is of";
        return records.problem(ProblemKind::Unparsable, Some(1), message);
    };
    let version = text("version").or_else(|| of_file.map(|(_, version)| version));
    if version.is_none() {
        records.problem(ProblemKind::Unresolved, Some(1), &format!("the version of {name} is computed"));
    }
    let place = value("source").and_then(|place| Some((place.text_of("url")?, place.text_of("tag"))));
    let mut package = purl::package(Ecosystem::Luarocks, name, version);
    package.line = variables.get("package").and_then(|variable| source.line_of(variable.at));
    package.relation = Relation::Project;
    package.license = value("description").and_then(|about| about.text_of("license")).map(str::to_owned);
    package.source = place.map(|(url, tag)| {
        let tag = tag.map(|tag| format!("#{tag}")).unwrap_or_default();
        without_credentials(url) + &tag
    });
    records.package(package);
}

/// `name-version-revision.rockspec`; development versions are called `scm`, `dev` or `cvs`.
fn of_file_name(path: &str) -> Option<(&str, &str)> {
    let stem = path.rsplit('/').next()?.strip_suffix(".rockspec")?;
    let (rest, revision) = stem.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    let is_version =
        version.starts_with(|letter: char| letter.is_ascii_digit()) || ["scm", "dev", "cvs"].contains(&version);
    let is_revision = !revision.is_empty() && revision.bytes().all(|byte| byte.is_ascii_digit());
    (is_version && is_revision && !name.is_empty()).then(|| (name, stem.get(name.len() + 1..).unwrap_or_default()))
}

/// `name`, and perhaps a requirement: `name >= 1.0, < 2.0`.
fn add(field: &Field<'_>, scope: Scope, source: &Source<'_>, records: &mut Records) {
    let line = source.line_of(field.at);
    let Some(text) = field.value.text().map(str::trim).filter(|text| !text.is_empty()) else {
        return records.problem(ProblemKind::BadEntry, line, "a dependency is computed, or no text");
    };
    let end = text.find(|letter: char| letter.is_whitespace() || "<>=~@".contains(letter)).unwrap_or(text.len());
    let (name, requirement) = text.split_at_checked(end).unwrap_or((text, ""));
    // Lua itself is what the rock runs on, no rock.
    if name == "lua" {
        return;
    }
    let requirement = Some(requirement.trim()).filter(|requirement| !requirement.is_empty());
    let package = purl::package(Ecosystem::Luarocks, name, None);
    let requirement = requirement.map(str::to_owned);
    records.package(Package { requirement, line, scope, relation: Relation::Direct, ..package });
}

#[cfg(test)]
mod tests {
    use super::of_file_name;

    #[test]
    fn files_tell_their_version() {
        assert_eq!(of_file_name("a/lua-x-1.0-2.rockspec"), Some(("lua-x", "1.0-2")));
        assert_eq!(of_file_name("x-scm-1.rockspec"), Some(("x", "scm-1")));
        assert_eq!(of_file_name("lua-x.rockspec"), None);
    }
}
