//! `fumehood policy`: is the file right, and what may stand in it?

use std::io::{self, Write as _};
use std::path::Path;

use super::{Date, load};
use crate::cli::{Exit, PolicyArgs, PolicyCommand};
use crate::text::count;

/// A JSON schema of the policy's file, for editors.
pub const SCHEMA: &str = include_str!("schema.json");

/// The whole command.
pub fn main(args: &PolicyArgs) -> anyhow::Result<Exit> {
    let (printed, exit) = match &args.command {
        PolicyCommand::Check { file } => check(file, Date::today()),
        PolicyCommand::Schema => (SCHEMA.to_owned(), Exit::Success),
    };
    match io::stdout().write_all(printed.as_bytes()) {
        // Whoever reads has had enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(exit),
    }
}

fn check(path: &Path, today: Date) -> (String, Exit) {
    let policy = match load(path) {
        Ok(policy) => policy,
        Err(error) => return (format!("{error}\n"), Exit::Usage),
    };
    let exceptions = policy.exceptions(today).count() as u64;
    let over: Vec<_> = policy.exceptions(today).filter(|(_, _, over)| *over).collect();
    let categories = policy.categories().len() as u64;
    let categories = if categories == 1 { "1 category".to_owned() } else { format!("{categories} categories") };
    let mut text = format!("{}: {categories}, {}\n", path.display(), count(exceptions, "exception"));
    for (reason, expires, _) in over {
        text.push_str(&format!("  over since {expires}: {}\n", crate::text::clean(reason)));
    }
    (text, Exit::Success)
}
