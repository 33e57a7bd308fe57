//! How far a job is, on standard error: bars where a person watches, plain lines elsewhere.

mod asking;

pub use self::asking::Asking;

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use fumehood_contract::master::Master;
use fumehood_contract::{RepoState, RepoStatus};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::jobs::dispatcher::Notice;
use crate::text::{count, took};

/// Shows a job's progress.
#[derive(Debug)]
pub struct Progress {
    names: Vec<String>,
    began: Instant,
    begins: HashMap<u32, Instant>,
    states: HashMap<u32, RepoState>,
    ended: usize,
    output: Output,
}

#[derive(Debug)]
enum Output {
    Bars { all: MultiProgress, overall: ProgressBar, of: HashMap<u32, ProgressBar> },
    Lines,
    Nothing,
}

impl Progress {
    /// For these repositories; with bars if somebody watches.
    pub fn new(names: Vec<String>, watched: bool, quiet: bool) -> Self {
        let output = match (quiet, watched) {
            (true, _) => Output::Nothing,
            (false, true) => bars(names.len()),
            (false, false) => Output::Lines,
        };
        Self { names, began: Instant::now(), begins: HashMap::new(), states: HashMap::new(), ended: 0, output }
    }

    /// Shows what happened.
    pub fn show(&mut self, notice: &Notice<'_>) {
        match notice {
            Notice::Started { index } => self.started(*index),
            Notice::Progress { status } => self.moved(status),
            Notice::Ended { index, master, .. } => {
                self.ended(*index, master.ended.get(index).map_or("", |ended| ended.outcome.as_str()));
            }
        }
    }

    /// Repositories that had ended before anybody looked.
    pub fn had_ended(&mut self, repositories: usize) {
        self.ended += repositories;
        if let Output::Bars { overall, .. } = &self.output {
            overall.set_position(self.ended as u64);
        }
    }

    /// Takes the bars away.
    pub fn clear(&self) {
        if let Output::Bars { all, .. } = &self.output {
            // A terminal that is gone needs no cleaning.
            let _gone = all.clear();
        }
    }

    /// Says where the job's files are.
    pub fn finish(self, master: &Master, folder: &Path) {
        self.clear();
        if matches!(self.output, Output::Nothing) {
            return;
        }
        let repositories = count(u64::from(master.total_repositories), "repository");
        say(&format!(
            "{repositories} in {}; status files for a day in {}",
            took(self.began.elapsed()),
            folder.display()
        ));
    }

    /// A worker was started on a repository.
    pub fn started(&mut self, index: u32) {
        self.begins.insert(index, Instant::now());
        let name = self.name(index);
        match &mut self.output {
            Output::Bars { all, of, .. } => {
                let bar = all.add(ProgressBar::new(0).with_style(style(WAITING)).with_prefix(name));
                bar.set_message("starting");
                of.insert(index, bar);
            }
            Output::Lines => say(&format!("{name}: started")),
            Output::Nothing => {}
        }
    }

    /// A repository went on. One that nobody saw begin begins now.
    pub fn moved(&mut self, status: &RepoStatus) {
        if !self.begins.contains_key(&status.repo_index) {
            self.started(status.repo_index);
        }
        let is_news = self.states.insert(status.repo_index, status.status) != Some(status.status);
        match &self.output {
            Output::Bars { of, .. } => Self::move_bar(of, status),
            Output::Lines if is_news && !status.status.is_final() => {
                say(&format!("{}: {}", self.name(status.repo_index), doing(status)));
            }
            Output::Lines | Output::Nothing => {}
        }
    }

    fn move_bar(of: &HashMap<u32, ProgressBar>, status: &RepoStatus) {
        let Some(bar) = of.get(&status.repo_index) else { return };
        if status.total_files > 0 && bar.length() != Some(status.total_files) {
            bar.set_style(style(READING));
            bar.set_length(status.total_files);
        }
        bar.set_position(status.current_file);
        let doing = status.current_filename.clone().unwrap_or_else(|| doing(status));
        bar.set_message(doing);
    }

    /// A repository ended.
    pub fn ended(&mut self, index: u32, outcome: &str) {
        self.ended += 1;
        let name = self.name(index);
        let time = self.begins.get(&index).map_or_else(String::new, |begin| format!(" in {}", took(begin.elapsed())));
        let how = outcome.replace('_', " ");
        let line = format!("{name}: {how}{time}");
        match &mut self.output {
            Output::Bars { all, overall, of } => {
                if let Some(bar) = of.remove(&index) {
                    bar.finish_and_clear();
                    all.remove(&bar);
                }
                overall.inc(1);
            }
            Output::Lines => say(&format!("[{}/{}] {line}", self.ended, self.names.len())),
            Output::Nothing => {}
        }
    }

    fn name(&self, index: u32) -> String {
        self.names.get(index as usize).cloned().unwrap_or_default()
    }
}

/// `scanning 12 files`, or the status's own words.
fn doing(status: &RepoStatus) -> String {
    let words = match status.status {
        RepoState::Pending => "waiting",
        RepoState::Starting => "starting",
        RepoState::Cloning => "cloning",
        RepoState::Scanning => "scanning",
        RepoState::Analyzing => "analyzing",
        RepoState::Completed | RepoState::Failed | RepoState::Timeout | RepoState::Cancelled => "ending",
    };
    match &status.message {
        Some(message) => message.clone(),
        None if status.total_files > 0 => format!("{words} {}", count(status.total_files, "file")),
        None => words.to_owned(),
    }
}

const OVERALL: &str = "{bar:30.cyan/dim} {pos}/{len} repositories  {elapsed}";
const WAITING: &str = "  {spinner} {prefix:.bold}  {wide_msg:.dim}";
const READING: &str = "  {bar:20.green/dim} {percent:>3}%  {prefix:.bold}  {pos}/{len}  {wide_msg:.dim}";

fn bars(repositories: usize) -> Output {
    let all = MultiProgress::new();
    let overall = all.add(ProgressBar::new(repositories as u64).with_style(style(OVERALL)));
    overall.tick();
    Output::Bars { all, overall, of: HashMap::new() }
}

/// The templates are constants of ours; a bad one would be seen as the default style.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━━─")
}

#[expect(clippy::print_stderr, reason = "progress is for standard error")]
fn say(line: &str) {
    eprintln!("{line}");
}
