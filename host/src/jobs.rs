//! Jobs: a list of repositories, each scanned by a worker, and the files that say how far they are.
//!
//! [`dispatcher`] is the one owner of a job's state while it runs, [`fair`] shares the workers between
//! jobs; [`outcome`] and [`view`] are pure
//! functions around it; [`store`] keeps it on disk; [`reuse`] keeps earlier scans; [`status_reader`] reads what guests write.

pub mod dispatcher;
pub mod fair;
pub mod outcome;
pub mod reuse;
pub mod status_reader;
pub mod store;
pub mod view;
