//! References to container images: `registry/path/name:tag@digest`.
//!
//! Grammar: `reference` in the repository distribution/reference. The images of Docker's own registry
//! are named without it, as people write them.

use fumehood_contract::Package;

use crate::purl::{self, Ecosystem};

/// What a reference says.
#[derive(Debug)]
pub(crate) enum Reference {
    /// An image. Its version is the digest, else the tag: without either there is none, whatever the
    /// registry calls `latest` when it is asked.
    Image(Box<Package>),
    /// The name holds a variable.
    Expression,
    /// No image can be named so.
    Invalid,
}

/// Reads a reference.
pub(crate) fn read(reference: &str) -> Reference {
    let text = reference.trim();
    let text = text.strip_prefix("docker://").unwrap_or(text);
    let (rest, digest) =
        split_outside_variables(text, '@', 0).map_or((text, None), |(rest, digest)| (rest, Some(digest)));
    let name_from = rest.rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) =
        split_outside_variables(rest, ':', name_from).map_or((rest, None), |(name, tag)| (name, Some(tag)));
    if is_expression(name) {
        return Reference::Expression;
    }
    if !is_name(name) {
        return Reference::Invalid;
    }
    let name = short_name(name);
    let Some(version) = digest.or(tag) else { return image(purl::package(Ecosystem::Docker, name, None)) };
    if is_expression(version) {
        let mut package = purl::package(Ecosystem::Docker, name, None);
        package.requirement = Some(version.to_owned());
        return image(package);
    }
    if !is_version(version) || tag.is_some_and(str::is_empty) {
        return Reference::Invalid;
    }
    let tag = tag.filter(|tag| digest.is_some() && is_version(tag));
    let qualifiers: Vec<_> = tag.map(|tag| ("tag", tag)).into_iter().collect();
    let mut package = purl::with_qualifiers(Ecosystem::Docker, name, Some(version), &qualifiers);
    package.checksums.extend(digest.map(str::to_owned));
    image(package)
}

fn image(package: Package) -> Reference {
    Reference::Image(Box::new(package))
}

/// At the first sign from `from` on that stands in no `${…}` or `{{…}}`.
fn split_outside_variables(text: &str, sign: char, from: usize) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            found if found == sign && depth == 0 && at >= from => return Some((text.get(..at)?, text.get(at + 1..)?)),
            _ => {}
        }
    }
    None
}

fn is_expression(text: &str) -> bool {
    text.contains(['$', '{', '<', '%'])
}

fn is_name(name: &str) -> bool {
    let (first, rest) = name.split_once('/').unwrap_or(("", name));
    let path = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    let host = first.rsplit_once(':').map_or(first, |(host, _)| host);
    rest.split('/').all(|part| !part.is_empty() && path(part)) && path(host) && host.is_empty() != name.contains('/')
}

fn is_version(version: &str) -> bool {
    !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-:+".contains(&byte))
}

fn short_name(name: &str) -> &str {
    let name = ["docker.io/", "index.docker.io/"].iter().find_map(|host| name.strip_prefix(host)).unwrap_or(name);
    name.strip_prefix("library/").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::{Reference, read};

    #[test]
    fn references_have_names_tags_and_digests() {
        for (reference, purl) in [
            ("nginx", "pkg:docker/nginx"),
            ("docker.io/library/nginx:1.27", "pkg:docker/nginx@1.27"),
            ("host.example:5000/team/app:2", "pkg:docker/host.example:5000/team/app@2"),
            ("host.example:5000/app", "pkg:docker/host.example:5000/app"),
            ("a/b:1@sha256:00ff", "pkg:docker/a/b@sha256:00ff?tag=1"),
            ("docker://alpine:3", "pkg:docker/alpine@3"),
            ("node:${V:-x}", "pkg:docker/node"),
        ] {
            let Reference::Image(package) = read(reference) else { panic!("{reference}") };
            assert_eq!(package.purl, purl);
        }
        for reference in ["${A:-b}:1", "{{ .Values.image }}", "<image>"] {
            assert!(matches!(read(reference), Reference::Expression), "{reference}");
        }
        for reference in ["", "a b", "/a", "a//b", "a:", "a@", "a:1:2/3 "] {
            assert!(matches!(read(reference), Reference::Invalid), "{reference}");
        }
    }
}
