//! For build scripts: compiles a guest crate for wasm32-wasip1 and makes it a component.
//!
//! `FUMEHOOD_GUEST_RUSTC` and `FUMEHOOD_GUEST_CARGO_ARGS` (separated by spaces) name another compiler
//! and more arguments, for machines whose toolchain has no wasm32-wasip1 of its own; see
//! `scripts/wasm-target`.

#![expect(clippy::disallowed_methods, reason = "runs at build time, on our own sources")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wit_component::ComponentEncoder;

/// Variables by which an outer cargo (or clippy) would steer the inner one.
const STEERING: &[&str] = &[
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_MAKEFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_TARGET_DIR",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
];

/// Builds the workspace's crate `package` into `out_dir` and returns the component's file there.
/// Prints the lines that make cargo run the build script again when what is `watched` changes: paths
/// relative to the crate of the build script. Absolute ones would name another checkout's files where two
/// checkouts share a target folder, and this one's changes would go unseen.
pub fn build(package: &str, workspace: &Path, out_dir: &Path, watched: &[&str]) -> anyhow::Result<PathBuf> {
    for folder in watched {
        print_to_cargo(&format!("rerun-if-changed={folder}"));
    }
    print_to_cargo("rerun-if-env-changed=FUMEHOOD_GUEST_RUSTC");
    print_to_cargo("rerun-if-env-changed=FUMEHOOD_GUEST_CARGO_ARGS");
    let module = compile(package, workspace, &out_dir.join("guest-target"))?;
    let component = out_dir.join(format!("{package}.component.wasm"));
    fs::write(&component, componentize(&fs::read(&module)?).context("cannot make the guest a component")?)?;
    Ok(component)
}

fn compile(package: &str, workspace: &Path, target_dir: &Path) -> anyhow::Result<PathBuf> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for name in STEERING {
        cargo.env_remove(name);
    }
    if let Some(rustc) = std::env::var_os("FUMEHOOD_GUEST_RUSTC") {
        cargo.env("RUSTC", rustc);
    }
    let extra = std::env::var("FUMEHOOD_GUEST_CARGO_ARGS").unwrap_or_default();
    // Sixteen bytes at once, where text is searched: every wasmtime has it. Relaxed SIMD, which may differ from machine to
    // machine, stays off.
    cargo.env("RUSTFLAGS", "-Ctarget-feature=+simd128");
    let status = cargo
        .current_dir(workspace)
        .args(["build", "--profile", "guest", "--target", "wasm32-wasip1", "--package", package, "--target-dir"])
        .arg(target_dir)
        .args(extra.split_whitespace())
        .status()
        .context("cannot start cargo")?;
    ensure!(
        status.success(),
        "the guest {package} could not be compiled for wasm32-wasip1 ({status}). \
         If the target is missing, `./just setup` installs it"
    );
    Ok(target_dir.join("wasm32-wasip1/guest").join(format!("{}.wasm", package.replace('-', "_"))))
}

fn componentize(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    ComponentEncoder::default()
        .module(module)?
        .adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER)?
        .validate(true)
        .encode()
}

#[expect(clippy::print_stdout, reason = "how a build script speaks to cargo")]
fn print_to_cargo(line: &str) {
    println!("cargo::{line}");
}
