//! What a guest may grow.

use wasmtime::ResourceLimiter;

use super::shards::Memory;
use crate::limits::GUEST_TABLE_ELEMENTS;

/// Refuses growth past its limits, and remembers that it did: the refusal ends the guest, and the
/// error it ends with tells nothing.
#[derive(Debug)]
pub(crate) struct Limiter {
    memory: Memory,
    refused: Option<String>,
}

/// Core instances of a component: the scanner, the preview1 adapter and their glue.
const INSTANCES: usize = 16;

/// Tables of a component: one for indirect calls and those of the glue.
const TABLES: usize = 8;

/// The scanner's memory, which its adapter shares.
const MEMORIES: usize = 1;

impl Limiter {
    pub(super) fn new(memory: Memory) -> Self {
        Self { memory, refused: None }
    }

    /// What was refused, if something was.
    pub(crate) fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    fn refuse(&mut self, message: String) -> wasmtime::Result<bool> {
        self.refused = Some(message.clone());
        Err(wasmtime::Error::msg(message))
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current) as u64;
        match self.memory.take(more) {
            Ok(()) => Ok(true),
            Err(left) => self.refuse(format!("{more} bytes more where {left} were left")),
        }
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        if desired <= GUEST_TABLE_ELEMENTS {
            return Ok(true);
        }
        self.refuse(format!("{desired} table elements of {GUEST_TABLE_ELEMENTS}"))
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
