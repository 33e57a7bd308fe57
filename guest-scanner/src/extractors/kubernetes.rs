//! Kubernetes objects: the images of their containers.
//!
//! Format: <https://kubernetes.io/docs/reference/kubernetes-api/>. They are in YAML files of any name,
//! so every one is looked at: what has no `apiVersion:` and `kind:` at the beginning of a line is
//! something else, and nobody's fault. Templates (`{{ … }}`) hold an object only once they are rendered;
//! of them is reported what can be read as they stand.
//!
//! Wherever a list is called as in a pod (`containers`) or in Tekton (`steps`) or Argo, its members are
//! containers: so the objects of operators are read too, which hold pods in places of their own.

use fumehood_contract::{ProblemKind, Scope};
use memchr::memmem;

use crate::extractor::{Extractor, Pattern};
use crate::image::{self, Reference};
use crate::listing::Listing;
use crate::records::Records;
use crate::source::Source;
use crate::tree::ReadError;
use crate::yaml::{Node, Yaml};

/// The extractor of Kubernetes objects.
pub const EXTRACTOR: Extractor = Extractor {
    id: "kubernetes",
    ecosystem: "Infrastructure",
    files: &[Pattern::Raw(&Pattern::Affixes("", ".yaml")), Pattern::Raw(&Pattern::Affixes("", ".yml"))],
    companions: &[],
    extract,
};

/// The largest file that is read. The bundles of operators have 5 MiB.
const FILE_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// How much of a larger file is looked at to see whether it would have been read.
const HEAD_BYTES_MAX: u64 = 64 * 1024;

const LISTS: [&str; 5] = ["containers", "initContainers", "ephemeralContainers", "steps", "sidecars"];

fn extract(source: &Source<'_>, records: &mut Records) {
    let tree = source.tree();
    match tree.text_within(source.path(), FILE_BYTES_MAX) {
        Ok(text) if is_object(&text) => read(&text, records),
        Err(ReadError::TooLarge) => {
            let head = tree.head(source.path(), HEAD_BYTES_MAX).unwrap_or_default();
            if !is_object(&String::from_utf8_lossy(&head)) {
                return records.not_of_format();
            }
            let message = format!("larger than {} MiB; not read", FILE_BYTES_MAX / 1024 / 1024);
            records.problem(ProblemKind::OverLimit, None, &message);
        }
        Ok(_) | Err(ReadError::NotFound | ReadError::NotText { .. } | ReadError::Io(_)) => records.not_of_format(),
    }
}

fn is_object(text: &str) -> bool {
    let has = |key: &str| {
        let is_first = key.strip_prefix('\n').is_some_and(|key| text.starts_with(key));
        is_first || memmem::find(text.as_bytes(), key.as_bytes()).is_some()
    };
    has("\napiVersion:") && has("\nkind:")
}

fn read(text: &str, records: &mut Records) {
    let is_template = text.contains("{{");
    let yaml = Yaml::read(text);
    if !is_template {
        yaml.note(records);
    }
    let mut listing = Listing::new(Scope::Runtime);
    for document in yaml.documents() {
        if document.get("apiVersion").is_some() && document.get("kind").is_some() {
            images(document, |node, image| {
                if !is_template || matches!(image::read(image), Reference::Image(_)) {
                    listing.image(image, node.line(), records);
                }
            });
        }
    }
}

/// Hands every image of a container below `object` to `found`.
pub(super) fn images<'y, 'a>(object: Node<'y, 'a>, mut found: impl FnMut(Node<'y, 'a>, &'y str)) {
    let mut hand = |holder: Node<'y, 'a>, key: &str| {
        if let Some((node, text)) = holder.get(key).and_then(|node| Some((node, node.text()?))) {
            found(node, text);
        }
    };
    let mut waiting = vec![object];
    while let Some(node) = waiting.pop() {
        let first = waiting.len();
        for (key, value) in node.entries() {
            match key.text() {
                Some(key) if LISTS.contains(&key) => value.items().for_each(|container| hand(container, "image")),
                // Argo's templates have a single one.
                Some("container" | "script") => hand(value, "image"),
                // A volume may be an image.
                Some("image") => hand(value, "reference"),
                Some(_) | None => {}
            }
            waiting.push(value);
        }
        waiting.extend(node.items());
        // In the order of the file, as the last is taken first.
        waiting.get_mut(first..).unwrap_or_default().reverse();
    }
}
