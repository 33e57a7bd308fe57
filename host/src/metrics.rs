//! What the service counts, for Prometheus.

use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fumehood_contract::master::{Ended, JobState};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

/// Every counter of the service.
#[derive(Debug)]
pub struct Metrics {
    registry: Mutex<Registry>,
    jobs_accepted: Counter,
    jobs_ended: Family<Status, Counter>,
    repositories_ended: Family<Outcome, Counter>,
    scan_seconds: Histogram,
    requests: Family<Request, Counter>,
    request_seconds: Histogram,
    jobs_running: Gauge<f64, AtomicU64>,
    repositories_unended: Gauge<f64, AtomicU64>,
    workers: Gauge<f64, AtomicU64>,
    workers_busy: Gauge<f64, AtomicU64>,
    free_bytes: Gauge<f64, AtomicU64>,
}

/// What there is to do, and with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Jobs that have not ended.
    pub jobs: usize,
    /// Their repositories that have not.
    pub repositories: usize,
    /// Repositories that can be scanned at the same time.
    pub workers: usize,
    /// Those that are.
    pub workers_busy: usize,
    /// What is free on the disk.
    pub free_bytes: u64,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Status {
    status: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    outcome: String,
}

/// A request: only paths of the route table, so that clients cannot make labels.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
    method: String,
    route: String,
    status: u16,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("fumehood");
        let metrics = Self {
            jobs_accepted: Counter::default(),
            jobs_ended: Family::default(),
            repositories_ended: Family::default(),
            scan_seconds: Histogram::new(exponential_buckets(1.0, 2.0, 12)),
            requests: Family::default(),
            request_seconds: Histogram::new(exponential_buckets(0.000_1, 4.0, 10)),
            jobs_running: Gauge::default(),
            repositories_unended: Gauge::default(),
            workers: Gauge::default(),
            workers_busy: Gauge::default(),
            free_bytes: Gauge::default(),
            registry: Mutex::default(),
        };
        registry.register("jobs_accepted", "Jobs that were taken", metrics.jobs_accepted.clone());
        registry.register("jobs_ended", "Jobs that ended", metrics.jobs_ended.clone());
        registry.register("repositories_ended", "Repositories that ended", metrics.repositories_ended.clone());
        let scans = "From a worker's start to its end, in whole seconds";
        registry.register_with_unit("scan_duration", scans, Unit::Seconds, metrics.scan_seconds.clone());
        registry.register("http_requests", "Requests that were answered", metrics.requests.clone());
        let answers = "From a request to the beginning of its answer";
        registry.register_with_unit("http_request_duration", answers, Unit::Seconds, metrics.request_seconds.clone());
        registry.register("jobs_running", "Jobs that have not ended", metrics.jobs_running.clone());
        let unended = "Repositories of those jobs that have not ended";
        registry.register("repositories_unended", unended, metrics.repositories_unended.clone());
        registry.register("workers", "Repositories that can be scanned at the same time", metrics.workers.clone());
        registry.register("workers_busy", "Repositories that are scanned now", metrics.workers_busy.clone());
        let free = "Free on the disk where jobs are stored";
        registry.register_with_unit("disk_free", free, Unit::Bytes, metrics.free_bytes.clone());
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        registry.register("build", "Which fumehood this is", Info::new(version.to_vec()));
        Self { registry: Mutex::new(registry), ..metrics }
    }
}

impl Metrics {
    /// A job was taken.
    pub fn job_accepted(&self) {
        self.jobs_accepted.inc();
    }

    /// A job ended.
    pub fn job_ended(&self, status: JobState) {
        let status = serde_json::to_value(status).ok().and_then(|word| word.as_str().map(str::to_owned));
        self.jobs_ended.get_or_create(&Status { status: status.unwrap_or_default() }).inc();
    }

    /// A repository ended.
    pub fn repository_ended(&self, ended: &Ended) {
        self.repositories_ended.get_or_create(&Outcome { outcome: ended.outcome.clone() }).inc();
        let seconds = ended.completed_at.seconds_since(ended.started_at);
        self.scan_seconds.observe(Duration::from_secs(seconds).as_secs_f64());
    }

    /// A request was answered.
    pub fn request(&self, method: &str, route: &str, status: u16, took: Duration) {
        let request = Request { method: method.to_owned(), route: route.to_owned(), status };
        self.requests.get_or_create(&request).inc();
        self.request_seconds.observe(took.as_secs_f64());
    }

    /// Everything in OpenMetrics text, 1.0.0.
    pub fn text(&self, load: Load) -> String {
        let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        self.jobs_running.set(number(load.jobs));
        self.repositories_unended.set(number(load.repositories));
        self.workers.set(number(load.workers));
        self.workers_busy.set(number(load.workers_busy));
        // Exact to a KiB, up to what a float holds.
        self.free_bytes.set(number(usize::try_from(load.free_bytes / 1024).unwrap_or(usize::MAX)) * 1024.0);
        let mut text = String::new();
        // Writing to a string does not fail.
        let _written = text::encode(&mut text, &self.registry.lock().unwrap_or_else(PoisonError::into_inner));
        text
    }
}
