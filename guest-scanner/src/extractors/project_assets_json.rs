//! `project.assets.json`, what NuGet restored for a .NET project.
//!
//! Format: `LockFileFormat` in NuGet's source, versions 1 to 3; it usually lies in `obj`. What the
//! project itself asks for stands in `project.frameworks`, before that existed in
//! `projectFileDependencyGroups`. References with `PrivateAssets=all` (here: `suppressParent`) serve
//! development: those who use the project do not get them.

use std::collections::HashMap;

use fumehood_contract::{ProblemKind, Scope};

use crate::dotnet::{self, libraries::Libraries};
use crate::extractor::{Extractor, Pattern};
use crate::graph;
use crate::json_tree::{self, Json};
use crate::jsonc;
use crate::records::{PackageId, Records};
use crate::source::Source;

/// The extractor of `project.assets.json`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "project-assets-json",
    ecosystem: ".NET",
    files: &[Pattern::Name("project.assets.json")],
    companions: &[],
    extract,
};

/// The newest version that we know.
const VERSION_MAX: u64 = 3;

fn extract(source: &Source<'_>, records: &mut Records) {
    let text = jsonc::plain(source.text());
    let (root, lines) = json_tree::read(&text, records);
    if let Some(version) = root.get("version").and_then(Json::as_number)
        && version > VERSION_MAX
    {
        let message = format!("version {version} is newer than {VERSION_MAX}, the newest known; not read");
        return records.problem(ProblemKind::Unsupported, Some(1), &message);
    }
    let libraries = Libraries::read(&root, None, &lines, records);
    let wants = wants(&root);
    if wants.is_empty() {
        return;
    }
    let mut roots: Vec<(PackageId, Scope)> = Vec::new();
    for (_, target) in root.entries_of("targets") {
        let used = libraries.of_target(target);
        roots.extend(used.iter().filter_map(|(name, id)| Some((*id, *wants.get(name)?))));
    }
    graph::spread(records, &roots);
}

/// What the project asks for, by names for comparison. If one framework needs it to run, that counts.
fn wants(root: &Json<'_>) -> HashMap<String, Scope> {
    let mut wants = HashMap::new();
    let frameworks = root.get("project").map_or(&[][..], |project| project.entries_of("frameworks"));
    for (_, framework) in frameworks {
        for (name, wanted) in framework.entries_of("dependencies") {
            let private = wanted.text("suppressParent").is_some_and(|assets| assets.eq_ignore_ascii_case("all"));
            let scope = wants.entry(dotnet::normal(name)).or_insert(Scope::Dev);
            if !private {
                *scope = Scope::Runtime;
            }
        }
    }
    for (_, group) in root.entries_of("projectFileDependencyGroups") {
        let Json::List(texts) = group else { continue };
        // Referenced projects stand here only, packages in both.
        for name in texts.iter().filter_map(|text| text.as_text()?.split_whitespace().next()) {
            wants.entry(dotnet::normal(name)).or_insert(Scope::Runtime);
        }
    }
    wants
}
