//! What is shown while forges are asked, before there is a job.

use indicatif::{ProgressBar, ProgressStyle};

/// One line on standard error that changes; nothing where nobody watches.
#[derive(Debug)]
pub struct Asking(ProgressBar);

impl Asking {
    /// Shows nothing yet.
    pub fn new(quiet: bool) -> Self {
        let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
        let style =
            ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
        Self(bar.with_style(style))
    }

    /// Shows this in the place of what was said before.
    pub fn say(&self, message: &str) {
        self.0.set_message(message.to_owned());
        self.0.tick();
    }

    /// Shows nothing any more.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}
