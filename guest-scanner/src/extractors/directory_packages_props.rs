//! `Directory.Packages.props`, the central versions of .NET's packages, and `Directory.Build.props`.
//!
//! What they declare: `dotnet::references`. A central version (`PackageVersion`) is reported with no
//! relation, as the projects say which of them they take; what stands in `Directory.Build.props` (or
//! `.targets`) as a reference is one of every project below.

use crate::dotnet::references;
use crate::extractor::{Extractor, Pattern};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `Directory.Packages.props`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "directory-packages-props",
    ecosystem: ".NET",
    files: &[
        Pattern::Name("Directory.Packages.props"),
        Pattern::Name("Directory.Build.props"),
        Pattern::Name("Directory.Build.targets"),
        // Of the extension that came before central package management.
        Pattern::Name("Packages.props"),
    ],
    companions: references::COMPANIONS,
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    references::report(source, records);
}
