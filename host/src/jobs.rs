//! Jobs: a list of repositories, each scanned by a worker, and the files that say how far they are.
//!
//! [`dispatcher`] is the one writer of a job's state, which is [`live`] in memory while it runs, with its [`events`];
//! [`fair`] shares the workers between jobs; [`outcome`] and [`view`] are pure functions; [`store`] keeps jobs on the
//! disk; [`reuse`] keeps earlier scans; [`status_reader`] reads what guests write.

pub mod dispatcher;
pub mod events;
pub mod fair;
pub mod live;
pub mod outcome;
pub mod reuse;
pub mod status_reader;
pub mod store;
pub mod view;
