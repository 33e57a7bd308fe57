//! Published packages, brought in by the clients of their registries, and what these clients say of them.
//!
//! From which registry is the user's configuration, as for every other use of these clients. What a
//! client cannot do here, for want of a network for example, is an `Err` that says why.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// A package's name and version.
pub type Named = (String, String);

/// What somebody says of a project: its packages, and which of them needs which.
#[derive(Debug, Default)]
pub struct Listing {
    /// All of them, the project itself too where it is a package.
    pub packages: BTreeSet<Named>,
    /// From a package to what it needs.
    pub edges: BTreeSet<(Named, Named)>,
}

impl Listing {
    /// What a scan says of a file. `report` is that of one repository.
    pub fn of_file(report: &Value, path: &str) -> Self {
        let files = report["files"].as_array().map_or(&[][..], Vec::as_slice);
        let mut listing = Self::default();
        for file in files.iter().filter(|file| file["path"] == path) {
            let packages = file["packages"].as_array().map_or(&[][..], Vec::as_slice);
            let names: Vec<Named> =
                packages.iter().map(|package| (text(&package["name"]), text(&package["version"]))).collect();
            for (package, from) in packages.iter().zip(&names) {
                let needs = package["depends_on"].as_array().map_or(&[][..], Vec::as_slice);
                let needs = needs.iter().filter_map(|to| names.get(usize::try_from(to.as_u64()?).ok()?));
                listing.edges.extend(needs.map(|to| (from.clone(), to.clone())));
            }
            listing.packages.extend(names);
        }
        listing
    }

    /// What of `theirs` is missing here, in words; empty if nothing is.
    pub fn missing(&self, theirs: &Self) -> Vec<String> {
        let packages = theirs.packages.difference(&self.packages).map(|package| format!("package {package:?}"));
        let edges = theirs.edges.difference(&self.edges).map(|(from, to)| format!("edge {from:?} → {to:?}"));
        packages.chain(edges).collect()
    }

    /// How many packages and edges.
    pub fn size(&self) -> String {
        format!("{} packages and {} edges", self.packages.len(), self.edges.len())
    }
}

/// Puts the sources of published crates, which must be libraries among other things, into folders of
/// their names below `folder`. Those that were published without a lockfile get one.
pub fn fetch_crates(crates: &[(&str, &str)], folder: &Path) -> Result<(), String> {
    let project = tempfile::tempdir().unwrap();
    let wanted: String = crates.iter().map(|(name, version)| format!("{name} = \"={version}\"\n")).collect();
    let manifest = format!("[package]\nname = \"fetching\"\nversion = \"0.0.0\"\n\n[dependencies]\n{wanted}");
    fs::create_dir(project.path().join("src")).unwrap();
    fs::write(project.path().join("src/lib.rs"), "").unwrap();
    fs::write(project.path().join("Cargo.toml"), manifest).unwrap();
    let metadata = json(&run("cargo", &["metadata", "--format-version=1"], project.path())?)?;
    for (name, version) in crates {
        let mut packages = metadata["packages"].as_array().into_iter().flatten();
        let found = packages.find(|package| package["name"] == *name && package["version"] == *version);
        let manifest = found.and_then(|package| package["manifest_path"].as_str());
        let sources = manifest.and_then(|path| Path::new(path).parent()).ok_or(format!("no sources of {name}"))?;
        let place = folder.join(name);
        copy(sources, &place);
        if !place.join("Cargo.lock").is_file() {
            run("cargo", &["generate-lockfile"], &place)?;
        }
    }
    Ok(())
}

/// What `cargo metadata` says of the project in a folder, as its lockfile has it.
pub fn cargo_metadata(folder: &Path) -> Result<Listing, String> {
    let metadata = json(&run("cargo", &["metadata", "--format-version=1", "--locked"], folder)?)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let names: BTreeMap<String, Named> =
        packages.map(|package| (text(&package["id"]), (text(&package["name"]), text(&package["version"])))).collect();
    let mut listing = Listing::default();
    for node in metadata["resolve"]["nodes"].as_array().into_iter().flatten() {
        let Some(from) = node["id"].as_str().and_then(|id| names.get(id)) else { continue };
        let needs = node["dependencies"].as_array().into_iter().flatten();
        let needs = needs.filter_map(|id| names.get(id.as_str()?));
        listing.edges.extend(needs.map(|to| (from.clone(), to.clone())));
        listing.packages.insert(from.clone());
    }
    Ok(listing)
}

