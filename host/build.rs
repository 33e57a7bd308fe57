//! Compiles the scanner for the sandbox; the host embeds it.
#![expect(clippy::disallowed_methods, reason = "how a build script speaks with cargo")]

use std::env;
use std::path::{Path, PathBuf};

fn main() {
    let variable = |name: &str| PathBuf::from(env::var_os(name).unwrap_or_default());
    let manifest = variable("CARGO_MANIFEST_DIR");
    let workspace = manifest.parent().unwrap_or(Path::new(".."));
    let watched = ["../guest-scanner/src", "../guest-scanner/Cargo.toml", "../wit", "../Cargo.toml", "../Cargo.lock"];
    match guest_componentize::build("guest-scanner", workspace, &variable("OUT_DIR"), &watched) {
        Ok(component) => match std::fs::read(&component) {
            Ok(bytes) => {
                println!("cargo::rustc-env=FUMEHOOD_SCANNER_COMPONENT={}", component.display());
                println!("cargo::rustc-env=FUMEHOOD_SCANNER_BLAKE3={}", blake3::hash(&bytes).to_hex());
            }
            Err(error) => println!("cargo::error={} cannot be read: {error}", component.display()),
        },
        Err(error) => println!("cargo::error={}", format!("{error:#}").replace('\n', " ")),
    }
}
