//! The threads of a worker besides its first: of a large repository they list some of the folders, and each runs one more
//! sandbox.
//!
//! They are there before the worker is locked down, because afterwards none can be made, and have read nothing by then.
//! Until they are given something they wait.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use rustix::thread::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};

type Order = Box<dyn FnOnce() + Send>;

/// Threads that do what they are given, one thing after the other.
#[derive(Debug, Default)]
pub struct Crew(Vec<Sender<Order>>);

impl Crew {
    /// So many of them, all of which have begun.
    pub(crate) fn assemble(members: u32) -> io::Result<Self> {
        let elsewhere = elsewhere();
        let member = |_| {
            let (sender, orders): (Sender<Order>, Receiver<Order>) = channel();
            let live = move || {
                // Best effort: without it they are slower, for a while.
                elsewhere.map(|processors| sched_setaffinity(None, &processors));
                orders.iter().for_each(|order| order());
            };
            thread::Builder::new().name("sandbox".to_owned()).spawn(live)?;
            Ok(sender)
        };
        let crew = Self((0..members).map(member).collect::<io::Result<_>>()?);
        crew.all(|| ())?;
        Ok(crew)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Has each do this, and returns what came of it when all have done it.
    pub(crate) fn all<T: Send + 'static>(&self, order: impl Fn() -> T + Clone + Send + 'static) -> io::Result<Vec<T>> {
        self.with(order, || ()).map(|(answers, ())| answers)
    }

    /// Has each do this while this thread does `own`, and returns what came of both when all have done it.
    pub(crate) fn with<T: Send + 'static, O>(
        &self,
        order: impl Fn() -> T + Clone + Send + 'static,
        own: impl FnOnce() -> O,
    ) -> io::Result<(Vec<T>, O)> {
        let (sender, answers) = channel();
        self.each(|_| {
            let (sender, order) = (sender.clone(), order.clone());
            // Nobody who waits for an answer is gone.
            Box::new(move || sender.send(order()).unwrap_or_default())
        })?;
        drop(sender);
        let own = own();
        let answers: Vec<T> = answers.iter().collect();
        if answers.len() == self.len() { Ok((answers, own)) } else { Err(gone()) }
    }

    /// Gives each what `order` makes for it, by its position, and does not wait.
    pub(crate) fn each(&self, mut order: impl FnMut(usize) -> Order) -> io::Result<()> {
        self.0.iter().enumerate().try_for_each(|(position, member)| member.send(order(position)).map_err(|_| gone()))
    }
}

/// The processors that this thread may use and does not use now, if there are any. In a virtual machine Linux wakes a thread
/// on the processor of whoever wakes it, even if others have nothing to do, and needs some fifty milliseconds to find out.
fn elsewhere() -> Option<CpuSet> {
    let mut processors = sched_getaffinity(None).ok()?;
    let here = sched_getcpu();
    if here < CpuSet::MAX_CPU {
        processors.unset(here);
    }
    Some(processors).filter(|processors| processors.count() > 0)
}

fn gone() -> io::Error {
    io::Error::other("a thread of the worker is gone")
}

#[cfg(test)]
mod tests {
    use std::thread;

    use rustix::thread::sched_getaffinity;

    use super::Crew;

    #[test]
    fn each_does_what_it_is_given_in_a_thread_of_its_own() {
        let crew = Crew::assemble(3).unwrap();
        let mut first: Vec<_> = crew.all(|| thread::current().id()).unwrap();
        let mut again = crew.all(|| thread::current().id()).unwrap();
        first.sort_by_key(|id| format!("{id:?}"));
        again.sort_by_key(|id| format!("{id:?}"));
        assert_eq!(first, again);
        first.dedup();
        assert_eq!((first.len(), crew.len()), (3, 3));
        assert!(!first.contains(&thread::current().id()));
    }

    #[test]
    fn the_others_leave_a_processor_to_the_first() {
        let allowed = sched_getaffinity(None).unwrap().count();
        let theirs = Crew::assemble(2).unwrap().all(|| sched_getaffinity(None).unwrap().count()).unwrap();
        assert_eq!(theirs, [(allowed - 1).max(1); 2]);
    }

    #[test]
    fn one_that_is_gone_is_told() {
        let crew = Crew::assemble(2).unwrap();
        assert!(crew.all(|| assert!(thread::current().name() != Some("sandbox"))).is_err());
        assert!(crew.all(|| ()).is_err());
        assert!(Crew::default().all(|| ()).unwrap().is_empty());
    }
}
