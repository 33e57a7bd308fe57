//! Imports in TypeScript that name packages themselves, as Deno allows: `npm:a@^1`, `jsr:@a/b@1`, and
//! modules by their URLs.
//!
//! Format: the Deno documentation, page `modules`. Only the beginning of a file is looked at, since
//! imports stand there by custom, and only what stands behind `from` or `import`. Where `deno.lock`
//! covers the file that says everything better, and nothing is reported here. Declarations (`.d.ts`) are not read:
//! they name types, which nobody runs, and of published packages they are half the files.

use std::collections::HashSet;

use fumehood_contract::{Package, Relation};

use super::deno_json;
use super::deno_lock;
use crate::extractor::{Extractor, Pattern};
use crate::records::Records;
use crate::source::Source;

/// The extractor of imports in TypeScript.
pub const EXTRACTOR: Extractor = Extractor {
    id: "deno-imports",
    ecosystem: "JavaScript",
    files: &[
        Pattern::Raw(&Pattern::Affixes("", ".ts")),
        Pattern::Raw(&Pattern::Affixes("", ".tsx")),
        Pattern::Raw(&Pattern::Affixes("", ".mts")),
    ],
    companions: &[deno_lock::FILE_NAME],
    extract,
};

/// How much of a file is looked at.
const HEAD_BYTES_MAX: u64 = 64 * 1024;

const PROTOCOLS: [&str; 4] = ["npm:", "jsr:", "https://", "http://"];

fn extract(source: &Source<'_>, records: &mut Records) {
    // Nearly all of these files are others, which hold nothing that can be unknown.
    if source.path().ends_with(".d.ts") {
        return records.not_of_format();
    }
    let bytes = source.tree().head(source.path(), HEAD_BYTES_MAX).unwrap_or_default();
    if !may_import(&bytes) {
        return records.not_of_format();
    }
    let text = String::from_utf8_lossy(&bytes);
    let found = imports(&text);
    if found.is_empty() || is_locked(source) {
        return records.not_of_format();
    }
    let mut seen = HashSet::new();
    for (target, line) in found {
        let Some(package) = deno_json::package(target).filter(|package| !package.purl.is_empty()) else { continue };
        if seen.insert((package.purl.clone(), package.requirement.clone())) {
            records.package(Package { line: Some(line), relation: Relation::Direct, ..package });
        }
    }
}

/// Whether there is anything in quotes that begins with one of the protocols.
fn may_import(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b':', bytes).any(|colon| {
        let before = bytes.get(..colon).unwrap_or_default();
        let name = PROTOCOLS.iter().map(|protocol| protocol.trim_end_matches("//").trim_end_matches(':').as_bytes());
        let mut quoted = name.filter_map(|name| before.strip_suffix(name)?.last());
        quoted.any(|quote| matches!(quote, b'"' | b'\''))
    })
}

fn is_locked(source: &Source<'_>) -> bool {
    source.folders().any(|folder| {
        let beside = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        source.tree().exists(&beside(deno_lock::FILE_NAME))
    })
}

/// What is imported by a name of one of the protocols, with its line.
fn imports(text: &str) -> Vec<(&str, u32)> {
    let mut found = Vec::new();
    // The word before may stand on the line before.
    let mut before = "";
    for (line, number) in text.lines().zip(1_u32..) {
        let content = line.trim_start();
        if content.starts_with("//") || content.starts_with('*') || content.starts_with("/*") {
            continue;
        }
        let mut parts = content.split(['"', '\'']);
        let mut outside = parts.next().unwrap_or("");
        while let (Some(inside), Some(after)) = (parts.next(), parts.next()) {
            let is_import = imports_next(if outside.trim().is_empty() { before } else { outside });
            if is_import && PROTOCOLS.iter().any(|protocol| inside.starts_with(protocol)) {
                found.push((inside, number));
            }
            outside = after;
            before = "";
        }
        if !outside.trim().is_empty() {
            before = outside;
        }
    }
    found
}

/// Whether what stands behind this is imported: it ends with `from`, `import` or `import(`.
fn imports_next(code: &str) -> bool {
    let code = code.trim_end();
    let (code, is_call) = code.strip_suffix('(').map_or((code, false), |code| (code.trim_end(), true));
    let word = code.rsplit(|letter: char| !letter.is_alphanumeric() && !"_$.".contains(letter)).next();
    word == Some("import") || (word == Some("from") && !is_call)
}

#[cfg(test)]
mod tests {
    use super::imports;

    #[test]
    fn only_what_is_imported_is_found() {
        let text = "import a from \"npm:a@1\";\n\
                    import {\n  b,\n} from\n  'jsr:@s/b';\n\
                    // import c from \"npm:c\";\n\
                    const d = \"npm:d\", e = await import('https://host.example/e@1/mod.ts');\n\
                    export * from \"./f.ts\"; Array.from(\"npm:g\"); x.import(\"npm:h\");\n\
                    import \"npm:i\"; import j from \"npm:j";
        let found = imports(text);
        let expected = [("npm:a@1", 1), ("jsr:@s/b", 5), ("https://host.example/e@1/mod.ts", 7), ("npm:i", 9)];
        assert_eq!(found, expected);
    }
}
