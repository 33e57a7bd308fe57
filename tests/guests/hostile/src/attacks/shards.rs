//! Attacks by several sandboxes that share one repository. The first, which writes the report, is number 0.

use std::fs;
use std::hint::black_box;

use crate::bindings::fumehood::scanner::shards;
use crate::bindings::fumehood::scanner::types::Request;
use crate::notes;

/// No attack: tells how many there are, and what they have taken together.
pub(crate) fn count(request: &Request) {
    let here = shards::here();
    let taken = (0..100).map(|_| shards::take()).max().unwrap_or_default();
    if here.number > 0 {
        fs::write(format!("/status/taken-{}", here.number), taken.to_string()).unwrap_or_default();
        return;
    }
    shards::wait();
    let others =
        (1..here.of).filter_map(|number| fs::read_to_string(format!("/status/taken-{number}")).ok()?.parse().ok());
    let all = others.chain([taken]).max().unwrap_or_default() + 1;
    notes::whole_scan(request, &[format!("{} sandboxes took {all} numbers", here.of)]);
}

/// The others never end, and the first waits for them.
pub(crate) fn spin() {
    if shards::here().number == 0 {
        return shards::wait();
    }
    loop {
        black_box(());
    }
}

/// The others never end, and the first does not care.
pub(crate) fn leave(request: &Request) {
    if shards::here().number == 0 {
        return notes::whole_scan(request, &[]);
    }
    spin();
}

/// Each takes less memory than one may have, and all together take more.
pub(crate) fn grow() {
    black_box(vec![1_u8; 40 << 20]);
    shards::wait();
}

/// One of the others is gone.
pub(crate) fn panic() {
    assert!(shards::here().number != 1, "on purpose");
    shards::wait();
}

/// All write the same files.
pub(crate) fn quarrel(request: &Request) {
    for _ in 0..200 {
        notes::whole_scan(request, &[]);
    }
    shards::wait();
}
