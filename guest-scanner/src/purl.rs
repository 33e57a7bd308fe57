//! Package records with their package URLs, as the purl specification (ECMA-427) types them.

use fumehood_contract::Package;
use packageurl::PackageUrl;

/// The package ecosystems, each with its purl type. Types that the specification does not register are
/// those that other tools use already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ecosystem {
    /// Language runtimes, as asdf and mise name them.
    Asdf,
    /// Modules of Bazel's registry.
    Bazel,
    /// Components of Bower, each from a repository.
    Bower,
    /// Rust.
    Cargo,
    /// Clojure: `group/artifact` or `artifact`.
    Clojars,
    /// Apple: a pod; subspecs go to the subpath.
    Cocoapods,
    /// PHP: `vendor/name`.
    Composer,
    /// C and C++.
    Conan,
    /// Conda.
    Conda,
    /// Perl distributions: `AUTHOR/Name`.
    Cpan,
    /// R.
    Cran,
    /// Container images: `registry/path/name`.
    Docker,
    /// D.
    Dub,
    /// Elm: `author/name`.
    Elm,
    /// Ruby.
    Gem,
    /// What has no ecosystem of its own: `name` or `namespace/name`.
    Generic,
    /// Repositories and actions: `owner/name`.
    Github,
    /// Repositories of GitLab: `group/name`.
    Gitlab,
    /// Go modules: `host/path/name`.
    Golang,
    /// Haskell.
    Hackage,
    /// Helm charts.
    Helm,
    /// Erlang and Elixir: `name`, or `organisation/name`.
    Hex,
    /// Models: `owner/name`.
    Huggingface,
    /// JSR: `@scope/name`.
    Jsr,
    /// Julia; its purls need the qualifier `uuid`.
    Julia,
    /// Lua: `name`, or `user/name`.
    Luarocks,
    /// JVM: `group:artifact`.
    Maven,
    /// Nix flakes.
    Nix,
    /// JavaScript: `name` or `@scope/name`.
    Npm,
    /// .NET.
    Nuget,
    /// OCaml.
    Opam,
    /// Dart.
    Pub,
    /// Python.
    Pypi,
    /// Crystal.
    Shards,
    /// Swift packages: `host/owner/name`.
    Swift,
    /// SWI-Prolog packs.
    Swiplpack,
    /// Terraform providers: `host/namespace/type`.
    Terraform,
    /// C and C++, vcpkg ports.
    Vcpkg,
    /// WordPress plugins.
    Wordpress,
}

impl Ecosystem {
    /// The purl type.
    pub fn purl_type(self) -> &'static str {
        match self {
            Self::Asdf => "asdf",
            Self::Bazel => "bazel",
            Self::Bower => "bower",
            Self::Cargo => "cargo",
            Self::Clojars => "clojars",
            Self::Cocoapods => "cocoapods",
            Self::Composer => "composer",
            Self::Conan => "conan",
            Self::Conda => "conda",
            Self::Cpan => "cpan",
            Self::Cran => "cran",
            Self::Docker => "docker",
            Self::Dub => "dub",
            Self::Elm => "elm",
            Self::Gem => "gem",
            Self::Generic => "generic",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Golang => "golang",
            Self::Hackage => "hackage",
            Self::Helm => "helm",
            Self::Hex => "hex",
            Self::Huggingface => "huggingface",
            Self::Jsr => "jsr",
            Self::Julia => "julia",
            Self::Luarocks => "luarocks",
            Self::Maven => "maven",
            Self::Nix => "nix",
            Self::Npm => "npm",
            Self::Nuget => "nuget",
            Self::Opam => "opam",
            Self::Pub => "pub",
            Self::Pypi => "pypi",
            Self::Shards => "shards",
            Self::Swift => "swift",
            Self::Swiplpack => "swiplpack",
            Self::Terraform => "terraform",
            Self::Vcpkg => "vcpkg",
            Self::Wordpress => "wordpress-plugin",
        }
    }

    /// A full name's namespace and last part.
    fn split(self, name: &str) -> (Option<&str>, &str) {
        let parts = match self {
            Self::Clojars
            | Self::Composer
            | Self::Cpan
            | Self::Docker
            | Self::Elm
            | Self::Generic
            | Self::Github
            | Self::Gitlab
            | Self::Golang
            | Self::Hex
            | Self::Huggingface
            | Self::Luarocks
            | Self::Swift
            | Self::Terraform => name.rsplit_once('/'),
            Self::Jsr | Self::Npm => name.split_once('/').filter(|(scope, _)| scope.starts_with('@')),
            Self::Maven => name.split_once(':'),
            Self::Asdf
            | Self::Bazel
            | Self::Bower
            | Self::Cargo
            | Self::Cocoapods
            | Self::Conan
            | Self::Conda
            | Self::Cran
            | Self::Dub
            | Self::Gem
            | Self::Hackage
            | Self::Helm
            | Self::Julia
            | Self::Nix
            | Self::Nuget
            | Self::Opam
            | Self::Pub
            | Self::Pypi
            | Self::Shards
            | Self::Swiplpack
            | Self::Vcpkg
            | Self::Wordpress => None,
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
    let pod = name.split_once('/').filter(|_| ecosystem == Ecosystem::Cocoapods);
    let (name, subspec) = pod.map_or((name, None), |(pod, subspec)| (pod, Some(subspec)));
    let (namespace, last) = ecosystem.split(name);
    let normal = normal_name(ecosystem, last);
    let mut purl = PackageUrl::new(ecosystem.purl_type(), normal.as_str())?;
    if let Some(namespace) = namespace {
        let is_lower = ecosystem == Ecosystem::Luarocks;
        purl.with_namespace(if is_lower { namespace.to_ascii_lowercase() } else { namespace.to_owned() })?;
    }
    if let Some(version) = version {
        purl.with_version(version)?;
    }
    for (key, value) in qualifiers.iter().filter(|(_, value)| !value.is_empty()) {
        purl.add_qualifier(*key, *value)?;
    }
    if let Some(subspec) = subspec {
        purl.with_subpath(subspec)?;
    }
    purl.validate()?;
    Ok(purl.to_string())
}

/// What a type asks for beyond what the purl crate does by itself. Python's names are compared after
/// normalising runs of `-`, `_` and `.` to one `-`, in lower case (PEP 503); those of Go, Dart and Lua
/// are in lower case.
fn normal_name(ecosystem: Ecosystem, name: &str) -> String {
    if matches!(ecosystem, Ecosystem::Golang | Ecosystem::Luarocks | Ecosystem::Pub) {
        return name.to_ascii_lowercase();
    }
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
            (Ecosystem::Cocoapods, "Kit/Core/Net", Some("1"), "pkg:cocoapods/Kit@1#Core/Net"),
            (Ecosystem::Hex, "acme/tool", Some("1"), "pkg:hex/acme/tool@1"),
            (Ecosystem::Gem, "", Some("1"), ""),
            (Ecosystem::Swift, "alone", Some("1"), ""),
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
