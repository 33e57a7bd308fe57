//! WordPress plugins: the header in a PHP file below `wp-content/plugins`.
//!
//! Format: <https://developer.wordpress.org/plugins/plugin-basics/header-requirements/>, read as
//! WordPress does: only the first 8 KiB count. A plugin's name is that of its folder, under which the
//! plugin directory has it; a single file directly in `plugins` goes by its own name.

use fumehood_contract::{Package, ProblemKind, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::path;
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;

/// The extractor of WordPress plugins.
pub const EXTRACTOR: Extractor = Extractor {
    id: "wordpress-plugin",
    ecosystem: "PHP",
    files: &[
        Pattern::Raw(&Pattern::InEach("wp-content/plugins", ".php")),
        Pattern::Raw(&Pattern::InEach("wp-content/mu-plugins", ".php")),
        Pattern::Raw(&Pattern::In("wp-content/plugins", ".php")),
        Pattern::Raw(&Pattern::In("wp-content/mu-plugins", ".php")),
    ],
    companions: &[],
    extract,
};

const HEADER_BYTES_MAX: u64 = 8 * 1024;

fn extract(source: &Source<'_>, records: &mut Records) {
    let bytes = match source.tree().head(source.path(), HEADER_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(error) => return records.problem(ProblemKind::Unreadable, None, &format!("cannot be read: {error}")),
    };
    let text = String::from_utf8_lossy(&bytes);
    // Most PHP files of a plugin have no header.
    let Some((_, line)) = field(&text, "Plugin Name") else { return records.not_of_format() };
    let version = field(&text, "Version").map(|(version, _)| version);
    let value = |name| field(&text, name).map(|(value, _)| value.to_owned());
    records.package(Package {
        line: Some(line),
        relation: Relation::Direct,
        license: value("License"),
        source: value("Plugin URI"),
        ..purl::package(Ecosystem::Wordpress, slug(source.path()), version)
    });
}

fn slug(path: &str) -> &str {
    let (folder, file) = path::split(path);
    match folder.rsplit('/').next() {
        Some("plugins" | "mu-plugins") | None => file.strip_suffix(".php").unwrap_or(file),
        Some(folder) => folder,
    }
}

/// The value behind `name:` at the beginning of a line, whatever comment signs are before, and its line.
fn field<'t>(text: &'t str, name: &str) -> Option<(&'t str, u32)> {
    text.lines().zip(1..).find_map(|(line, number)| {
        let line = line.trim_start().strip_prefix("<?php").unwrap_or(line);
        let line = line.trim_start_matches([' ', '\t', '/', '*', '#', '@']);
        let (head, value) = line.split_at_checked(name.len())?;
        let value = value.strip_prefix(':').filter(|_| head.eq_ignore_ascii_case(name))?;
        let value = value.split("*/").next().unwrap_or(value).split("?>").next().unwrap_or(value).trim();
        (!value.is_empty()).then_some((value, number))
    })
}
