//! A scan that has ended, and what may be asked of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use serde_json::Value;
use tempfile::TempDir;

use crate::running::job;

/// A scan that has ended.
pub struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) data: TempDir,
}

impl Finished {
    /// Asserts the exit code.
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "exit code\n{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Asserts how repository `index` ended.
    pub fn outcome(self, index: usize, outcome: &str) -> Self {
        let found = self.report(index)["outcome"].clone();
        assert_eq!(found, outcome, "outcome of repository {index}: {:#}", self.report(index));
        self
    }

    /// Asserts that the error of repository `index` has a word.
    pub fn error_says(self, index: usize, word: &str) -> Self {
        let report = self.report(index);
        let error = report["error"].as_str().unwrap_or_default();
        assert!(error.contains(word), "error of repository {index} without {word:?}: {error}");
        self
    }

    /// Asserts whether repository `index` is complete.
    pub fn complete(self, index: usize, complete: bool) -> Self {
        assert_eq!(self.report(index)["complete"], complete, "{:#}", self.report(index));
        self
    }

    /// Asserts the package names of repository `index`, in the order of the report.
    pub fn packages(self, index: usize, names: &[&str]) -> Self {
        let found: Vec<String> = self.each_package(index).map(|package| text(&package["name"])).collect();
        assert_eq!(found, names, "packages of repository {index}");
        self
    }

    /// The messages of the problems of repository `index`, with their files.
    pub fn problems(&self, index: usize) -> Vec<String> {
        let report = self.report(index);
        let files = report["files"].as_array().cloned().unwrap_or_default();
        let problems = files.iter().flat_map(|file| {
            let problems = file["problems"].as_array().cloned().unwrap_or_default();
            problems.into_iter().map(|problem| format!("{}: {}", text(&file["path"]), text(&problem["message"])))
        });
        problems.collect()
    }

    /// The packages of repository `index`.
    pub fn each_package(&self, index: usize) -> impl Iterator<Item = Value> + use<> {
        let files = self.report(index)["files"].as_array().cloned().unwrap_or_default();
        files.into_iter().flat_map(|file| file["packages"].as_array().cloned().unwrap_or_default())
    }

    /// The report of repository `index`, in the JSON that was printed.
    pub fn report(&self, index: usize) -> Value {
        self.json()["reports"][index].clone()
    }

    /// What was passed over in repository `index`, of the kind whose name has this word; null if there is none.
    pub fn skipped(&self, index: usize, what: &str) -> Value {
        let all = self.report(index)["skipped"].as_array().cloned().unwrap_or_default();
        let named = |entry: &Value| entry["what"].as_str().is_some_and(|name| name.contains(what));
        all.into_iter().find(named).unwrap_or_default()
    }

    /// Asserts that it said a word on standard error.
    pub fn says(self, word: &str) -> Self {
        assert!(self.stderr.contains(word), "standard error without {word:?}:\n{}", self.stderr);
        self
    }

    /// The repositories, by the last part of their names, and how each ended.
    pub fn outcomes(&self) -> Vec<(String, String)> {
        let reports = self.json()["reports"].as_array().cloned().unwrap_or_default();
        let last = |name: String| name.rsplit('/').next().unwrap_or_default().to_owned();
        reports.iter().map(|report| (last(text(&report["repo_name"])), text(&report["outcome"]))).collect()
    }

    /// The JSON that was printed.
    pub fn json(&self) -> Value {
        let parsed = serde_json::from_str(&self.stdout);
        parsed.unwrap_or_else(|error| panic!("no JSON ({error}):\n{}\n{}", self.stdout, self.stderr))
    }

    /// What was printed.
    pub fn stdout(&self) -> &str {
        &self.stdout
    }

    /// What was said on standard error.
    pub fn stderr(&self) -> &str {
        &self.stderr
    }

    /// A JSON file in the job's folder.
    pub fn file(&self, name: &str) -> Value {
        let text = fs::read_to_string(self.job().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        serde_json::from_str(&text).unwrap()
    }

    /// The paths of all files below the job's folder.
    pub fn files_below_job(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut waiting = vec![self.job()];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_dir() {
                    waiting.push(entry.path());
                } else {
                    found.push(entry.path().display().to_string());
                }
            }
        }
        found
    }

    /// Its data folder, with the job in it.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// The job's folder.
    pub fn job(&self) -> PathBuf {
        job(&self.data)
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
