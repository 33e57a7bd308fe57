//! A scanner that attacks its host. Which attack is chosen by the request: the name of the first file
//! that it is given, `attack/<name>`. Attacks that are refused leave a note of it in the report, so that
//! a test sees that they were tried.
#![cfg(target_family = "wasm")]
#![cfg_attr(
    target_family = "wasm",
    expect(clippy::disallowed_methods, clippy::panic, reason = "an attacker keeps no rules")
)]

mod attacks;
mod notes;
mod preview1;

use bindings::fumehood::scanner::types::{Calls, Failure, Format, Request, Summary};

#[expect(unsafe_code, clippy::all, clippy::restriction, reason = "generated")]
mod bindings {
    wit_bindgen::generate!({ path: "../../../wit/scanner.wit", world: "scanner" });
    use super::Hostile;
    export!(Hostile);
}

/// What the component exports.
struct Hostile;

impl bindings::Guest for Hostile {
    fn formats() -> Vec<Format> {
        Vec::new()
    }

    fn select(paths: Vec<String>, _: Calls) -> Vec<u32> {
        match paths.first().map(String::as_str) {
            Some("attack/select-beyond") => vec![7_000_000],
            Some("attack/select-twice") => vec![0, 0],
            _ => (0..).zip(&paths).map(|(index, _)| index).collect(),
        }
    }

    fn scan(request: Request) -> Result<Summary, Failure> {
        let attack = request.files.first().and_then(|file| file.path.strip_prefix("attack/")).unwrap_or("").to_owned();
        if bindings::fumehood::scanner::shards::here().number == 0 || attack.starts_with("shards-") {
            attacks::run(&attack, &request)?;
        }
        Ok(Summary { files_read: 0, packages: 0, api_calls: 0, problems: 0 })
    }
}
