//! The service's log: its standard error, a line a message.

use fumehood_contract::Timestamp;

use crate::text;

/// Says something, once, where it is handled. What comes from outside cannot begin a line of its own.
#[expect(clippy::print_stderr, reason = "the service's log is its standard error")]
pub fn say(message: &str) {
    eprintln!("{} {}", Timestamp::now(), text::clean(message));
}
