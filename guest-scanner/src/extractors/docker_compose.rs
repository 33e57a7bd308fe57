//! `docker-compose.yml` and `compose.yaml`: the images of services.
//!
//! Format: <https://github.com/compose-spec/compose-spec/blob/main/spec.md>; the first version has the
//! services at the top. Variables have their values from `.env` beside the file, else the defaults that
//! stand in the expression. The image of a service with `build` is what the project makes itself.

use std::collections::HashMap;

use fumehood_contract::{Relation, Scope};

use crate::expand::{Escape, expand};
use crate::extractor::{Extractor, Pattern};
use crate::listing::Listing;
use crate::records::Records;
use crate::source::Source;
use crate::yaml::{Node, Yaml};

/// The extractor of Compose files.
pub const EXTRACTOR: Extractor = Extractor {
    id: "docker-compose",
    ecosystem: "Infrastructure",
    files: &[
        Pattern::Name("compose.yml"),
        Pattern::Name("compose.yaml"),
        Pattern::Affixes("compose.", ".yml"),
        Pattern::Affixes("compose.", ".yaml"),
        Pattern::Affixes("compose-", ".yml"),
        Pattern::Affixes("compose-", ".yaml"),
        Pattern::Holding("docker-compose", ".yml"),
        Pattern::Holding("docker-compose", ".yaml"),
    ],
    companions: &[ENVIRONMENT],
    extract,
};

const ENVIRONMENT: &str = ".env";

fn extract(source: &Source<'_>, records: &mut Records) {
    let yaml = Yaml::read_noting(source.text(), records);
    let environment = source.sibling(ENVIRONMENT).and_then(Result::ok).unwrap_or_default();
    let environment = variables(&environment);
    let mut listing = Listing::new(Scope::Runtime);
    if !yaml.documents().any(is_compose) {
        records.not_of_format();
    }
    for document in yaml.documents() {
        let services = document.get("services").unwrap_or(document);
        for (_, service) in services.entries() {
            read_service(service, &environment, &mut listing, records);
        }
    }
}

/// Whether it has services, or as in the first version of the format is made of them: other files have
/// such names too.
fn is_compose(document: Node<'_, '_>) -> bool {
    let is_service = |(_, service): (Node<'_, '_>, Node<'_, '_>)| {
        service.get("image").is_some() || service.get("build").is_some() || service.get("extends").is_some()
    };
    ["services", "include"].iter().any(|key| document.get(key).is_some()) || document.entries().any(is_service)
}

fn read_service(
    service: Node<'_, '_>,
    environment: &HashMap<&str, &str>,
    listing: &mut Listing,
    records: &mut Records,
) {
    let Some((node, image)) = service.get("image").and_then(|node| Some((node, node.text()?))) else { return };
    let value = |name: &str| environment.get(name).copied();
    let expanded = expand(image, Escape::Double, value);
    let partial = || {
        let (name, tag) = image.rsplit_once(":$").filter(|(_, tag)| !tag.contains('/'))?;
        Some(format!("{}:${tag}", expand(name, Escape::Double, value)?))
    };
    let image = expanded.or_else(partial).unwrap_or_else(|| image.to_owned());
    let id = listing.image(&image, node.line(), records);
    if let Some(package) = id.and_then(|id| records.get_mut(id))
        && service.get("build").is_some()
    {
        package.relation = Relation::Project;
    }
}

/// `NAME=value`, one on a line.
fn variables(text: &str) -> HashMap<&str, &str> {
    let mut found = HashMap::new();
    for line in text.lines() {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        if let Some((name, value)) = line.split_once('=')
            && !line.starts_with('#')
        {
            let value = value.split(" #").next().unwrap_or(value).trim().trim_matches(['"', '\'']);
            found.insert(name.trim(), value);
        }
    }
    found
}
