//! Tables by name, with a quick hash. The standard one is there against those who know what to put into a table and not
//! how it hashes; but nothing is secret in the sandbox, whose chance is always the same. Whoever makes names collide uses
//! up the fuel of his own repository.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

/// Values by name.
pub(crate) type NameMap<K, V> = HashMap<K, V, FixedState>;

/// Names.
pub(crate) type NameSet<K> = HashSet<K, FixedState>;
