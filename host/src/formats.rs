//! `fumehood formats`: what is read, in the scanner's own words.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use crate::cli::{Exit, FormatsArgs};
use crate::worker::artefact::Artefacts;
use crate::worker::sandbox::{self, Format, Sandbox, Walls};
use crate::{config, limits, text};

/// The whole command.
pub fn main(args: &FormatsArgs) -> anyhow::Result<Exit> {
    let formats = ask(args)?;
    let printed = if args.markdown { markdown(&formats) } else { plain(&formats) };
    match io::stdout().write_all(printed.as_bytes()) {
        // Whoever reads has had enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(Exit::Success),
    }
}

/// Asks the scanner, in a sandbox like any other, over two empty folders.
fn ask(args: &FormatsArgs) -> anyhow::Result<Vec<Format>> {
    let engine = sandbox::engine().map_err(|error| anyhow::anyhow!("no WebAssembly engine: {error:#}"))?;
    let artefacts = Artefacts::open(config::cache_dir(args.cache_dir.as_deref())?, limits::COMPILE_DEADLINE)?;
    let artefact = artefacts.prepare_own()?;
    let (repo, status) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let walls = Walls {
        repo: repo.path(),
        status: status.path(),
        fuel: limits::FUEL,
        memory_bytes: limits::GUEST_MEMORY_BYTES,
        without: &[],
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let formats = runtime.block_on(async {
        let component = sandbox::load(&engine, &artefact)?;
        Sandbox::new(&engine, &component, walls).await?.formats().await
    });
    formats.map_err(|verdict| anyhow::anyhow!(verdict.message))
}

/// Ecosystem by ecosystem, the formats of each with their files.
fn by_ecosystem(formats: &[Format]) -> BTreeMap<&str, Vec<&Format>> {
    let mut found: BTreeMap<&str, Vec<&Format>> = BTreeMap::new();
    for format in formats {
        found.entry(&format.ecosystem).or_default().push(format);
    }
    found
}

fn plain(formats: &[Format]) -> String {
    let mut out = String::new();
    for (ecosystem, formats) in by_ecosystem(formats) {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}", text::clean(ecosystem));
        for format in formats {
            let _ = writeln!(out, "  {:24} {}", text::clean(&format.id), text::clean(&format.files.join(", ")));
        }
    }
    out
}

fn markdown(formats: &[Format]) -> String {
    let mut out = "| ecosystem | files |\n|---|---|\n".to_owned();
    for (ecosystem, formats) in by_ecosystem(formats) {
        let files = formats.iter().flat_map(|format| &format.files).map(|file| format!("`{}`", text::clean(file)));
        let _ = writeln!(out, "| {} | {} |", text::clean(ecosystem), files.collect::<Vec<_>>().join(", "));
    }
    out
}