/// Puts the sources of a published npm package into a folder, with a lockfile of npm's.
pub fn fetch_npm(package: &str, folder: &Path) -> Result<(), String> {
    let archives = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder).unwrap();
    let packed = json(&run("npm", &["pack", "--json", package], archives.path())?)?;
    let name = packed[0]["filename"].as_str().ok_or("npm pack names no file")?;
    let archive = archives.path().join(name).display().to_string();
    run("tar", &["-xzf", &archive, "--strip-components=1"], folder)?;
    run("npm", &["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"], folder)?;
    Ok(())
}

/// What `npm ls` says of the project in a folder, as its lockfile has it; without the project itself.
pub fn npm_ls(folder: &Path) -> Result<Listing, String> {
    // It fails where a peer is missing, and says everything nevertheless.
    let output = start("npm", &["ls", "--all", "--json", "--package-lock-only"], folder)?;
    let (tree, aliases) = (json(&output.1)?, aliases(folder)?);
    let mut listing = Listing::default();
    let mut waiting: Vec<(Option<Named>, &Value)> = vec![(None, &tree)];
    while let Some((from, node)) = waiting.pop() {
        for (key, needed) in node["dependencies"].as_object().into_iter().flatten() {
            // An optional package that is not there.
            let Some(version) = needed["version"].as_str() else { continue };
            let said = (key.clone(), version.to_owned());
            let to = aliases.get(&said).map_or(said.clone(), |name| (name.clone(), version.to_owned()));
            listing.packages.insert(to.clone());
            listing.edges.extend(from.clone().map(|from| (from, to.clone())));
            waiting.push((Some(to), needed));
        }
    }
    Ok(listing)
}

/// The real names of packages by alias and version: `npm ls` only says the aliases, the lockfile both.
fn aliases(folder: &Path) -> Result<BTreeMap<Named, String>, String> {
    let lockfile = fs::read_to_string(folder.join("package-lock.json")).map_err(|error| error.to_string())?;
    let lockfile = json(&lockfile)?;
    let entries = lockfile["packages"].as_object().into_iter().flatten();
    let named = entries.filter_map(|(place, entry)| {
        let alias = place.rsplit_once("node_modules/")?.1.to_owned();
        Some(((alias, entry["version"].as_str()?.to_owned()), entry["name"].as_str()?.to_owned()))
    });
    Ok(named.collect())
}

/// Installs published Python packages into an environment of their own, and writes what was installed
/// into requirements.txt in `folder`, as `pip freeze` does. Gives what `pip inspect` says.
pub fn pip_inspect(wanted: &[&str], folder: &Path) -> Result<Listing, String> {
    let environment = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder).unwrap();
    run("python3", &["-m", "venv", "env"], environment.path())?;
    let pip = environment.path().join("env/bin/pip").display().to_string();
    // Wheels: a source archive would run code of its own.
    let install = ["install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"];
    run(&pip, &[&install[..], wanted].concat(), environment.path())?;
    fs::write(folder.join("requirements.txt"), run(&pip, &["freeze"], environment.path())?).unwrap();
    let inspected = json(&run(&pip, &["inspect", "--local"], environment.path())?)?;
    let installed = inspected["installed"].as_array().into_iter().flatten().map(|package| &package["metadata"]);
    let named = installed.map(|metadata| (text(&metadata["name"]), text(&metadata["version"])));
    // What the environment itself came with.
    let packages = named.filter(|(name, _)| name != "pip" && name != "setuptools");
    Ok(Listing { packages: packages.map(|(name, version)| (normal(&name), version)).collect(), ..Listing::default() })
}

/// A Python package's name, whatever its spelling.
pub fn normal(name: &str) -> String {
    name.to_lowercase().replace(['_', '.'], "-")
}

/// Runs a client to its end and gives what it printed.
fn run(program: &str, args: &[&str], folder: &Path) -> Result<String, String> {
    let (is_good, stdout, stderr) = start(program, args, folder)?;
    let reason = stderr.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
    if is_good { Ok(stdout) } else { Err(format!("{program} {}: {reason}", args.join(" "))) }
}

fn start(program: &str, args: &[&str], folder: &Path) -> Result<(bool, String, String), String> {
    let output = Command::new(program).args(args).current_dir(folder).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((output.status.success(), text(&output.stdout), text(&output.stderr)))
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("a client printed no JSON: {error}"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let mut waiting = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = waiting.pop() {
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                fs::create_dir(&target).unwrap();
                waiting.push((entry.path(), target));
            } else {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
