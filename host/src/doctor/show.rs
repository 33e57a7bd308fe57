//! What was seen, for people and for programs.

use std::io::{self, Write as _};

use serde_json::json;

use super::{Came, Examination};
use crate::worker::lockdown::Layer;

/// As two tables.
pub(super) fn table(examination: &Examination) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "Layers of the sandbox here")?;
    for layer in Layer::SYSTEM.into_iter().chain(Layer::GUEST) {
        let is_missing = examination.missing.contains(&layer);
        let here = match (is_missing, layer.is_optional()) {
            (false, _) => "yes",
            (true, true) => "no (optional)",
            (true, false) => "NO",
        };
        writeln!(out, "  {:<21} {here:<14} {}", layer.name(), layer.purpose())?;
        if is_missing {
            writeln!(out, "  {:<21} {:<14} {}", "", "", layer.remedy())?;
        }
    }
    writeln!(out, "\nWhat a worker came to that was taken over and tried to …")?;
    for (probe, came) in &examination.tried {
        let came = match came {
            Came::Succeeded => "SUCCEEDED".to_owned(),
            Came::Refused(why) => format!("refused: {why}"),
            Came::Killed(why) => format!("killed: {why}"),
            Came::Unknown(why) => format!("UNKNOWN: {why}"),
        };
        writeln!(out, "  {:<46} {came}", probe.purpose())?;
    }
    let verdict = if examination.is_sound() {
        "\nA strict sandbox can be had here, and nothing got out."
    } else {
        "\nThis is not a strict sandbox: `serve` does not scan here unless it is told --sandbox best-effort."
    };
    writeln!(out, "{verdict}")
}

/// As a JSON document.
pub(super) fn json(examination: &Examination) -> io::Result<()> {
    let layers = Layer::SYSTEM.into_iter().chain(Layer::GUEST).map(|layer| {
        let is_here = !examination.missing.contains(&layer);
        json!({ "layer": layer.name(), "here": is_here, "optional": layer.is_optional() })
    });
    let tried = examination.tried.iter().map(|(probe, came)| {
        let (outcome, reason) = match came {
            Came::Succeeded => ("succeeded", None),
            Came::Refused(why) => ("refused", Some(why)),
            Came::Killed(why) => ("killed", Some(why)),
            Came::Unknown(why) => ("unknown", Some(why)),
        };
        json!({ "probe": probe.name(), "outcome": outcome, "reason": reason })
    });
    let document = json!({
        "sound": examination.is_sound(),
        "layers": layers.collect::<Vec<_>>(),
        "tried": tried.collect::<Vec<_>>(),
    });
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &document)?;
    writeln!(out)
}
