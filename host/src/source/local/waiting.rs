//! The folders of a tree that are still to be listed, for one thread or several, and what of the budgets is spent.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::limits::{LISTED_BYTES_MAX, LISTED_ENTRIES_MAX, LISTED_FILES_MAX};

/// A folder, by its path from the root.
#[derive(Debug, Default)]
pub(super) struct Folder {
    pub(super) path: String,
    pub(super) depth: usize,
}

/// Folders, the last found first.
#[derive(Debug)]
pub(super) struct Waiting {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    folders: Vec<Folder>,
    /// Folders that are being listed, and may have more in them.
    taken: usize,
    /// Threads that have nothing to do for now.
    idle: usize,
}

/// A folder that is being listed.
#[derive(Debug)]
pub(super) struct Taken<'w> {
    waiting: &'w Waiting,
    pub(super) folder: Folder,
    /// What was found in it.
    pub(super) found: Vec<Folder>,
}

impl Waiting {
    /// The root alone.
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State { folders: vec![Folder::default()], taken: 0, idle: 0 }),
            changed: Condvar::new(),
        }
    }

    /// How many there are now.
    pub(super) fn len(&self) -> usize {
        self.lock().folders.len()
    }

    /// The next. Waits while others are listing folders that may have more in them; `None` if nothing will come.
    pub(super) fn take(&self) -> Option<Taken<'_>> {
        let mut state = self.lock();
        loop {
            if let Some(folder) = state.folders.pop() {
                state.taken += 1;
                return Some(Taken { waiting: self, folder, found: Vec::new() });
            }
            if state.taken == 0 {
                return None;
            }
            state.idle += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Taken<'_> {
    /// What was found in it waits now. So it does if the thread panics: the others do not wait for it.
    fn drop(&mut self) {
        let mut state = self.waiting.lock();
        state.folders.append(&mut self.found);
        state.taken -= 1;
        if state.idle > 0 && (state.taken == 0 || !state.folders.is_empty()) {
            self.waiting.changed.notify_all();
        }
    }
}

/// What was listed, by all threads.
#[derive(Debug, Default)]
pub(super) struct Spent {
    files: AtomicU64,
    entries: AtomicU64,
    /// Of paths.
    bytes: AtomicU64,
}

/// The same of one folder, which is added when it is done.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spending {
    pub(super) files: u64,
    pub(super) entries: u64,
    pub(super) bytes: u64,
}

impl Spent {
    pub(super) fn add(&self, more: Spending) {
        self.files.fetch_add(more.files, Ordering::Relaxed);
        self.entries.fetch_add(more.entries, Ordering::Relaxed);
        self.bytes.fetch_add(more.bytes, Ordering::Relaxed);
    }

    /// Whether with `more` some budget is spent.
    pub(super) fn is_all_with(&self, more: Spending) -> bool {
        let reaches =
            |spent: &AtomicU64, more: u64, most: u64| spent.load(Ordering::Relaxed).saturating_add(more) >= most;
        reaches(&self.files, more.files, LISTED_FILES_MAX)
            || reaches(&self.entries, more.entries, LISTED_ENTRIES_MAX)
            || reaches(&self.bytes, more.bytes, LISTED_BYTES_MAX as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::{Folder, Waiting};

    /// Every folder down to some depth holds two more.
    fn walk(waiting: &Waiting) -> usize {
        let mut walked = 0;
        while let Some(mut taken) = waiting.take() {
            walked += 1;
            if taken.folder.depth < 10 {
                let inner = || Folder { path: String::new(), depth: taken.folder.depth + 1 };
                taken.found = vec![inner(), inner()];
            }
        }
        walked
    }

    #[test]
    fn every_folder_is_taken_once_and_nobody_waits_for_ever() {
        for threads in [1, 2, 5] {
            let waiting = Waiting::new();
            let walked: usize = thread::scope(|scope| {
                let all: Vec<_> = (0..threads).map(|_| scope.spawn(|| walk(&waiting))).collect();
                all.into_iter().map(|one| one.join().unwrap()).sum()
            });
            assert_eq!((walked, waiting.len()), (2048 - 1, 0));
        }
    }

    #[test]
    fn one_that_panics_leaves_the_rest_to_others() {
        let waiting = Waiting::new();
        let panicked = thread::scope(|scope| {
            let one = || {
                let mut taken = waiting.take().unwrap();
                taken.found.push(Folder::default());
                assert!(taken.found.is_empty(), "as it should");
            };
            scope.spawn(one).join()
        });
        assert!(panicked.is_err());
        assert_eq!(walk(&waiting), 2048 - 1);
    }
}
