//! `stack.yaml.lock`, the lockfile of Haskell's Stack.
//!
//! Format: Stack's documentation, "Lock files". It pins what `stack.yaml` says of `extra-deps`; the
//! packages of the snapshot are not in it. `original` is as the user wrote it, `completed` says all.

use fumehood_contract::ProblemKind;

use crate::extractor::{Extractor, Pattern};
use crate::extractors::stack_yaml::located;
use crate::records::Records;
use crate::source::Source;
use crate::yaml::{self, Node};

/// The extractor of `stack.yaml.lock`, and of those of project files that are called otherwise.
pub const EXTRACTOR: Extractor = Extractor {
    id: "stack-yaml-lock",
    ecosystem: "Haskell",
    files: &[Pattern::Name("stack.yaml.lock"), Pattern::Affixes("stack-", ".yaml.lock")],
    companions: &[],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    yaml::read_mapping(source, records, |root, records| {
        if root.get("packages").is_none() && root.get("snapshots").is_none() {
            let message = "it has neither packages nor snapshots: not a lockfile of Stack";
            return records.problem(ProblemKind::Unparsable, Some(root.line()), message);
        }
        for item in root.get("packages").into_iter().flat_map(Node::items) {
            let (completed, original) = (item.get("completed"), item.get("original"));
            let found = completed.and_then(|place| Some((place, located(place)?)));
            let found = found.or_else(|| original.and_then(|place| Some((place, located(place)?))));
            let Some((place, mut package)) = found else {
                let message = "a package is neither of Hackage, nor has it a name";
                records.problem(ProblemKind::BadEntry, Some(item.line()), message);
                continue;
            };
            package.line = Some(place.line());
            records.package(package);
        }
    });
}
