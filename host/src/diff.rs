//! `fumehood diff`: what changed between two reports of `scan --format json`.
//!
//! The reports may be anybody's: they are read within bounds, and everything in them is made fit to be shown.

mod compare;
mod read;
mod write;

use std::path::Path;

use crate::cli::{DiffArgs, DiffFormat, Exit};
use crate::output;

/// The whole command.
pub fn main(args: &DiffArgs) -> anyhow::Result<Exit> {
    let (before, after) = match (read(&args.before), read(&args.after)) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(error), _) | (_, Err(error)) => {
            complain(&error);
            return Ok(Exit::Usage);
        }
    };
    let difference = compare::compare(before, after);
    output::write(args.output.as_deref(), &mut |out| match args.format {
        DiffFormat::Table => write::table(out, &difference),
        DiffFormat::Json => write::json(out, &difference),
        DiffFormat::Markdown => write::markdown(out, &difference),
    })?;
    Ok(if difference.summary.newly_restricted > 0 { Exit::Restricted } else { Exit::Success })
}

fn read(path: &Path) -> Result<read::Report, read::NoReport> {
    read::report(path)
}

#[expect(clippy::print_stderr, reason = "the command's own words")]
fn complain(error: &read::NoReport) {
    eprintln!("fumehood: {error}");
}

#[cfg(test)]
mod tests;
