//! Fumehood scans untrusted repositories for what they depend on.
//!
//! The way of the data is the list of modules: [`cli`] understands the command, [`scan`] makes a job
//! of it, [`jobs`] runs a [`worker`] process for each repository, which lists the [`source`] and runs
//! the scanner on it in a sandbox; [`report`] reads what came out and writes what people read.

pub mod cli;
pub mod client;
pub mod config;
pub mod crew;
pub mod diff;
pub mod doctor;
pub mod forges;
pub mod formats;
pub mod guard;
pub mod http;
pub mod jobs;
pub mod limits;
pub mod log;
pub mod metrics;
pub mod output;
pub mod policy;
pub mod progress;
pub mod report;
pub mod scan;
pub mod scanners;
pub mod secret;
pub mod serve;
pub mod service;
pub mod signals;
pub mod source;
pub mod submit;
pub mod tenants;
pub mod text;
pub mod worker;
