//! The pool of workers, shared fairly: whoever waits gets a place in turn, one tenant after the other.
//!
//! Weighted round robin: a tenant of weight 2 gets two places where others get one. A tenant's own limit keeps
//! it from filling the pool alone. So one tenant's 10,000 repositories do not starve another's one.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// What a tenant may have of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Places in a row before it is another's turn; at least 1.
    pub weight: u32,
    /// Places at the same time.
    pub at_once: usize,
}

/// A pool of places.
#[derive(Clone, Debug)]
pub struct FairPool(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    all: usize,
    free: usize,
    tenants: HashMap<String, Queue>,
    /// Tenants with waiters, the next one in front.
    turns: VecDeque<String>,
    /// How many places the one in front got in this turn.
    taken: u32,
}

#[derive(Debug)]
struct Queue {
    share: Share,
    running: usize,
    waiting: VecDeque<oneshot::Sender<Place>>,
}

/// A place in the pool, given back when it is dropped.
#[derive(Debug)]
pub struct Place(Option<(FairPool, String)>);

impl FairPool {
    /// With so many places, at least one.
    pub fn new(places: usize) -> Self {
        let places = places.max(1);
        let state = State { all: places, free: places, tenants: HashMap::new(), turns: VecDeque::new(), taken: 0 };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Waits for a place. Whoever stops waiting loses nothing: its place goes to the next.
    pub async fn place(&self, tenant: &str, share: Share) -> Place {
        let receiver = self.wait(tenant, share);
        // The pool holds the sender until it gives the place, and the pool lives as long as `self`.
        receiver.await.unwrap_or(Place(None))
    }

    /// How many places there are, and how many of them are taken.
    pub fn places(&self) -> (usize, usize) {
        let state = self.lock();
        (state.all, state.all - state.free)
    }

    fn wait(&self, tenant: &str, share: Share) -> oneshot::Receiver<Place> {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.lock();
        let queue = state.tenants.entry(tenant.to_owned()).or_insert_with(|| Queue {
            share,
            running: 0,
            waiting: VecDeque::new(),
        });
        queue.share = share;
        queue.waiting.push_back(sender);
        if !state.turns.iter().any(|waiting| waiting == tenant) {
            state.turns.push_back(tenant.to_owned());
        }
        self.give(&mut state);
        receiver
    }

    /// Gives free places to whose turn it is.
    fn give(&self, state: &mut State) {
        let mut passed_over = 0;
        while state.free > 0 && passed_over < state.turns.len() {
            let Some(tenant) = state.turns.front().cloned() else { return };
            let Some(queue) = state.tenants.get_mut(&tenant) else {
                state.turns.pop_front();
                continue;
            };
            let may = queue.running < queue.share.at_once.max(1);
            match queue.waiting.pop_front().filter(|sender| !sender.is_closed()) {
                Some(sender) if may => {
                    passed_over = 0;
                    if let Err(mut refused) = sender.send(Place(Some((self.clone(), tenant.clone())))) {
                        // It stopped waiting in this moment: the place was never taken.
                        refused.0 = None;
                        continue;
                    }
                    queue.running += 1;
                    state.free -= 1;
                    state.taken += 1;
                    if state.taken >= queue.share.weight.max(1) {
                        state.next_turn();
                    }
                }
                Some(sender) => {
                    queue.waiting.push_front(sender);
                    passed_over += 1;
                    state.next_turn();
                }
                None if queue.waiting.is_empty() => {
                    state.turns.pop_front();
                    state.taken = 0;
                }
                None => {}
            }
        }
    }

    fn give_back(&self, tenant: &str) {
        let mut state = self.lock();
        state.free += 1;
        let is_idle = state.tenants.get_mut(tenant).is_some_and(|queue| {
            queue.running = queue.running.saturating_sub(1);
            queue.running == 0 && queue.waiting.is_empty()
        });
        if is_idle {
            state.tenants.remove(tenant);
        }
        self.give(&mut state);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next_turn(&mut self) {
        self.taken = 0;
        self.turns.rotate_left(usize::from(!self.turns.is_empty()));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((pool, tenant)) = self.0.take() {
            pool.give_back(&tenant);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARE: Share = Share { weight: 1, at_once: 100 };

    /// Takes places one at a time, in the order in which the pool gives them.
    fn order(pool: &FairPool, mut waiting: Vec<(&str, oneshot::Receiver<Place>)>, mut held: Vec<Place>) -> String {
        let mut order = String::new();
        while !waiting.is_empty() {
            held.pop();
            let given =
                waiting.iter_mut().position(|(_, receiver)| receiver.try_recv().map(|place| held.push(place)).is_ok());
            order += waiting.remove(given.expect("somebody gets it")).0;
        }
        drop(held);
        assert_eq!(pool.lock().free, 1);
        assert!(pool.lock().tenants.is_empty());
        order
    }

    fn full(pool: &FairPool) -> Vec<Place> {
        vec![pool.wait("first", SHARE).try_recv().expect("the pool is empty")]
    }

    #[test]
    fn one_tenants_many_do_not_starve_anothers_one() {
        let pool = FairPool::new(1);
        let held = full(&pool);
        let mut waiting: Vec<_> = (0..6).map(|_| ("a", pool.wait("a", SHARE))).collect();
        waiting.push(("b", pool.wait("b", SHARE)));
        waiting.push(("c", pool.wait("c", SHARE)));
        waiting.push(("c", pool.wait("c", SHARE)));
        assert_eq!(order(&pool, waiting, held), "abcacaaaa");
    }

    #[test]
    fn weight_is_places_in_a_row() {
        let pool = FairPool::new(1);
        let held = full(&pool);
        let heavy = Share { weight: 2, at_once: 100 };
        let mut waiting: Vec<_> = (0..4).map(|_| ("a", pool.wait("a", heavy))).collect();
        waiting.extend((0..3).map(|_| ("b", pool.wait("b", SHARE))));
        assert_eq!(order(&pool, waiting, held), "aabaabb");
    }

    #[test]
    fn a_limit_leaves_places_to_others() {
        let pool = FairPool::new(3);
        let one = Share { weight: 1, at_once: 1 };
        let mut first = pool.wait("a", one);
        let mut second = pool.wait("a", one);
        let mut other = pool.wait("b", SHARE);
        let place = first.try_recv().expect("a place");
        assert!(second.try_recv().is_err());
        assert!(other.try_recv().is_ok());
        drop(place);
        assert!(second.try_recv().is_ok());
    }

    #[test]
    fn who_stops_waiting_takes_no_place() {
        let pool = FairPool::new(1);
        let held = full(&pool);
        drop(pool.wait("a", SHARE));
        let mut second = pool.wait("a", SHARE);
        drop(held);
        assert!(second.try_recv().is_ok());
        assert_eq!(pool.lock().free, 1);
    }
}
