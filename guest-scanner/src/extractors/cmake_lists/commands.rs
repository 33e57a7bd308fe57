//! CMake's syntax: commands with their arguments.

/// A command that is called.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Command<'a> {
    pub(super) name: &'a str,
    pub(super) offset: usize,
    pub(super) arguments: Vec<Argument<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Argument<'a> {
    /// As it is written, without its quotes; escapes stay.
    pub(super) text: &'a str,
    /// In long brackets nothing has another meaning.
    pub(super) is_raw: bool,
}

/// All commands, in one pass; and the offset of one that does not end.
pub(super) fn read(text: &str) -> (Vec<Command<'_>>, Option<usize>) {
    let mut commands: Vec<Command<'_>> = Vec::new();
    // A word that is the name of a command if a bracket follows.
    let mut word: Option<(&str, usize)> = None;
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(rest) = text.get(at..)
        && let Some(letter) = rest.chars().next()
    {
        let mut argument = None;
        let mut length = letter.len_utf8();
        match letter {
            '#' => {
                let bracket = rest.get(1..).and_then(bracket);
                length = bracket.map_or_else(|| rest.find('\n').unwrap_or(rest.len()), |(_, length)| length + 1);
            }
            '(' => {
                if depth == 0
                    && let Some((name, offset)) = word.take()
                {
                    commands.push(Command { name, offset, arguments: Vec::new() });
                }
                depth += 1;
            }
            ')' => depth = depth.saturating_sub(1),
            '"' => {
                let (inside, whole) = quoted(rest);
                argument = Some(Argument { text: inside, is_raw: false });
                length = whole;
            }
            '[' if bracket(rest).is_some() => {
                if let Some((inside, whole)) = bracket(rest) {
                    argument = Some(Argument { text: inside, is_raw: true });
                    length = whole;
                }
            }
            _ if letter.is_whitespace() || letter == ';' => {}
            _ => {
                let mut escaped = false;
                let end = rest.find(|letter: char| {
                    let ends = !escaped && (letter.is_whitespace() || matches!(letter, '(' | ')' | '#' | '"' | ';'));
                    escaped = !escaped && letter == '\\';
                    ends
                });
                length = end.unwrap_or(rest.len());
                let text = rest.get(..length).unwrap_or_default();
                argument = Some(Argument { text, is_raw: false });
                word = Some((text, at)).filter(|_| depth == 0);
            }
        }
        if let Some(command) = commands.last_mut().filter(|_| depth > 0) {
            command.arguments.extend(argument);
        }
        at += length;
    }
    let open = commands.last().filter(|_| depth > 0).map(|command| command.offset);
    if open.is_some() {
        commands.pop();
    }
    (commands, open)
}

/// What a quoted argument holds, and its length with the quotes.
fn quoted(rest: &str) -> (&str, usize) {
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, letter)| {
        let ends = !escaped && *letter == '"';
        escaped = !escaped && *letter == '\\';
        ends
    });
    let end = end.map_or(rest.len(), |(at, _)| at);
    (rest.get(1..end).unwrap_or_default(), (end + 1).min(rest.len()))
}

/// `[==[ … ]==]` at the beginning: what it holds, and its length.
fn bracket(rest: &str) -> Option<(&str, usize)> {
    let inside = rest.strip_prefix('[')?;
    let signs = inside.len() - inside.trim_start_matches('=').len();
    let inside = inside.get(signs..)?.strip_prefix('[')?;
    let closing = format!("]{}]", "=".repeat(signs));
    // One that does not end ends with the file.
    let end = inside.find(&closing).unwrap_or(inside.len());
    let whole = (signs + 2 + end + closing.len()).min(rest.len());
    Some((inside.get(..end)?, whole))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn arguments_have_three_forms() {
        let text = "set(A \"b ) #\" [=[c ]] d]=] e\\ f) # g(h)\n#[[ i(j) ]]\nk\n(l (m))";
        let (commands, open) = read(text);
        let found: Vec<(&str, Vec<&str>)> = commands
            .iter()
            .map(|command| (command.name, command.arguments.iter().map(|argument| argument.text).collect()))
            .collect();
        assert_eq!(found, [("set", vec!["A", "b ) #", "c ]] d", "e\\ f"]), ("k", vec!["l", "m"])]);
        assert_eq!(open, None);
        assert_eq!(read("a(b)\nc(d").1, Some(5));
    }
}
