//! What a `Package.swift` asks for, found by its letters: the manifest is a program, which is not run.

use std::collections::HashSet;

use crate::source::Source;
use crate::vcs;

/// The packages, as [`key`] writes them; `None` if there is no manifest, or it names none.
pub(super) fn direct(source: &Source<'_>) -> Option<HashSet<String>> {
    let text = source.sibling("Package.swift")?.ok()?;
    let found: HashSet<String> = dependencies(&text).map(key).collect();
    (!found.is_empty()).then_some(found)
}

/// The same for all the ways to write a place.
pub(super) fn key(place: &str) -> String {
    vcs::host_and_path(place).unwrap_or_else(|| place.to_owned()).to_ascii_lowercase()
}

/// The string after `url:` or `id:` in every `.package(…)`.
fn dependencies(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut in_package = false;
    lines.flat_map(move |line| {
        let mut found = Vec::new();
        let mut rest = line;
        loop {
            if !in_package {
                let Some((_, after)) = rest.split_once(".package(") else { break };
                rest = after;
                in_package = true;
            }
            let Some(label) = rest.find("url:").or_else(|| rest.find("id:")) else {
                // The labels may stand on the next line, unless the call ends here.
                in_package = !rest.contains(')');
                break;
            };
            let Some(quoted) = rest.get(label..).and_then(|at| at.split_once('"')) else { break };
            let Some((place, after)) = quoted.1.split_once('"') else { break };
            found.push(place);
            rest = after;
            in_package = false;
        }
        found
    })
}

#[cfg(test)]
mod tests {
    use super::dependencies;

    #[test]
    fn calls_are_found_wherever_they_break() {
        let text = "let p = [\n .package(url: \"https://h.example/a/b.git\", from: \"1.0.0\"), .package(path: \"../x\"),\n\
                    // .package(url: \"no\"),\n .package(\n  name: \"C\",\n  url: \"https://h.example/a/c\"\n ),\n\
                    .package(id: \"mona.list\", exact: \"1.0.0\"),\n.target(name: \"url: \"),\n]";
        let found: Vec<_> = dependencies(text).collect();
        assert_eq!(found, ["https://h.example/a/b.git", "https://h.example/a/c", "mona.list"]);
    }
}
