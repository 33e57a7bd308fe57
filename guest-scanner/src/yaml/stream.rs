//! YAML through serde, for large files that a tool writes: nothing is kept of it but what is asked for.

use serde::de::DeserializeSeed;
use serde_saphyr::Options;
use serde_saphyr::options::DuplicateKeyPolicy;

/// Hands what a text holds to `seed`, which says whether it is a mapping. On an error, which may have a
/// line, the seed was given what stands before it.
pub(crate) fn read_object<'a>(
    text: &'a str,
    seed: impl DeserializeSeed<'a, Value = bool>,
) -> Result<(), (Option<u32>, String)> {
    match serde_saphyr::with_deserializer_from_str_with_options(text, options(), |yaml| seed.deserialize(yaml)) {
        Ok(true) => Ok(()),
        Ok(false) => Err((None, "not a mapping".to_owned())),
        Err(error) => {
            let line = error.location().and_then(|location| u32::try_from(location.line()).ok());
            Err((line.filter(|line| *line > 0), error.to_string()))
        }
    }
}

/// A file is bounded already, and what is read of it is in proportion. Aliases would undo that: tools
/// write none.
fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: usize::MAX,
            max_nodes: usize::MAX,
            max_total_scalar_bytes: usize::MAX,
            max_aliases: 100,
            max_anchors: 100,
            max_merge_keys: 100,
        },
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        with_snippet: false,
    }
}
