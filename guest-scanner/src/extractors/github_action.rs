//! `action.yml`: what a composite or container action of GitHub uses.
//!
//! Format: <https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax>. Other
//! tools have files of that name too: without `runs` there is nothing to read.

use fumehood_contract::Scope;

use crate::extractor::{Extractor, Pattern};
use crate::extractors::github_workflow::uses;
use crate::listing::Listing;
use crate::records::Records;
use crate::source::Source;
use crate::yaml::Yaml;

/// The extractor of `action.yml`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "github-action",
    ecosystem: "CI",
    files: &[Pattern::Name("action.yml"), Pattern::Name("action.yaml")],
    companions: &[],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    let yaml = Yaml::read_noting(source.text(), records);
    // Whoever uses the action runs these: they are what it is made of.
    let mut listing = Listing::new(Scope::Runtime);
    for runs in yaml.documents().filter_map(|document| document.get("runs")) {
        uses::read_steps(runs, &mut listing, records);
        // Without the scheme it is a Dockerfile of the repository.
        if let Some((node, image)) = runs.get("image").and_then(|node| Some((node, node.text()?)))
            && image.starts_with("docker://")
        {
            listing.image(image, node.line(), records);
        }
    }
}
