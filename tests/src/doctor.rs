//! `fumehood doctor`, about to examine this machine.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

/// The command with its arguments.
#[derive(Default)]
pub struct Doctor {
    args: Vec<String>,
}

impl Doctor {
    /// With every attempt and every layer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only this attempt.
    pub fn attempt(mut self, probe: &str) -> Self {
        self.args.push(format!("--try={probe}"));
        self
    }

    /// Without these layers, separated by commas.
    pub fn without(mut self, layers: &str) -> Self {
        self.args.push(format!("--without={layers}"));
        self
    }

    /// What it found.
    pub fn examine(self) -> Examined {
        let mut command = Command::new(crate::binary());
        let command = command.args(["doctor", "--format=json", "--cache-dir"]).arg(crate::cache()).args(self.args);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
        Examined(document)
    }
}

/// What was found.
pub struct Examined(Value);

impl Examined {
    /// What came of each attempt, if every layer is here that is not optional; otherwise says what is missing.
    pub fn tried_in_a_whole_sandbox(&self) -> Option<BTreeMap<String, String>> {
        let layers = self.0["layers"].as_array().unwrap();
        let missing = layers.iter().find(|layer| layer["here"] == false && layer["optional"] == false);
        if let Some(missing) = missing {
            println!("skipped: this machine lacks {}", missing["layer"]);
            return None;
        }
        let tried = self.0["tried"].as_array().unwrap();
        Some(tried.iter().map(|tried| (text(&tried["probe"]), text(&tried["outcome"]))).collect())
    }

    /// What came of this attempt.
    pub fn came(&self, probe: &str) -> String {
        let tried = self.0["tried"].as_array().unwrap().iter().find(|tried| tried["probe"] == probe);
        text(&tried.unwrap_or_else(|| panic!("{probe} was not tried: {}", self.0))["outcome"])
    }

    /// Every layer's name.
    pub fn layers(&self) -> Vec<String> {
        self.0["layers"].as_array().unwrap().iter().map(|layer| text(&layer["layer"])).collect()
    }

    /// Its verdict.
    pub fn is_sound(&self) -> bool {
        self.0["sound"] == true
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
