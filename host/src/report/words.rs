//! The words of reports that people read.

use fumehood_contract::{Relation, Scope};

pub(super) fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Project => "project",
        Relation::Direct => "direct",
        Relation::Transitive => "transitive",
        Relation::Unknown => "",
    }
}

/// Nothing for what is shipped.
pub(super) fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Runtime => "",
        Scope::Dev => "dev",
        Scope::Optional => "optional",
        Scope::Build => "build",
        Scope::Test => "test",
        Scope::Peer => "peer",
    }
}

/// `restricted`, as people say it.
pub(super) fn status(status: crate::policy::Status) -> &'static str {
    match status {
        crate::policy::Status::Allowed => "allowed",
        crate::policy::Status::CannotDetermine => "cannot determine",
        crate::policy::Status::Restricted => "restricted",
    }
}
