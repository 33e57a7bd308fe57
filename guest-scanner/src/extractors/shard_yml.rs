//! `shard.yml`, the manifest of a Crystal shard.
//!
//! Format: <https://github.com/crystal-lang/shards/blob/master/docs/shard.yml.adoc>. The shard itself is
//! reported, and what it asks for unless the lockfile lies beside it.

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::shard_lock::place;
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;
use crate::yaml::{self, Node};

/// The extractor of `shard.yml`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "shard-yml",
    ecosystem: "Crystal",
    files: &[Pattern::Name("shard.yml")],
    companions: &["shard.lock"],
    extract,
};

const SECTIONS: [(&str, Scope); 2] = [("dependencies", Scope::Runtime), ("development_dependencies", Scope::Dev)];

fn extract(source: &Source<'_>, records: &mut Records) {
    if source.has_sibling("shard.lock") {
        return;
    }
    yaml::read_mapping(source, records, |root, records| {
        if let Some((node, name)) = root.get("name").and_then(|node| Some((node, node.text()?))) {
            let project = purl::package(Ecosystem::Shards, name, root.text_at("version"));
            let license = root.text_at("license").map(str::to_owned);
            let line = Some(node.line());
            records.package(Package { line, license, relation: Relation::Project, ..project });
        }
        for (section, scope) in SECTIONS {
            for (name, shard) in root.get(section).into_iter().flat_map(Node::entries) {
                let line = Some(name.line());
                match name.text() {
                    Some(name) => {
                        let package = package(name, shard);
                        records.package(Package { line, scope, relation: Relation::Direct, ..package });
                    }
                    None => records.problem(ProblemKind::BadEntry, line, "a dependency's name is no text"),
                }
            }
        }
    });
}

/// A bare version is exactly that one.
fn package(name: &str, shard: Node<'_, '_>) -> Package {
    let wanted = shard.text_at("version").map(str::trim);
    let version = wanted.filter(|wanted| is_exact(wanted));
    let revision = ["commit", "tag", "branch"].iter().find_map(|key| shard.text_at(key));
    Package {
        requirement: wanted.filter(|_| version.is_none()).map(str::to_owned),
        source: place(shard, revision),
        ..purl::package(Ecosystem::Shards, name, version)
    }
}

fn is_exact(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '+'))
}
