//! The layout that Cabal's files share: fields whose values go on where lines are indented further.

/// A line with those that belong to it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// `name: value`; the value may go over several lines.
    Field { name: &'a str, value: &'a str, indent: usize },
    /// The head of a section, a condition, or what has no place.
    Other { text: &'a str, indent: usize },
}

/// The lines of a text, each once.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
            let line = first_line(rest);
            let start = at;
            at += line.len();
            let content = line.trim();
            if content.is_empty() || content.starts_with("--") {
                continue;
            }
            let indent = indent(line);
            let Some(name) = field_name(content) else { return Some(Line::Other { text: content, indent }) };
            while let Some(next) = text.get(at..).filter(|rest| !rest.is_empty()).map(first_line)
                && goes_on(next, indent)
            {
                at += next.len();
            }
            let value = text.get(start..at)?.split_once(':')?.1;
            return Some(Line::Field { name, value, indent });
        }
    })
}

fn first_line(text: &str) -> &str {
    text.split_inclusive('\n').next().unwrap_or_default()
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn goes_on(line: &str, indent_of_field: usize) -> bool {
    let content = line.trim();
    content.is_empty() || content.starts_with("--") || indent(line) > indent_of_field
}

fn field_name(content: &str) -> Option<&str> {
    let (name, _) = content.split_once(':')?;
    let name = name.trim_end();
    let is_name = name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter));
    is_name.then_some(name)
}

/// The items of a list with commas between; those in braces are within an item. Each begins with its
/// first letter, but may go on over several lines.
pub(crate) fn list_items(value: &str) -> Vec<&str> {
    let mut items = Vec::new();
    let (mut start, mut at, mut depth) = (0, 0, 0_usize);
    for line in value.split_inclusive('\n') {
        let is_comment = line.trim_start().starts_with("--");
        for (offset, byte) in line.bytes().enumerate().filter(|_| !is_comment) {
            match byte {
                b'{' => depth += 1,
                b'}' => depth = depth.saturating_sub(1),
                b',' if depth == 0 => {
                    items.extend(value.get(start..at + offset));
                    start = at + offset + 1;
                }
                _ => {}
            }
        }
        at += line.len();
    }
    items.extend(value.get(start..));
    items.into_iter().map(without_leading_comments).filter(|item| !item.is_empty()).collect()
}

fn without_leading_comments(item: &str) -> &str {
    let mut item = item.trim();
    while item.starts_with("--") {
        item = item.split_once('\n').map_or("", |(_, rest)| rest).trim_start();
    }
    item
}

/// The item without its line breaks and comments.
pub(crate) fn on_one_line(item: &str) -> String {
    let lines = item.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("--"));
    lines.collect::<Vec<_>>().join(" ")
}

/// Whether it is one version, and no range.
pub(crate) fn is_exact(version: &str) -> bool {
    !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::{Line, lines, list_items, on_one_line};

    #[test]
    fn fields_go_on_while_lines_are_indented() {
        let found: Vec<_> = lines("a: 1\n   , 2\n-- no\nlibrary\n  b:\n    x\n  c: y\n").collect();
        let expected = [
            Line::Field { name: "a", value: " 1\n   , 2\n-- no\n", indent: 0 },
            Line::Other { text: "library", indent: 0 },
            Line::Field { name: "b", value: "\n    x\n", indent: 2 },
            Line::Field { name: "c", value: " y\n", indent: 2 },
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn braces_keep_items_together() {
        assert_eq!(list_items("a, b:{c, d} >1,\n -- no, really\n e"), ["a", "b:{c, d} >1", "e"]);
        assert_eq!(on_one_line("a\n  -- no\n  >= 1"), "a >= 1");
    }
}
