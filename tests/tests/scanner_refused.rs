//! Files that are no scanners, or want what no scanner gets: refused before anything of them runs.

#![expect(clippy::disallowed_methods, reason = "tests touch files on their own")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use e2e::{Finished, Fumehood, Repo};
use rustix::process::{Pid, Signal, test_kill_process};

/// With this scanner, whose refusal is the user's mistake and no failure of ours.
fn refused(scanner: &str) -> Finished {
    Fumehood::new().wat(scanner).scan(&[&Repo::with_package("a")]).exits(64)
}

/// A module with what every program has.
fn program(more: &str) -> String {
    format!("(module {more} (memory (export \"memory\") 1) (func (export \"_start\")))")
}

#[test]
fn a13_what_the_sandbox_does_not_have_is_refused() {
    refused(r#"(module (memory (export "memory") i64 1) (func (export "_start")))"#).says("memory64");
    refused(r#"(module (memory (export "memory") 1 1 shared) (func (export "_start")))"#).says("threads");
    refused(&program(r#"(import "env" "fork" (func))"#)).says("it imports fork of env, which does not exist");
    let unknown = r#"(import "wasi_snapshot_preview1" "sock_open" (func))"#;
    refused(&program(unknown)).says("it imports sock_open of wasi_snapshot_preview1, which does not exist");
    refused(&program(r#"(import "wasi_snapshot_preview1" "fd_close" (func (param f64)))"#)).says("fd_close");
}

#[test]
fn a13_a_component_that_wants_the_network_is_refused() {
    for wanted in ["wasi:sockets/tcp@0.2.0", "wasi:http/outgoing-handler@0.2.0", "acme:own/thing", "fork"] {
        let component = format!(r#"(component (import "{wanted}" (instance)))"#);
        refused(&component).says(&format!("it imports {wanted}, which does not exist in this sandbox"));
    }
    // The name is right, and what it is said to have is not.
    let false_type = r#"(component
        (import "wasi:random/random@0.2.0" (instance (export "seed-the-host" (func))))
        (instance $run) (export "wasi:cli/run@0.2.0" (instance $run)))"#;
    refused(false_type).says("seed-the-host");
}

#[test]
fn what_is_no_scanner_is_refused() {
    refused("(component)").says("it exports neither formats, select and scan, as a scanner does");
    refused("(module)").says("it exports no _start");
    refused("(module (func (export \"_start\")))").says("it exports no memory");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scanner.wasm");
    for (bytes, why) in [(&b"#!/bin/sh\n"[..], "it is no WebAssembly"), (b"\0asm\x01\0\0\0\x01\xff", "it does not fit")]
    {
        fs::write(&file, bytes).unwrap();
        Fumehood::new().scanner(&file).scan(&[&Repo::new()]).exits(64).says(why);
    }
    Fumehood::new().scanner(Path::new("/nowhere.wasm")).scan(&[&Repo::new()]).exits(64).says("cannot be read");
}

/// A module of sixty thousand functions, none of which does nothing.
fn huge() -> String {
    let functions: String = (0..60_000)
        .map(|number| {
            format!(
                "(func (param i64 f64) (result i64) (local i64 i64)
                (loop (local.set 2 (i64.add (local.get 2) (i64.mul (local.get 0) (i64.const {number}))))
                (local.set 3 (i64.xor (local.get 2) (i64.trunc_sat_f64_s (local.get 1))))
                (br_if 0 (i64.ne (local.get 3) (i64.const {number})))) (local.get 2))\n"
            )
        })
        .collect();
    program(&functions)
}

/// The compiler is a process of its own, and is stopped; nothing is kept of what it had.
#[test]
fn a26_a_module_of_60_000_functions_is_compiled_in_time_or_not_at_all() {
    let cache = tempfile::tempdir().unwrap();
    let scan = Fumehood::new().cache(cache.path()).arg("--compile-timeout=1s").wat(&huge());
    let scan = scan.scan(&[&Repo::with_package("a")]).exits(64);
    scan.says("was not compiled within 1s");
    assert_eq!(fs::read_dir(cache.path()).unwrap().count(), 0);
}

/// The process that compiles has what its list of system calls leaves it, and no life beyond that of its host.
#[test]
fn a26_f05_the_compiler_is_locked_down_and_dies_with_its_host() {
    let cache = tempfile::tempdir().unwrap();
    let repo = Repo::new();
    let running = Fumehood::new().cache(cache.path()).wat(&huge()).start(&[&repo]);
    let host = running.pid().as_raw_pid();
    let children = || fs::read_to_string(format!("/proc/{host}/task/{host}/children")).unwrap_or_default();
    let of = |pid: &str, file: &str| fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
    let mut compiler = String::new();
    let is_locked = e2e::soon(Duration::from_secs(60), || {
        compiler = children().trim().to_owned();
        let status = of(&compiler, "status");
        status.contains("Seccomp:\t2\n") && status.contains("NoNewPrivs:\t1\n")
    });
    assert!(is_locked && of(&compiler, "cmdline").ends_with("\0compile\0"), "{compiler}: {}", of(&compiler, "status"));
    let limits = of(&compiler, "limits");
    assert!(limits.lines().any(|line| line.starts_with("Max cpu time") && line.contains(" 120 ")), "{limits}");
    let pid = Pid::from_raw(compiler.parse().unwrap()).unwrap();
    let host = running.pid();
    drop(running.signal(host, Signal::KILL));
    assert!(e2e::soon(Duration::from_secs(10), || test_kill_process(pid).is_err()), "{compiler} is still there");
}

#[test]
fn a26_a_scanner_over_the_size_limit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scanner.wasm");
    fs::File::create(&file).unwrap().set_len((64 << 20) + 1).unwrap();
    Fumehood::new().scanner(&file).scan(&[&Repo::new()]).exits(64).says("more than 67108864 bytes");
}

fn compiled(folder: &Path) -> PathBuf {
    let mut found: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn a27_truncated_foreign_and_altered_artefacts_are_refused_and_made_anew() {
    let cache = tempfile::tempdir().unwrap();
    let scan = || {
        let scan = Fumehood::new().cache(cache.path()).attack("nothing-but-whole");
        scan.exits(0).outcome(0, "completed");
    };
    scan();
    let artefact = compiled(cache.path());
    let good = fs::read(&artefact).unwrap();
    let foreign = {
        let cache = tempfile::tempdir().unwrap();
        Fumehood::new().cache(cache.path()).wat(&program("")).scan(&[&Repo::new()]);
        fs::read(compiled(cache.path())).unwrap()
    };
    let mut altered = good.clone();
    altered[good.len() / 2] ^= 1;
    for bad in [&good[..good.len() / 2], b"", &foreign, &altered] {
        fs::write(&artefact, bad).unwrap();
        scan();
        let again = compiled(cache.path());
        let found = fs::read(&again).unwrap();
        assert_ne!(found, bad);
        let name = again.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(name.contains(&blake3::hash(&found).to_hex().to_string()), "{name}");
    }
}

#[test]
fn a_scanner_is_checked_before_it_is_used() {
    let cache = tempfile::tempdir().unwrap();
    let file = cache.path().join("scanner.wasm");
    let check = |text: &str| {
        fs::write(&file, wat::parse_str(text).unwrap()).unwrap();
        let mut command = std::process::Command::new(e2e::binary());
        let output =
            command.args(["scanner", "check"]).arg(&file).arg("--cache-dir").arg(cache.path()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said, _) = check(&program(""));
    let hash = blake3::hash(&fs::read(&file).unwrap()).to_hex().to_string();
    assert!(code == Some(0) && said.contains(&hash) && said.contains("program for wasm32-wasip1"), "{said}");
    let (code, _, why) = check("(module)");
    assert!(code == Some(64) && why.contains("it exports no _start"), "{why}");
}
