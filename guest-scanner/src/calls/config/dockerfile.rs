//! Addresses in Dockerfiles: what `RUN` fetches, what `ADD` fetches, what `ENV` and `ARG` say.

use fumehood_contract::ApiCall;
use fumehood_contract::calls::Confidence;
use fumehood_contract::limits::CALLS_PER_FILE_MAX;

use crate::calls::endpoints::endpoint;
use crate::calls::shell;
use crate::calls::url;

pub(super) fn calls(text: &str) -> Vec<ApiCall> {
    // To the shell's reader, `RUN` is a keyword, and `ENV` and `ARG` are assignments.
    let mut found = shell::calls(text, 1);
    for (line, number) in text.lines().zip(1u32..) {
        let mut words = line.split_whitespace();
        if words.next() != Some("ADD") {
            continue;
        }
        let Some(source) = words.find(|word| !word.starts_with("--")).filter(|source| url::is_absolute(source)) else {
            continue;
        };
        let source = source.replace("${", "{").replace('$', "");
        if let Some(target) = url::target(&source).filter(|_| found.len() < CALLS_PER_FILE_MAX) {
            found.push(ApiCall {
                method: Some("GET".to_owned()),
                confidence: Confidence::High,
                ..endpoint(target, number)
            });
        }
    }
    found.sort_by_key(|call| call.line);
    found
}
