//! A tree of published packages in several languages: no fewer packages and edges than each language's
//! own tool finds in it.
//!
//! It takes packages from registries, which takes a minute: only with `FUMEHOOD_POLYGLOT=1`. A client
//! that is missing, or that cannot reach its registry, is passed over.

#![expect(clippy::disallowed_methods, reason = "a test")]

use std::path::Path;

use e2e::polyglot::{self, Listing};
use e2e::{Fumehood, Repo};

const CRATES: [(&str, &str); 3] = [("bat", "0.25.0"), ("tokei", "12.1.2"), ("reqwest", "0.12.12")];
// The last one needs a package under another name.
const NPM_PACKAGES: [(&str, &str); 3] =
    [("express", "express@5.1.0"), ("chokidar", "chokidar@4.0.3"), ("cliui", "@isaacs/cliui@8.0.2")];
const PYTHON_PACKAGES: [&str; 2] = ["httpx[http2]==0.28.1", "rich==13.9.4"];

#[test]
fn no_tool_finds_more_than_we_do() {
    if std::env::var_os("FUMEHOOD_POLYGLOT").is_none_or(|value| value != "1") {
        println!("skipped: FUMEHOOD_POLYGLOT is not 1");
        return;
    }
    let repo = Repo::new();
    let theirs = tools(repo.path());
    let scan = Fumehood::new().scan(&[&repo]).exits(0);
    let report = scan.report(0);
    let mut missing = Vec::new();
    let (mut their_edges, mut our_edges) = (0, 0);
    for (tool, path, theirs) in &theirs {
        let mut ours = Listing::of_file(&report, path);
        if path.ends_with("requirements.txt") {
            ours.packages =
                ours.packages.iter().map(|(name, version)| (polyglot::normal(name), version.clone())).collect();
        }
        println!("{path}: {tool} {}, we {}", theirs.size(), ours.size());
        their_edges += theirs.edges.len();
        our_edges += ours.edges.len();
        assert!(!theirs.packages.is_empty(), "{tool} found nothing in {path}");
        missing.extend(ours.missing(theirs).into_iter().map(|what| format!("{path}: {what}")));
    }
    assert!(missing.is_empty(), "{} are missing:\n{}", missing.len(), missing.join("\n"));
    // Cargo lists what the features of one build need, we what the lockfile holds.
    let has_crates = theirs.iter().any(|(tool, ..)| *tool == "cargo metadata");
    assert!(!has_crates || our_edges > their_edges, "they list {their_edges} edges, we {our_edges}");
}

/// Fills the folder, and gives what each tool says of which file.
fn tools(folder: &Path) -> Vec<(&'static str, String, Listing)> {
    let mut found = Vec::new();
    let mut add = |tool, path: String, listing: Result<Listing, String>| match listing {
        Ok(listing) => found.push((tool, path, listing)),
        Err(reason) => println!("passed over: {path}: {reason}"),
    };
    let fetched = polyglot::fetch_crates(&CRATES, &folder.join("rust"));
    for (name, _) in CRATES {
        let metadata = || polyglot::cargo_metadata(&folder.join("rust").join(name));
        add("cargo metadata", format!("rust/{name}/Cargo.lock"), fetched.clone().and_then(|()| metadata()));
    }
    for (name, package) in NPM_PACKAGES {
        let place = folder.join("js").join(name);
        let listing = polyglot::fetch_npm(package, &place).and_then(|()| polyglot::npm_ls(&place));
        add("npm ls", format!("js/{name}/package-lock.json"), listing);
    }
    let listing = polyglot::pip_inspect(&PYTHON_PACKAGES, &folder.join("python"));
    add("pip inspect", "python/requirements.txt".to_owned(), listing);
    found
}
