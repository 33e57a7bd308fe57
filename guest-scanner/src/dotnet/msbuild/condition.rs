//! Conditions, as far as they compare texts.

/// A longer condition is not looked at: it may hold or not.
const CONDITION_BYTES_MAX: usize = 2 * 1024;

/// Whether a condition holds; `None` if that cannot be told.
pub(super) fn holds(condition: &str, expand: &mut dyn FnMut(&str) -> Vec<String>) -> Option<bool> {
    let condition = condition.trim();
    // Functions and groups: what remains when the references to properties are taken away.
    if condition.len() > CONDITION_BYTES_MAX || condition.replace("$(", "").contains('(') {
        return None;
    }
    let lower = condition.to_ascii_lowercase();
    let (word, stop_at) = match (lower.contains(" and "), lower.contains(" or ")) {
        (true, true) => return None,
        (_, true) => (" or ", true),
        (_, false) => (" and ", false),
    };
    let mut whole = Some(!stop_at);
    for part in lower.split(word) {
        match compare(part, expand) {
            Some(holds) if holds == stop_at => return Some(stop_at),
            Some(_) => {}
            None => whole = None,
        }
    }
    whole
}

/// One comparison. MSBuild does not tell upper from lower case in it.
fn compare(text: &str, expand: &mut dyn FnMut(&str) -> Vec<String>) -> Option<bool> {
    let (left, right, wanted) = match (text.split_once("=="), text.split_once("!=")) {
        (Some((left, right)), None) => (left, right, true),
        (None, Some((left, right))) => (left, right, false),
        _ => {
            return match side(text, expand)?.as_str() {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            };
        }
    };
    let (left, right) = (side(left, expand)?, side(right, expand)?);
    // `'$(X)' == ''`: whoever asks sets X in that case.
    let is_unset = |text: &str| text.starts_with("$(") && text.ends_with(')') && text.matches("$(").count() == 1;
    if wanted && ((is_unset(&left) && right.is_empty()) || (is_unset(&right) && left.is_empty())) {
        return Some(true);
    }
    (!left.contains("$(") && !right.contains("$(")).then(|| (left == right) == wanted)
}

fn side(text: &str, expand: &mut dyn FnMut(&str) -> Vec<String>) -> Option<String> {
    let mut values = expand(text.trim().trim_matches('\'')).into_iter();
    values.next().filter(|_| values.next().is_none()).map(|text| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn comparisons_are_decided_if_all_is_known() {
        let mut expand = |text: &str| vec![text.replace("$(known)", "A")];
        for (condition, expected) in [
            ("'$(Known)' == 'a'", Some(true)),
            (" '$(Known)'!='a' ", Some(false)),
            ("'$(Other)' == ''", Some(true)),
            ("'$(Other)' == 'a'", None),
            ("'$(Other)' != ''", None),
            ("'$(Known)' == 'b' and '$(Other)' == 'a'", Some(false)),
            ("'$(Known)' == 'a' Or '$(Other)' == 'a'", Some(true)),
            ("Exists('x')", None),
            ("true", Some(true)),
            ("", None),
        ] {
            assert_eq!(holds(condition, &mut expand), expected, "{condition}");
        }
    }
}
