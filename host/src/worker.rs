//! One worker: a process of its own that scans one repository, and everything the parent needs to
//! run it.
//!
//! In the order of a worker's life: [`spec`] is what it is told, [`child`] starts the process,
//! [`run`] is the process, [`crew`](crate::crew) its other threads, `tree` its repository, [`lockdown`] what it gives up, [`sandbox`] holds the scanner ([`artefact`],
//! made by [`compile`]) in it, [`supervise`] watches from the parent until it is gone. [`probe`] is what `fumehood doctor` has
//! tried in its place.

pub mod artefact;
pub mod child;
pub mod compile;
mod control_group;
mod conversation;
mod life;
pub mod lockdown;
pub mod probe;
mod run;
pub mod sandbox;
pub mod spec;
pub mod supervise;
mod tree;

pub use conversation::{IsKnown, Told};
pub use run::main;
