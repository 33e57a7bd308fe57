//! Package URLs as the purl specification has them, type by type: what is lower case, what is a namespace,
//! what is percent-encoded, and which qualifiers there are.

use guest_scanner::purl::{Ecosystem, package, with_qualifiers};

#[test]
fn names_and_namespaces_follow_their_types() {
    let mut wrong: Vec<String> = Vec::new();
    let cases = [
        // Case is kept, there is no namespace.
        (Ecosystem::Bazel, "rules_java", "7.8.0", "pkg:bazel/rules_java@7.8.0"),
        (Ecosystem::Cargo, "Inflector", "0.11.4", "pkg:cargo/Inflector@0.11.4"),
        (Ecosystem::Cargo, "clap", "2.33.0+build.1", "pkg:cargo/clap@2.33.0%2Bbuild.1"),
        (Ecosystem::Cran, "A3", "1.0.0", "pkg:cran/A3@1.0.0"),
        (Ecosystem::Gem, "jruby-Launcher", "1.1.2", "pkg:gem/jruby-Launcher@1.1.2"),
        (Ecosystem::Hackage, "AC-HalfInteger", "1.2.1", "pkg:hackage/AC-HalfInteger@1.2.1"),
        (Ecosystem::Nuget, "EnterpriseLibrary.Common", "6.0.1304", "pkg:nuget/EnterpriseLibrary.Common@6.0.1304"),
        (Ecosystem::Opam, "base", "v0.16.3", "pkg:opam/base@v0.16.3"),
        (Ecosystem::Conda, "absl-py", "0.4.1", "pkg:conda/absl-py@0.4.1"),
        (Ecosystem::Helm, "Chart", "1.0", "pkg:helm/Chart@1.0"),
        // A subspec is a subpath.
        (Ecosystem::Cocoapods, "AFNetworking", "4.0.1", "pkg:cocoapods/AFNetworking@4.0.1"),
        (
            Ecosystem::Cocoapods,
            "GoogleUtilities/NSData+zlib",
            "7.5.2",
            "pkg:cocoapods/GoogleUtilities@7.5.2#NSData%2Bzlib",
        ),
        // Lower case.
        (Ecosystem::Bower, "jQuery", "3.0.0", "pkg:bower/jQuery@3.0.0"),
        (Ecosystem::Composer, "Guzzlehttp/Promises", "2.0.2", "pkg:composer/guzzlehttp/promises@2.0.2"),
        (Ecosystem::Github, "Package-URL/Purl-Spec", "244fd47e07", "pkg:github/package-url/purl-spec@244fd47e07"),
        (Ecosystem::Hex, "Jason", "1.1.2", "pkg:hex/jason@1.1.2"),
        (Ecosystem::Hex, "Acme/Foo", "2.3.", "pkg:hex/acme/foo@2.3."),
        (Ecosystem::Golang, "github.com/Gorilla/Context", "v1.1", "pkg:golang/github.com/gorilla/context@v1.1"),
        (Ecosystem::Npm, "@angular/Animation", "12.3.1", "pkg:npm/%40angular/animation@12.3.1"),
        (Ecosystem::Npm, "foobar", "12.3.1", "pkg:npm/foobar@12.3.1"),
        (Ecosystem::Luarocks, "Hisham/Luafilesystem", "1.8.0-1", "pkg:luarocks/hisham/luafilesystem@1.8.0-1"),
        (Ecosystem::Pub, "characters", "1.2.0", "pkg:pub/characters@1.2.0"),
        // Lower case, and one spelling for `-`, `_` and `.`.
        (Ecosystem::Pypi, "Django_Allauth", "12.23", "pkg:pypi/django-allauth@12.23"),
        (Ecosystem::Pypi, "zope.interface", "5", "pkg:pypi/zope-interface@5"),
        // A namespace of several parts, or of one.
        (Ecosystem::Cpan, "DROLSKY/DateTime", "1.55", "pkg:cpan/DROLSKY/DateTime@1.55"),
        (Ecosystem::Clojars, "org.clojars.acme/Tool", "1", "pkg:clojars/org.clojars.acme/Tool@1"),
        (Ecosystem::Docker, "library/Alpine", "3.19", "pkg:docker/library/Alpine@3.19"),
        (
            Ecosystem::Huggingface,
            "microsoft/deberta-v3-base",
            "559062ad",
            "pkg:huggingface/microsoft/deberta-v3-base@559062ad",
        ),
        (Ecosystem::Maven, "org.apache.commons:io", "1.3.4", "pkg:maven/org.apache.commons/io@1.3.4"),
        (Ecosystem::Swift, "github.com/Alamofire/Alamofire", "5.4.3", "pkg:swift/github.com/Alamofire/Alamofire@5.4.3"),
    ];
    for (ecosystem, name, version, purl) in cases {
        let found = package(ecosystem, name, Some(version)).purl;
        if found != purl {
            wrong.push(format!("{found} is not {purl}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn qualifiers_are_sorted_and_encoded() {
    let mut wrong: Vec<String> = Vec::new();
    let cases = [
        (
            Ecosystem::Conan,
            "openssl",
            "3.0.3",
            vec![("user", "acme"), ("channel", "stable")],
            "pkg:conan/openssl@3.0.3?channel=stable&user=acme",
        ),
        (
            Ecosystem::Julia,
            "Dates",
            "1.9",
            vec![("uuid", "ade2ca70-3891-5945-98fb-dc099432e06a")],
            "pkg:julia/Dates@1.9?uuid=ade2ca70-3891-5945-98fb-dc099432e06a",
        ),
        (
            Ecosystem::Docker,
            "customer/dockerimage",
            "sha256:244fd47e07d1004f0aed9c",
            vec![("repository_url", "gcr.example")],
            "pkg:docker/customer/dockerimage@sha256:244fd47e07d1004f0aed9c?repository_url=gcr.example",
        ),
        (
            Ecosystem::Maven,
            "org.apache:batik",
            "1.9.1",
            vec![("type", "zip"), ("classifier", "dist")],
            "pkg:maven/org.apache/batik@1.9.1?classifier=dist&type=zip",
        ),
        (
            Ecosystem::Conda,
            "absl-py",
            "0.4.1",
            vec![("subdir", "linux-64"), ("build", "py36h06a4308_0"), ("channel", "main")],
            "pkg:conda/absl-py@0.4.1?build=py36h06a4308_0&channel=main&subdir=linux-64",
        ),
        (
            Ecosystem::Generic,
            "bitwarderl",
            "1",
            vec![("vcs_url", "git+https://git.example/a.git@cc55c05")],
            "pkg:generic/bitwarderl@1?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fa.git%40cc55c05",
        ),
        // An empty value is as none.
        (
            Ecosystem::Gem,
            "ruby-advisory-db-check",
            "0.12.4",
            vec![("platform", "")],
            "pkg:gem/ruby-advisory-db-check@0.12.4",
        ),
    ];
    for (ecosystem, name, version, qualifiers, purl) in cases {
        let found = with_qualifiers(ecosystem, name, Some(version), &qualifiers).purl;
        if found != purl {
            wrong.push(format!("{found} is not {purl}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_a_type_forbids_is_no_purl() {
    for (ecosystem, name) in
        [(Ecosystem::Swift, "alone"), (Ecosystem::Gem, ""), (Ecosystem::Julia, "Dates"), (Ecosystem::Composer, "alone")]
    {
        assert_eq!(package(ecosystem, name, Some("1")).purl, "", "{ecosystem:?} {name}");
    }
}
