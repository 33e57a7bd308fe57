//! What a guest may grow.

use wasmtime::ResourceLimiter;

use crate::limits::GUEST_TABLE_ELEMENTS;

/// Refuses growth past its limits, and remembers that it did: the refusal ends the guest, and the
/// error it ends with tells nothing.
#[derive(Debug)]
pub(crate) struct Limiter {
    memory_bytes: u64,
    refused: Option<String>,
}

/// Core instances of a component: the scanner, the preview1 adapter and their glue.
const INSTANCES: usize = 16;

/// Tables of a component: one for indirect calls and those of the glue.
const TABLES: usize = 8;

/// The scanner's memory, which its adapter shares.
const MEMORIES: usize = 1;

impl Limiter {
    pub(crate) fn new(memory_bytes: u64) -> Self {
        Self { memory_bytes, refused: None }
    }

    /// What was refused, if something was.
    pub(crate) fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    fn judge(&mut self, wanted: u64, allowed: u64, unit: &str) -> wasmtime::Result<bool> {
        if wanted <= allowed {
            return Ok(true);
        }
        let message = format!("{wanted} {unit} of {allowed}");
        self.refused = Some(message.clone());
        Err(wasmtime::Error::msg(message))
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.judge(desired as u64, self.memory_bytes, "bytes")
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.judge(desired as u64, GUEST_TABLE_ELEMENTS as u64, "table elements")
    }

    fn instances(&self) -> usize {
        INSTANCES
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }
}
