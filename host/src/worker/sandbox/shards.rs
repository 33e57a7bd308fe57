//! What the sandboxes of one repository have together: the files, which they share in blocks, and the limits, which are
//! those of one. `interface shards` in `wit/scanner.wit` is the guests' side of it.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::task::Poll;

use wasmtime::Trap;
use wasmtime::component::HasData;

use super::Walls;
use super::bindings::fumehood::scanner::shards;
use super::budget::Budget;
use crate::limits::FUEL_YIELD_INTERVAL;
use crate::worker::lockdown::Layer;
use crate::worker::spec::Verdict;

/// One sandbox's place among those of its repository.
#[derive(Debug)]
pub struct Place {
    number: u32,
    of: u32,
    common: Arc<Common>,
    /// For the first: how the others end.
    ends: Option<Receiver<Result<(), Verdict>>>,
}

#[derive(Debug)]
struct Common {
    taken: AtomicU32,
    /// As many numbers as there are files: a guest that counts for ever would be a clock for the others.
    to_take: AtomicU32,
    fuel_left: AtomicU64,
    memory_left: AtomicU64,
    budget: Budget,
}

impl Place {
    /// The first of as many as will come, with what `walls` allow to all of them together.
    pub fn first(walls: Walls<'_>) -> Self {
        let memory = if walls.has(Layer::GuestMemory) { walls.memory_bytes } else { u64::MAX };
        let common = Common {
            taken: 0.into(),
            to_take: u32::MAX.into(),
            fuel_left: walls.fuel().into(),
            memory_left: memory.into(),
            budget: Budget::new(walls.has(Layer::StatusBudget)),
        };
        Self { number: 0, of: 1, common: Arc::new(common), ends: None }
    }

    /// The place of another, one of `of`.
    pub(super) fn another(&self, number: u32, of: u32) -> Self {
        Self { number, of, common: Arc::clone(&self.common), ends: None }
    }

    /// From now on there are `of` to share so many files, and `ends` tells how each of the others has ended.
    pub(super) fn among(&mut self, of: u32, files: usize, ends: Receiver<Result<(), Verdict>>) {
        self.of = of;
        self.common.to_take.store(u32::try_from(files).unwrap_or(u32::MAX), Ordering::Relaxed);
        self.ends = Some(ends);
    }

    /// What all of them may write.
    pub(super) fn budget(&self) -> Budget {
        self.common.budget.clone()
    }

    /// What all of them may have of linear memory.
    pub(super) fn memory(&self) -> Memory {
        Memory(Arc::clone(&self.common))
    }

    /// What all of them may burn.
    pub(super) fn fuel(&self) -> Fuel {
        Fuel(Arc::clone(&self.common))
    }
}

/// The linear memory that is left for all sandboxes of a repository.
#[derive(Clone, Debug)]
pub(super) struct Memory(Arc<Common>);

impl Memory {
    /// Takes so many bytes more; else says how many are left.
    pub(super) fn take(&self, bytes: u64) -> Result<(), u64> {
        let take = |left: u64| left.checked_sub(bytes);
        self.0.memory_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).map(drop)
    }
}

/// The fuel that is left for all sandboxes of a repository. Each has a gauge of its own as well, which is exact and
/// ends it at once; this one is read when a guest gives way.
#[derive(Clone, Debug)]
pub(super) struct Fuel(Arc<Common>);

impl Fuel {
    /// Runs a guest's call as long as there is fuel for all. A guest gives way after each [`FUEL_YIELD_INTERVAL`].
    pub(super) async fn meter<T>(self, call: impl Future<Output = wasmtime::Result<T>>) -> wasmtime::Result<T> {
        let mut call = pin!(call);
        poll_fn(|context| match call.as_mut().poll(context) {
            Poll::Pending if !self.burn() => Poll::Ready(Err(Trap::OutOfFuel.into())),
            polled @ (Poll::Ready(_) | Poll::Pending) => polled,
        })
        .await
    }

    fn burn(&self) -> bool {
        let burn = |left: u64| left.checked_sub(FUEL_YIELD_INTERVAL);
        self.0.fuel_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, burn).is_ok()
    }
}

impl HasData for Place {
    type Data<'a> = &'a mut Self;
}

impl shards::Host for Place {
    fn here(&mut self) -> wasmtime::Result<shards::Place> {
        Ok(shards::Place { number: self.number, of: self.of })
    }

    fn take(&mut self) -> wasmtime::Result<u32> {
        let most = self.common.to_take.load(Ordering::Relaxed);
        let take = |taken: u32| (taken < most).then(|| taken + 1);
        let taken = self.common.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        Ok(taken.unwrap_or_else(|last| last))
    }

    /// Nothing else runs in this thread that could do something meanwhile.
    fn wait(&mut self) -> wasmtime::Result<()> {
        let Some(ends) = self.ends.take() else { return Ok(()) };
        for _ in 1..self.of {
            // One that says nothing has panicked.
            let end = ends.recv().unwrap_or_else(|_| Err(super::host_error(&"a sandbox is gone")));
            end.map_err(|verdict| wasmtime::Error::new(OtherEnded(verdict)))?;
        }
        Ok(())
    }
}

/// Another sandbox of the same repository has ended badly.
#[derive(Debug)]
pub(super) struct OtherEnded(pub(super) Verdict);

impl fmt::Display for OtherEnded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for OtherEnded {}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::worker::spec::VerdictKind;
    use shards::Host as _;

    fn first(fuel: u64) -> Place {
        let path = std::path::Path::new("/nowhere");
        Place::first(Walls { repo: path, status: path, fuel, memory_bytes: 100, without: &[] })
    }

    #[test]
    fn a_block_is_taken_once() {
        let mut first = first(0);
        first.among(2, 4, channel().1);
        let mut other = first.another(1, 2);
        assert_eq!((first.take().unwrap(), other.take().unwrap(), first.take().unwrap()), (0, 1, 2));
        assert_eq!((other.take().unwrap(), first.take().unwrap(), other.take().unwrap()), (3, 4, 4));
        assert_eq!((other.here().unwrap().number, other.here().unwrap().of), (1, 2));
    }

    #[test]
    fn memory_is_that_of_all() {
        let first = first(0);
        let other = first.another(1, 2);
        assert_eq!(first.memory().take(60), Ok(()));
        assert_eq!(other.memory().take(60), Err(40));
        assert_eq!(other.memory().take(40), Ok(()));
    }

    #[tokio::test]
    async fn fuel_is_that_of_all() {
        let first = first(2 * FUEL_YIELD_INTERVAL);
        let other = first.another(1, 2);
        let once = || async {
            tokio::task::yield_now().await;
            Ok(())
        };
        first.fuel().meter(once()).await.unwrap();
        other.fuel().meter(once()).await.unwrap();
        let error = first.fuel().meter(once()).await.unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
    }

    #[test]
    fn the_first_waits_for_all_and_ends_as_they_do() {
        let mut place = first(0);
        assert!(place.wait().is_ok());
        let (sender, ends) = channel();
        place.among(3, 1, ends);
        sender.send(Ok(())).unwrap();
        sender.send(Err(Verdict::new(VerdictKind::OutOfFuel, "why"))).unwrap();
        let error = place.wait().unwrap_err();
        assert_eq!(error.downcast_ref::<OtherEnded>().map(|other| other.0.kind), Some(VerdictKind::OutOfFuel));
        let (sender, ends) = channel();
        place.among(2, 1, ends);
        drop(sender);
        assert!(place.wait().is_err());
    }
}
