//! `.circleci/config.yml`: the orbs, images and machine images of CircleCI's pipelines.
//!
//! Format: <https://circleci.com/docs/configuration-reference/>. Orbs have no package type of their own;
//! an orb may stand in the file itself, with orbs and jobs of its own.

use fumehood_contract::{Package, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::listing::Listing;
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;
use crate::yaml::{Node, Yaml};

/// The extractor of CircleCI's pipelines.
pub const EXTRACTOR: Extractor = Extractor {
    id: "circleci",
    ecosystem: "CI",
    files: &[Pattern::In(".circleci", ".yml"), Pattern::In(".circleci", ".yaml")],
    companions: &[],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    let yaml = Yaml::read_noting(source.text(), records);
    let mut listing = Listing::new(Scope::Build);
    let mut waiting: Vec<_> = yaml.documents().collect();
    waiting.reverse();
    while let Some(holder) = waiting.pop() {
        for (name, orb) in holder.get("orbs").into_iter().flat_map(Node::entries) {
            match orb.text() {
                Some(reference) => {
                    listing.add(versioned(reference, '@'), name.line(), records);
                }
                None => waiting.push(orb),
            }
        }
        for section in ["executors", "jobs"] {
            for (_, executor) in holder.get(section).into_iter().flat_map(Node::entries) {
                read_executor(executor, &mut listing, records);
            }
        }
    }
}

fn read_executor(executor: Node<'_, '_>, listing: &mut Listing, records: &mut Records) {
    for container in executor.get("docker").into_iter().flat_map(Node::items) {
        if let Some((node, image)) = container.get("image").and_then(|node| Some((node, node.text()?))) {
            // `<< parameters.x >>` is a variable.
            listing.image(&image.replace(' ', ""), node.line(), records);
        }
    }
    let image = executor.get("machine").and_then(|machine| machine.get("image"));
    if let Some((node, image)) = image.and_then(|node| Some((node, node.text()?)))
        && !image.contains("<<")
    {
        listing.add(versioned(image, ':'), node.line(), records);
    }
}

/// `name@1.2.3`; anything short of three numbers stands for the newest of those.
fn versioned(reference: &str, sign: char) -> Package {
    let (name, wanted) = reference.split_once(sign).map_or((reference, None), |(name, wanted)| (name, Some(wanted)));
    let numbers = |wanted: &&str| {
        wanted.split('.').count() == 3 && wanted.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    let version = wanted.filter(numbers);
    let mut package = purl::package(Ecosystem::Generic, name.trim(), version);
    package.requirement = wanted.filter(|_| version.is_none()).map(str::to_owned);
    package
}
