//! Scanners in other languages than ours, compiled by a test.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The exit code of `scripts/wasi-clang` where there is no compiler.
const SKIPPED: i32 = 77;

/// Compiles the C program in `tests/guests/<name>` for wasm32-wasi. `None`, and a word on standard error, where there is no
/// compiler for that.
pub fn c_program(name: &str) -> Option<(TempDir, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let sources = std::fs::read_dir(root.join("tests/guests").join(name)).unwrap();
    let is_c = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "c");
    let sources = sources.map(|entry| entry.unwrap().path()).filter(is_c);
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join(format!("{name}.wasm"));
    let compiled = Command::new(root.join("scripts/wasi-clang"))
        .args(["-O2", "-Wall", "-Wextra", "-Werror", "-Wl,--strip-all", "-o"])
        .arg(&program)
        .args(sources)
        .output()
        .unwrap();
    if compiled.status.code() == Some(SKIPPED) {
        eprintln!("skipped: this machine has no clang with wasi-libc");
        return None;
    }
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    Some((folder, program))
}
