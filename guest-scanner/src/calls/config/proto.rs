//! Services in protobuf definitions.

use fumehood_contract::ApiCall;
use fumehood_contract::calls::{CallKind, Confidence};
use fumehood_contract::limits::CALLS_PER_FILE_MAX;

/// A record for each service: `/package.Service`.
pub(super) fn calls(text: &str) -> Vec<ApiCall> {
    let mut found = Vec::new();
    let mut package = "";
    let mut in_comment = false;
    for (line, number) in text.lines().zip(1u32..) {
        let line = line.trim();
        if in_comment {
            in_comment = !line.contains("*/");
            continue;
        }
        if line.starts_with("/*") {
            in_comment = !line.contains("*/");
            continue;
        }
        let mut words = line
            .split(|letter: char| letter.is_whitespace() || matches!(letter, ';' | '{'))
            .filter(|word| !word.is_empty());
        match (words.next(), words.next()) {
            (Some("package"), Some(name)) => package = name,
            (Some("service"), Some(name)) if found.len() < CALLS_PER_FILE_MAX && is_name(name) && is_name(package) => {
                let dot = if package.is_empty() { "" } else { "." };
                found.push(ApiCall {
                    url: format!("/{package}{dot}{name}"),
                    kind: CallKind::Grpc,
                    line: number,
                    confidence: Confidence::Low,
                    ..ApiCall::default()
                });
            }
            _ => {}
        }
    }
    found
}

fn is_name(text: &str) -> bool {
    text.len() <= 256 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
}
