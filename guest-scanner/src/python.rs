//! What the formats of Python have in common: requirements, versions, places, and pyproject.toml.

pub(crate) mod locked;
pub(crate) mod package;
pub(crate) mod pep440;
pub(crate) mod pep508;
pub(crate) mod place;
pub(crate) mod pyproject;
pub(crate) mod url;
