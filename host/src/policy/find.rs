//! Where the policy comes from: the file that is named, or `fumehood.yaml` where the command runs.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::{Mistake, Policy};

/// The file that is used without being named.
const USUAL_NAME: &str = "fumehood.yaml";

/// A policy is some pages; this is a shelf.
const POLICY_BYTES_MAX: u64 = 1024 * 1024;

/// What was found.
#[derive(Debug)]
pub enum Found {
    /// No policy.
    Nothing,
    /// A file that is a scanned repository's own: what is scanned does not judge itself.
    OfTheScanned(PathBuf),
    /// A policy.
    Policy(Box<Policy>),
}

/// Why there is no policy where there should be one.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It cannot be read.
    #[error("cannot read the policy {}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is larger than a policy can be.
    #[error("the policy {} has more than {POLICY_BYTES_MAX} bytes", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
    },
    /// It can be read, but not understood.
    #[error("{}", shown(path, mistakes))]
    Wrong {
        /// Which.
        path: PathBuf,
        /// Why, by line.
        mistakes: Vec<Mistake>,
    },
}

/// The named policy, or the usual one of the folder `here` unless it lies in one of the `scanned` folders.
pub fn find<'a>(
    named: Option<&Path>,
    here: &Path,
    scanned: impl Iterator<Item = &'a Path>,
) -> Result<Found, PolicyError> {
    if let Some(path) = named {
        return load(path).map(|policy| Found::Policy(Box::new(policy)));
    }
    let usual = here.join(USUAL_NAME);
    let Ok(real) = usual.canonicalize() else { return Ok(Found::Nothing) };
    let mut folders = scanned.filter_map(|folder| folder.canonicalize().ok());
    if folders.any(|folder| real.starts_with(&folder)) {
        return Ok(Found::OfTheScanned(usual));
    }
    load(&usual).map(|policy| Found::Policy(Box::new(policy)))
}

/// The policy in a file.
pub fn load(path: &Path) -> Result<Policy, PolicyError> {
    let text = read(path)?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    Policy::parse(&crate::text::clean(&name), &text)
        .map_err(|mistakes| PolicyError::Wrong { path: path.to_owned(), mistakes })
}

#[expect(clippy::disallowed_methods, reason = "a file that the user names, or has put where the command runs")]
fn read(path: &Path) -> Result<String, PolicyError> {
    let unreadable = |source| PolicyError::Unreadable { path: path.to_owned(), source };
    let mut text = String::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(POLICY_BYTES_MAX + 1).read_to_string(&mut text).map_err(unreadable)?;
    match text.len() as u64 {
        0..=POLICY_BYTES_MAX => Ok(text),
        _ => Err(PolicyError::TooLarge { path: path.to_owned() }),
    }
}

/// Every mistake as `file:line:column: what`.
fn shown(path: &Path, mistakes: &[Mistake]) -> String {
    let lines = mistakes.iter().map(|mistake| match mistake.line {
        0 => format!("{}: {mistake}", path.display()),
        _ => format!("{}:{mistake}", path.display()),
    });
    format!("the policy cannot be used\n{}", lines.collect::<Vec<_>>().join("\n"))
}
