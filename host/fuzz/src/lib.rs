//! What must hold of whatever the host reads of others.

use std::io::BufReader;

use fumehood::guard::is_public;
use fumehood::jobs::status_reader;
use fumehood::report::reader::{self, Held};
use fumehood::source::git::fetch::Fetched;
use fumehood::source::git::tree;
use fumehood::source::ListOptions;
use fumehood::source::location::Location;
use fumehood_contract::limits::{STATUS_ERRORS_MAX, STATUS_FIELD_BYTES_MAX};
use fumehood_contract::{RepoStatus, Timestamp};
use git2::{ObjectType, Repository};

/// A status that is taken has the host's own identity and nothing that steers a terminal.
pub fn status(bytes: &[u8]) {
    let known = RepoStatus::new(3, "the name", 2, 77, Timestamp::from_unix_seconds(1_800_000_000));
    let Ok(taken) = status_reader::check(bytes, &known) else { return };
    assert_eq!((taken.repo_index, taken.pid, taken.attempt), (known.repo_index, known.pid, known.attempt));
    assert_eq!((&taken.repo_name, taken.started_at), (&known.repo_name, known.started_at));
    assert!(taken.current_file <= taken.total_files && taken.errors.len() <= STATUS_ERRORS_MAX);
    let texts = taken.errors.iter().chain(&taken.message).chain(&taken.current_filename);
    for text in texts {
        assert!(is_harmless(text) && text.len() <= 3 * STATUS_FIELD_BYTES_MAX);
    }
}

/// A report that is taken has edges that lead somewhere, and nothing that steers a terminal.
pub fn report(bytes: &[u8]) {
    let mut packages = 0;
    let reading = reader::read_lines(BufReader::new(bytes), &mut |held| match held {
        Held::File(file) => {
            packages += file.packages.len() as u64;
            assert!(is_harmless(&file.path));
            let count = file.packages.len();
            for package in &file.packages {
                assert!(is_harmless(&package.name) && is_harmless(&package.purl));
                assert!(package.depends_on.iter().all(|to| (*to as usize) < count));
            }
        }
        Held::Calls(calls) => {
            assert!(calls.calls.iter().all(|call| is_harmless(&call.url)));
        }
    });
    assert!(packages <= reading.counted.packages);
}

/// Trees of whatever bytes are listed within budgets, and no path leads out.
pub fn tree(bytes: &[u8]) {
    let Ok(folder) = std::env::temp_dir().canonicalize() else { return };
    let folder = folder.join(format!("fumehood-fuzz-{}", std::process::id()));
    let Ok(repository) = Repository::init_bare(&folder) else { return };
    let Ok(objects) = repository.odb() else { return };
    // In memory: nothing is left on the disk.
    let Ok(_memory) = objects.add_new_mempack_backend(1000) else { return };
    let mut root = None;
    // Each part is a tree of its own; the last is the root, and may name those before it by what they came to be.
    for part in bytes.split(|byte| *byte == 0xff) {
        root = objects.write(ObjectType::Tree, part).ok().or(root);
    }
    drop(objects);
    let Some(root) = root else { return };
    let (files, _listing) = tree::list(&Fetched::of_tree(repository, root), ListOptions::default());
    for file in files {
        let leads_out = |part: &str| matches!(part, "" | "." | "..") || part.eq_ignore_ascii_case(".git");
        assert!(!file.path.split('/').any(leads_out) && is_harmless(&file.path), "{:?}", file.path);
    }
}

/// What is taken as a URL is https, without a user, and its address is judged the same however it is written.
pub fn urls(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(Location::Remote(remote)) = Location::parse(text) {
        assert_eq!(remote.url.scheme(), "https");
        assert!(remote.url.username().is_empty() && remote.url.password().is_none() && remote.url.host().is_some());
        assert!(!remote.reference.is_some_and(|reference| reference.starts_with('-')));
    }
    if let Ok(address) = text.parse::<std::net::Ipv4Addr>() {
        let inside = [address.to_ipv6_mapped(), address.to_ipv6_compatible()];
        if !is_public(address.into()) {
            assert!(inside.iter().all(|address| !is_public((*address).into())), "{address}");
        }
    }
}

fn is_harmless(text: &str) -> bool {
    !text.chars().any(|letter| letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}
