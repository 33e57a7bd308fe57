//! Trees of published packages.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// A project of some size; its lockfile names about 800 packages.
const NPM_DEPENDENCIES: &str = r#"{"name":"app","version":"1.0.0","private":true,"dependencies":{"express":"5.1.0","jest":"30.1.3","eslint":"9.35.0","webpack":"5.101.3","@angular/cli":"20.3.1","next":"15.5.3"}}"#;

const CARGO_DEPENDENCIES: &[(&str, &str)] =
    &[("axum", "0.8.4"), ("git2", "0.20.2"), ("tokio", "1.47.1"), ("wasmtime-wasi", "36.0.2")];

const WHEELS: &[&str] = &["ansible==12.0.0", "botocore==1.40.30", "django==5.2.6", "sphinx==8.2.3", "sympy==1.14.0"];

/// One package as it is published, with a lockfile.
pub fn small(folder: &Path) -> Result<(), String> {
    npm_package("express@5.1.0", folder)?;
    npm_lock(folder)
}

/// A project and a package in its workspace.
pub fn npm(folder: &Path) -> Result<(), String> {
    npm_project(folder, &["rxjs@7.8.2"])
}

/// A project with very many source files.
pub fn npm_large(folder: &Path) -> Result<(), String> {
    npm_project(folder, &["@mui/icons-material@7.3.4", "@babylonjs/core@8.30.1", "date-fns@4.1.0", "antd@5.27.4"])
}

/// A project with the sources of all that it needs beside it.
pub fn cargo(folder: &Path) -> Result<(), String> {
    let wanted: String =
        CARGO_DEPENDENCIES.iter().map(|(name, version)| format!("{name} = \"={version}\"\n")).collect();
    let manifest =
        format!("[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{wanted}");
    write(&folder.join("Cargo.toml"), &manifest)?;
    write(&folder.join("src/lib.rs"), "")?;
    // Not `vendor`: that name is left out where API calls are looked for.
    run(Command::new("cargo").args(["vendor", "--quiet", "crates"]), folder)
}

/// The sources of some large packages, and their requirements.
pub fn python(folder: &Path) -> Result<(), String> {
    let wheels = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut download = Command::new("python3");
    download.args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]).args(WHEELS);
    run(&mut download, wheels.path())?;
    for wheel in fs::read_dir(wheels.path()).map_err(|error| error.to_string())?.flatten() {
        run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(wheel.path()).arg("."), folder)?;
    }
    write(&folder.join("requirements.txt"), &WHEELS.join("\n"))
}

fn npm_project(folder: &Path, packages: &[&str]) -> Result<(), String> {
    write(&folder.join("package.json"), NPM_DEPENDENCIES)?;
    npm_lock(folder)?;
    packages.iter().try_for_each(|package| {
        let name = package.trim_start_matches('@').replace(['/', '@'], "-");
        npm_package(package, &folder.join("packages").join(name))
    })
}

fn npm_package(package: &str, folder: &Path) -> Result<(), String> {
    let archives = tempfile::tempdir().map_err(|error| error.to_string())?;
    run(Command::new("npm").args(["pack", "--silent", package]), archives.path())?;
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    for archive in fs::read_dir(archives.path()).map_err(|error| error.to_string())?.flatten() {
        run(Command::new("tar").arg("-xzf").arg(archive.path()).arg("--strip-components=1"), folder)?;
    }
    Ok(())
}

fn npm_lock(folder: &Path) -> Result<(), String> {
    let settings = ["--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps"];
    run(Command::new("npm").arg("install").args(settings), folder)
}

fn run(command: &mut Command, folder: &Path) -> Result<(), String> {
    let output = command.current_dir(folder).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{} cannot be started: {error}", command.get_program().display()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{} failed: {}", command.get_program().display(), said.lines().last().unwrap_or_default()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| error.to_string())
}
