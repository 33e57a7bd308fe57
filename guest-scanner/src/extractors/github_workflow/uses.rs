//! `uses:` of a step or a job.

use fumehood_contract::{Package, ProblemKind};

use crate::listing::Listing;
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::yaml::Node;

/// What the steps of a job or of a composite action use.
pub(in crate::extractors) fn read_steps(holder: Node<'_, '_>, listing: &mut Listing, records: &mut Records) {
    for step in holder.get("steps").into_iter().flat_map(Node::items) {
        read(step, listing, records);
    }
}

/// What a step or a job uses, if it does. What lies in the repository itself is no dependency.
pub(in crate::extractors) fn read(holder: Node<'_, '_>, listing: &mut Listing, records: &mut Records) {
    let Some((node, uses)) = holder.get("uses").and_then(|node| Some((node, node.text()?.trim()))) else { return };
    if uses.starts_with("docker://") {
        listing.image(uses, node.line(), records);
        return;
    }
    if uses.starts_with("./") || uses.starts_with(".\\") || uses.starts_with("../") {
        return;
    }
    match action(uses) {
        Some(package) => {
            listing.add(package, node.line(), records);
        }
        None => {
            let kind = if uses.contains("${{") { ProblemKind::Unresolved } else { ProblemKind::BadEntry };
            records.problem(kind, Some(node.line()), &format!("{uses} names no action"));
        }
    }
}

/// `owner/repository/path@ref`: a path is that of the action or workflow in its repository.
fn action(uses: &str) -> Option<Package> {
    let (place, reference) = uses.split_once('@').map_or((uses, None), |(place, reference)| (place, Some(reference)));
    let mut parts = place.splitn(3, '/');
    let (owner, repository, path) = (parts.next()?, parts.next()?, parts.next());
    if !is_word(owner) || !is_word(repository) || path.is_some_and(|path| !path.split('/').all(is_word)) {
        return None;
    }
    let reference = reference.map(str::trim).filter(|reference| !reference.is_empty());
    let version = reference.filter(|reference| !reference.contains("${{"));
    let mut package = purl::package(Ecosystem::Github, &format!("{owner}/{repository}"), version);
    package.requirement = reference.filter(|_| version.is_none()).map(str::to_owned);
    if let Some(path) = path {
        package.name = place.to_owned();
        package.purl = format!("{}#{path}", package.purl);
    }
    Some(package)
}

/// Letters that stand in a purl as they are.
fn is_word(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !text.is_empty() && text != "." && text != ".." && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::action;

    #[test]
    fn actions_have_owner_repository_path_and_reference() {
        for (uses, purl) in [
            ("a/b@v1", Some("pkg:github/a/b@v1")),
            ("A/b/c/d@v1", Some("pkg:github/a/b@v1#c/d")),
            ("a/b", Some("pkg:github/a/b")),
            ("a/b@${{ matrix.v }}", Some("pkg:github/a/b")),
            ("a@v1", None),
            ("a/b/../c@v1", None),
        ] {
            assert_eq!(action(uses).map(|package| package.purl).as_deref(), purl);
        }
    }
}
