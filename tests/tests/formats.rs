//! README's table of formats is what the scanner says of itself.

#![expect(clippy::disallowed_methods, reason = "a test")]

use std::fs;
use std::path::Path;
use std::process::Command;

const BEGIN: &str = "<!-- formats: written by `./just formats`, checked by a test -->\n";
const END: &str = "<!-- end of formats -->\n";

#[test]
fn the_readme_lists_what_is_read() {
    let output = Command::new(e2e::binary()).args(["formats", "--markdown"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = String::from_utf8(output.stdout).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("the table's beginning is marked");
    let (current, after) = rest.split_once(END).expect("the table's end is marked");
    if std::env::var_os("FUMEHOOD_ACCEPT").is_some() {
        fs::write(path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    } else {
        assert_eq!(current, table, "README's table is old: ./just formats writes it anew");
    }
}
