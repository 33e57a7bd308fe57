//! Package records with their package URLs, as the purl specification (ECMA-427) types them.

use fumehood_contract::Package;
use packageurl::PackageUrl;

/// The package ecosystems, each a type of the purl specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ecosystem {
    /// Rust.
    Cargo,
    /// PHP: `vendor/name`.
    Composer,
    /// Ruby.
    Gem,
    /// Go modules: `host/path/name`.
    Golang,
    /// JVM: `group:artifact`.
    Maven,
    /// JavaScript: `name` or `@scope/name`.
    Npm,
    /// Python.
    Pypi,
}

impl Ecosystem {
    /// The purl type.
    pub fn purl_type(self) -> &'static str {
        match self {
            Self::Cargo => "cargo",
            Self::Composer => "composer",
            Self::Gem => "gem",
            Self::Golang => "golang",
            Self::Maven => "maven",
            Self::Npm => "npm",
            Self::Pypi => "pypi",
        }
    }

    /// A full name's namespace and last part.
    fn split(self, name: &str) -> (Option<&str>, &str) {
        let parts = match self {
            Self::Cargo | Self::Gem | Self::Pypi => None,
            Self::Composer | Self::Golang => name.rsplit_once('/'),
            Self::Maven => name.split_once(':'),
            Self::Npm => name.split_once('/').filter(|(scope, _)| scope.starts_with('@')),
        };
        parts.map_or((None, name), |(namespace, last)| (Some(namespace), last))
    }
}

/// A package of that name (as its ecosystem writes it, with its namespace) at an exact version, or
/// none. Its purl is empty if there can be none, for an empty name for example; `Records` refuses such.
pub fn package(ecosystem: Ecosystem, name: &str, version: Option<&str>) -> Package {
    with_qualifiers(ecosystem, name, version, &[])
}

/// Like [`package`], with qualifiers of the purl: `classifier` and `type` of Maven for example.
pub fn with_qualifiers(
    ecosystem: Ecosystem,
    name: &str,
    version: Option<&str>,
    qualifiers: &[(&'static str, &str)],
) -> Package {
    Package {
        name: name.to_owned(),
        version: version.map(str::to_owned),
        purl: render(ecosystem, name, version, qualifiers).unwrap_or_default(),
        ..Package::default()
    }
}

fn render(
    ecosystem: Ecosystem,
    name: &str,
    version: Option<&str>,
    qualifiers: &[(&'static str, &str)],
) -> packageurl::Result<String> {
    let (namespace, last) = ecosystem.split(name);
    let normal = normal_name(ecosystem, last);
    let mut purl = PackageUrl::new(ecosystem.purl_type(), normal.as_str())?;
    if let Some(namespace) = namespace {
        purl.with_namespace(namespace)?;
    }
    if let Some(version) = version {
        purl.with_version(version)?;
    }
    for (key, value) in qualifiers {
        purl.add_qualifier(*key, *value)?;
    }
    Ok(purl.to_string())
}

/// Python's names are compared after normalising runs of `-`, `_` and `.` to one `-`, in lower case
/// (PEP 503); the purl type asks for that form. Others are as the purl crate normalises them.
fn normal_name(ecosystem: Ecosystem, name: &str) -> String {
    if ecosystem != Ecosystem::Pypi {
        return name.to_owned();
    }
    let mut normal = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            other => normal.extend(other.to_lowercase()),
        }
    }
    normal
}

/// The name under which a Python package is found, whatever its spelling (PEP 503).
pub fn normal_pypi_name(name: &str) -> String {
    normal_name(Ecosystem::Pypi, name)
}

#[cfg(test)]
mod tests {
    use super::{Ecosystem, package, with_qualifiers};

    #[test]
    fn purls_follow_their_types() {
        let cases = [
            (Ecosystem::Cargo, "serde", Some("1.0.0"), "pkg:cargo/serde@1.0.0"),
            (Ecosystem::Npm, "@babel/core", Some("7.1.0"), "pkg:npm/%40babel/core@7.1.0"),
            (Ecosystem::Pypi, "Foo._Bar", Some("1"), "pkg:pypi/foo-bar@1"),
            (Ecosystem::Golang, "github.com/Gorilla/mux", Some("v1.8.0"), "pkg:golang/github.com/gorilla/mux@v1.8.0"),
            (Ecosystem::Maven, "org.slf4j:slf4j-api", None, "pkg:maven/org.slf4j/slf4j-api"),
            (Ecosystem::Composer, "Symfony/Polyfill", Some("1"), "pkg:composer/symfony/polyfill@1"),
            (Ecosystem::Gem, "", Some("1"), ""),
        ];
        for (ecosystem, name, version, purl) in cases {
            assert_eq!(package(ecosystem, name, version).purl, purl);
        }
    }

    #[test]
    fn qualifiers_are_sorted() {
        let package = with_qualifiers(Ecosystem::Maven, "g:a", Some("1"), &[("type", "zip"), ("classifier", "dist")]);
        assert_eq!(package.purl, "pkg:maven/g/a@1?classifier=dist&type=zip");
    }
}
