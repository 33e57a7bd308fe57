//! A Dockerfile's instructions: lines joined, comments and heredocs passed over.

/// An instruction, its lines joined.
#[derive(Debug)]
pub(super) struct Instruction {
    /// In upper case: `FROM`.
    pub(super) keyword: String,
    pub(super) rest: String,
    /// Where it begins, from 1.
    pub(super) line: u32,
}

/// What a text holds.
#[derive(Debug, Default)]
pub(super) struct Instructions {
    pub(super) list: Vec<Instruction>,
    /// The letter that joins lines, and that takes a dollar sign's meaning away.
    pub(super) escape: char,
    /// The first heredoc that never ends, and the line where it begins.
    pub(super) endless: Option<(String, u32)>,
}

/// Reads the instructions of a text.
pub(super) fn read(text: &str) -> Instructions {
    let escape = escape_directive(text);
    let mut found = Instructions { list: Vec::new(), escape, endless: None };
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    while let Some(first) = lines.get(at) {
        let line = u32::try_from(at + 1).unwrap_or(u32::MAX);
        if is_comment(first) || first.trim().is_empty() {
            at += 1;
            continue;
        }
        let (joined, next) = join(&lines, at, escape);
        at = next;
        let joined = joined.trim();
        let (keyword, rest) = joined.split_once(char::is_whitespace).unwrap_or((joined, ""));
        let keyword = keyword.to_ascii_uppercase();
        // Past one that never ends nothing more is taken for a heredoc: it may have been none.
        if found.endless.is_none() {
            match after_heredocs(&keyword, rest, &lines, at) {
                Ok(after) => at = after,
                Err(word) => found.endless = Some((word, line)),
            }
        }
        found.list.push(Instruction { keyword, rest: rest.trim().to_owned(), line });
    }
    found
}

/// The directive stands in the comments at the very top.
fn escape_directive(text: &str) -> char {
    for line in text.lines() {
        let Some((key, value)) = line.trim().strip_prefix('#').and_then(|comment| comment.split_once('=')) else {
            break;
        };
        if key.trim().eq_ignore_ascii_case("escape") && value.trim() == "`" {
            return '`';
        }
    }
    '\\'
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// The lines that belong together from `at` on, and where the next ones begin. Comments and empty
/// lines between them do not end the instruction.
fn join(lines: &[&str], mut at: usize, escape: char) -> (String, usize) {
    let mut joined = String::new();
    while let Some(line) = lines.get(at) {
        at += 1;
        if !joined.is_empty() && (is_comment(line) || line.trim().is_empty()) {
            continue;
        }
        match line.trim_end().strip_suffix(escape) {
            Some(begun) => {
                joined.push_str(begun);
                // Something must stand there, so that it is seen to have begun.
                joined.push(' ');
            }
            None => {
                joined.push_str(line);
                break;
            }
        }
    }
    (joined, at)
}

/// Where the lines go on after the heredocs that the instruction opens; `Err` with the word of one
/// that never ends.
fn after_heredocs(keyword: &str, rest: &str, lines: &[&str], at: usize) -> Result<usize, String> {
    if !matches!(keyword, "RUN" | "COPY" | "ADD" | "ONBUILD") || !rest.contains("<<") {
        return Ok(at);
    }
    let mut at = at;
    for (word, strips_tabs) in heredocs(rest) {
        let ends = |line: &&str| if strips_tabs { line.trim_start_matches('\t') == word } else { **line == word };
        let length = lines.get(at..).unwrap_or_default().iter().position(ends);
        at += length.ok_or(word)? + 1;
    }
    Ok(at)
}

/// The words that end an instruction's heredocs, and whether tabs may stand before them.
fn heredocs(rest: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for word in words(rest) {
        let Some(word) = word.trim_start_matches(|letter: char| letter.is_ascii_digit()).strip_prefix("<<") else {
            continue;
        };
        let (word, strips_tabs) = word.strip_prefix('-').map_or((word, false), |word| (word, true));
        let word = word.trim_matches(['"', '\'']);
        if !word.is_empty() && !word.contains('<') {
            found.push((word.to_owned(), strips_tabs));
        }
    }
    found
}

/// Words that white space parts, quotes kept together.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim_start();
    std::iter::from_fn(move || {
        let mut quote = None;
        let mut end = rest.len();
        for (at, letter) in rest.char_indices() {
            match (quote, letter) {
                (Some(open), letter) if open == letter => quote = None,
                (None, '"' | '\'') => quote = Some(letter),
                (None, letter) if letter.is_whitespace() => {
                    end = at;
                    break;
                }
                (Some(_) | None, _) => {}
            }
        }
        let (word, after) = rest.split_at_checked(end)?;
        rest = after.trim_start();
        (!word.is_empty()).then_some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::{read, words};

    fn shown(text: &str) -> Vec<(u32, String)> {
        read(text).list.iter().map(|found| (found.line, format!("{} {}", found.keyword, found.rest))).collect()
    }

    #[test]
    fn lines_are_joined() {
        let text = "# escape=`\nfrom a `\n  # no\n\n  AS b\nRUN x\\\nFROM c\n";
        let found: Vec<_> =
            shown(text).into_iter().map(|(line, text)| (line, words(&text).collect::<Vec<_>>().join(" "))).collect();
        assert_eq!(found, [(2, "FROM a AS b".to_owned()), (6, "RUN x\\".to_owned()), (7, "FROM c".to_owned())]);
    }

    #[test]
    fn heredocs_are_passed_over() {
        let text = "FROM a\nRUN <<EOF cat <<-'END'\nFROM no\nEOF\nFROM no\n\tEND\nFROM b\n";
        let keywords: Vec<_> = shown(text).into_iter().map(|(line, _)| line).collect();
        assert_eq!(keywords, [1, 2, 7]);
        let endless = read("RUN cat <<EOF\nFROM a\nRUN cat <<EOF\n");
        assert_eq!((endless.list.len(), endless.endless), (3, Some(("EOF".to_owned(), 1))));
        assert_eq!(shown("RUN echo $((1 << 2)) <<<x\nFROM b\n").len(), 2);
    }
}
