//! `*.csproj`, `*.vbproj` and `*.fsproj`, the project files of .NET.
//!
//! What they refer to: `dotnet::references`. Versions may stand in files above, which are read as far
//! as they are in the repository. A project that was restored with a lockfile beside it, or whose
//! `obj` folder is in the repository, is reported by those files and not by this one.

use crate::dotnet::references;
use crate::extractor::{Extractor, Pattern};
use crate::path;
use crate::records::Records;
use crate::source::Source;

/// The extractor of `*.csproj`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "csproj",
    ecosystem: ".NET",
    files: &[Pattern::Affixes("", ".csproj"), Pattern::Affixes("", ".vbproj"), Pattern::Affixes("", ".fsproj")],
    companions: references::COMPANIONS,
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    let file = path::name(source.path());
    let project = file.rsplit_once('.').map_or(file, |(project, _)| project);
    let own_lock = format!("packages.{project}.lock.json");
    if ["packages.lock.json", &own_lock, "obj/project.assets.json"].into_iter().any(|name| source.has_sibling(name)) {
        return;
    }
    references::report(source, records);
}
