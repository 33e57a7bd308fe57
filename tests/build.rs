//! Compiles the hostile guest; the suite runs it in the place of the scanner.
#![expect(clippy::disallowed_methods, reason = "how a build script speaks with cargo")]

use std::env;
use std::path::{Path, PathBuf};

fn main() {
    let variable = |name: &str| PathBuf::from(env::var_os(name).unwrap_or_default());
    let manifest = variable("CARGO_MANIFEST_DIR");
    let workspace = manifest.parent().unwrap_or(Path::new(".."));
    let watched = ["guests/hostile", "../wit", "../Cargo.toml", "../Cargo.lock"];
    match guest_componentize::build("hostile-guest", workspace, &variable("OUT_DIR"), &watched) {
        Ok(component) => println!("cargo::rustc-env=FUMEHOOD_HOSTILE_GUEST={}", component.display()),
        Err(error) => println!("cargo::error={}", format!("{error:#}").replace('\n', " ")),
    }
}
