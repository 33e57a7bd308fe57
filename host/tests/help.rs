//! The words that the binary has for people who ask it.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

use std::process::{Command, Stdio};

fn printed(args: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_fumehood")).args(args).output().unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn help_has_examples_and_exit_codes_and_hides_the_worker() {
    let (code, top) = printed(&["--help"]);
    assert_eq!(code, 0);
    assert!(top.contains("scan") && !top.contains("worker"), "{top}");
    let (code, scan) = printed(&["scan", "--help"]);
    assert_eq!(code, 0);
    for words in ["Examples:", "Exit codes:", "--format", "--require-complete", "--fuel"] {
        assert!(scan.contains(words), "{words} is not in:\n{scan}");
    }
}

#[test]
fn no_command_is_wrong_usage() {
    assert_eq!(printed(&[]).0, 64);
    assert_eq!(printed(&["scan"]).0, 64);
    assert_eq!(printed(&["--version"]).0, 0);
}

#[test]
fn a_worker_without_a_job_says_so_and_ends() {
    let output = Command::new(env!("CARGO_BIN_EXE_fumehood")).arg("worker").stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(71));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the job on standard input cannot be read"));
}
