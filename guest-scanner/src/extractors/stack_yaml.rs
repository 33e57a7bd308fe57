//! `stack.yaml`, the project file of Haskell's Stack.
//!
//! Format: Stack's documentation, "Package location". Packages besides those of the snapshot stand in
//! `extra-deps`, with exact versions: `name-version`, perhaps with a revision, or with the hash and
//! the size of the package's cabal file. It is silent where a `stack.yaml.lock` lies beside it.

use fumehood_contract::{Package, ProblemKind, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::cabal_project_freeze::is_exact;
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::source::Source;
use crate::vcs;
use crate::yaml::{self, Node};

/// The extractor of `stack.yaml`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "stack-yaml",
    ecosystem: "Haskell",
    files: &[Pattern::Name("stack.yaml")],
    companions: &["stack.yaml.lock"],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    if source.has_sibling("stack.yaml.lock") {
        return;
    }
    yaml::read_mapping(source, records, |root, records| {
        for item in root.get("extra-deps").into_iter().flat_map(Node::items) {
            for mut package in packages(item, records) {
                package.line = Some(item.line());
                package.relation = Relation::Direct;
                records.package(package);
            }
        }
    });
}

/// A location. One in a repository may hold several packages, in its subfolders: by custom they are
/// called as the packages are.
fn packages(item: Node<'_, '_>, records: &mut Records) -> Vec<Package> {
    let subfolders = item.get("subdirs").into_iter().flat_map(Node::items).filter_map(Node::text);
    let parts: Vec<_> = subfolders.filter_map(last_part).collect();
    if let (false, Some(url)) = (parts.is_empty(), item.text_at("git")) {
        let place = vcs::git(url, item.text_at("commit"));
        return parts.into_iter().map(|name| wired(name, None, &place)).collect();
    }
    let (text, place) = (item.text(), item.text_at("archive").or_else(|| item.text_at("url")));
    if let Some(package) = text.and_then(hackage).or_else(|| located(item)) {
        return vec![package];
    }
    if let Some(place) = text.or(place).filter(|place| place.contains("://")) {
        let message = format!("the package in {} is not named here", without_credentials(place));
        records.problem(ProblemKind::Unresolved, Some(item.line()), &message);
    } else if text.is_none() && place.is_none() {
        let message = "an extra dependency is of a form that is not known";
        records.problem(ProblemKind::BadEntry, Some(item.line()), message);
    }
    // What remains are folders, which are the project's own.
    Vec::new()
}

fn wired(name: &str, version: Option<&str>, place: &vcs::Place) -> Package {
    let package = purl::with_qualifiers(Ecosystem::Hackage, name, version, &[("vcs_url", &place.vcs_url)]);
    Package { source: Some(place.source.clone()), ..package }
}

/// The package that a mapping tells of: by its name, or else by custom that of its folder or repository.
pub(crate) fn located(place: Node<'_, '_>) -> Option<Package> {
    if let Some(text) = place.text_at("hackage") {
        return hackage(text);
    }
    let version = place.text_at("version");
    let (url, commit) = (place.text_at("git"), place.text_at("commit"));
    if let Some(url) = url {
        let name = place.text_at("name").or_else(|| last_part(place.text_at("subdir").unwrap_or(url)))?;
        return Some(wired(name, version, &vcs::git(url, commit)));
    }
    let archive = place.text_at("url").or_else(|| place.text_at("archive"))?;
    let url = without_credentials(archive);
    let package = purl::with_qualifiers(Ecosystem::Hackage, place.text_at("name")?, version, &[("download_url", &url)]);
    let checksums = place.text_at("sha256").map(|sum| format!("sha256:{sum}")).into_iter().collect();
    Some(Package { source: Some(url), checksums, ..package })
}

fn last_part(place: &str) -> Option<&str> {
    let last = place.trim_end_matches('/').rsplit(['/', ':']).next()?;
    let last = last.strip_suffix(".git").unwrap_or(last);
    (!matches!(last, "" | "." | "..")).then_some(last)
}

/// `name-version`, and perhaps `@rev:2` or `@sha256:hash,size`. The hash is of the cabal file, which
/// says which revision is meant.
pub(crate) fn hackage(text: &str) -> Option<Package> {
    let (identifier, pin) = text.split_once('@').map_or((text, None), |(identifier, pin)| (identifier, Some(pin)));
    if identifier.contains(['/', '\\', ':']) {
        return None;
    }
    let (name, version) = match identifier.rsplit_once('-').filter(|(_, version)| is_exact(version)) {
        Some((name, version)) => (name, Some(version)),
        None => (identifier, None),
    };
    let mut package = purl::package(Ecosystem::Hackage, name, version);
    let sum = pin.and_then(|pin| pin.strip_prefix("sha256:")).and_then(|pin| pin.split(',').next());
    package.checksums.extend(sum.map(|sum| format!("sha256:{}", sum.to_ascii_lowercase())));
    Some(package)
}

#[cfg(test)]
mod tests {
    use super::hackage;

    #[test]
    fn identifiers_end_with_their_version() {
        let purl = |text| hackage(text).map(|package| package.purl);
        assert_eq!(purl("a-b-1.2@rev:1").as_deref(), Some("pkg:hackage/a-b@1.2"));
        assert_eq!(purl("a-b").as_deref(), Some("pkg:hackage/a-b"));
        assert_eq!(purl("./a-1.0"), None);
    }
}
