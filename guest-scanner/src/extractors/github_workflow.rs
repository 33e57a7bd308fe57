//! GitHub workflows (`.github/workflows/*.yml`): the actions, reusable workflows and images they use.
//!
//! Format: <https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax>. What a
//! workflow uses builds the project and is not shipped with it.

pub(super) mod uses;

use fumehood_contract::Scope;

use crate::extractor::{Extractor, Pattern};
use crate::listing::Listing;
use crate::records::Records;
use crate::source::Source;
use crate::yaml::{Node, Yaml};

/// The extractor of GitHub workflows.
pub const EXTRACTOR: Extractor = Extractor {
    id: "github-workflow",
    ecosystem: "CI",
    files: &[Pattern::In(".github/workflows", ".yml"), Pattern::In(".github/workflows", ".yaml")],
    companions: &[],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    let yaml = Yaml::read_noting(source.text(), records);
    let mut listing = Listing::new(Scope::Build);
    for document in yaml.documents() {
        let Some(jobs) = document.get("jobs") else { continue };
        for (_, job) in jobs.entries() {
            read_job(job, &mut listing, records);
        }
    }
}

fn read_job(job: Node<'_, '_>, listing: &mut Listing, records: &mut Records) {
    if let Some(container) = job.get("container") {
        read_image(container, listing, records);
    }
    for (_, service) in job.get("services").into_iter().flat_map(Node::entries) {
        read_image(service, listing, records);
    }
    // A job calls another workflow.
    uses::read(job, listing, records);
    uses::read_steps(job, listing, records);
}

/// An image, or a mapping with one. An empty one stands for none, which expressions make use of.
fn read_image(container: Node<'_, '_>, listing: &mut Listing, records: &mut Records) {
    let node = if container.is_mapping() { container.get("image") } else { Some(container) };
    if let Some((node, image)) = node.and_then(|node| Some((node, node.text()?)))
        && !image.trim().is_empty()
    {
        listing.image(image, node.line(), records);
    }
}
