//! The whole program against the scanners that people use instead, and against itself without its sandbox:
//! `./just bench-peers [peers|tax|spawn|many|growth …]`.
//!
//! All sides run in turn on the same trees, which are made of published packages; what cannot be had here is left
//! out and said. Printed are medians and the medians of the ratios of each turn. Nothing is judged here: a machine's
//! noise is no test.

#![expect(clippy::disallowed_methods, reason = "a benchmark runs commands on files that it made")]

mod growth;
mod many;
mod pairs;
mod programs;
mod trees;

/// Turns of a comparison; the median counts.
const TURNS: usize = 7;

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let parts: [(&str, fn()); 5] = [
        ("peers", pairs::peers),
        ("tax", pairs::tax),
        ("spawn", many::spawn),
        ("many", many::repositories),
        ("growth", growth::files),
    ];
    if let Some(unknown) = asked.iter().find(|name| !parts.iter().any(|(part, _)| part == name)) {
        eprintln!("bench-peers: there is no part {unknown}; there are peers, tax, spawn, many and growth");
        std::process::exit(64);
    }
    for (name, part) in parts {
        if asked.is_empty() || asked.iter().any(|asked| asked == name) {
            part();
        }
    }
}
