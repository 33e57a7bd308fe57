//! One requirement, as PEP 508 writes it: `name[extra] (>= 1, < 2) ; marker` or `name @ URL ; marker`.
//!
//! Markers are cut off and not evaluated: they say where a requirement holds, not what it is.

/// A requirement, in pieces of the text that it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Requirement<'a> {
    /// As it is written there.
    pub(crate) name: &'a str,
    /// The extras that are wanted.
    pub(crate) extras: Vec<&'a str>,
    /// What stands where a version would, without its brackets; may be empty.
    pub(crate) specifiers: &'a str,
    /// Where it is to come from, instead of a range of versions.
    pub(crate) url: Option<&'a str>,
}

impl<'a> Requirement<'a> {
    /// The only version that can satisfy it: `==1.0` or `===1.0`, alone or among other clauses, but
    /// not `==1.*`.
    pub(crate) fn exact(&self) -> Option<&'a str> {
        let mut found = None;
        for clause in self.specifiers.split(',') {
            let Some(version) = clause.trim().strip_prefix("==") else { continue };
            let version = version.strip_prefix('=').unwrap_or(version).trim();
            if version.ends_with('*') || version.contains('$') || found.is_some_and(|other| other != version) {
                return None;
            }
            found = Some(version);
        }
        found
    }
}

impl<'a> Requirement<'a> {
    /// The oldest version that can satisfy it, where a clause says that this version is one (`>=1.0`
    /// or `~=1.0`) and the others are upper bounds. Whatever is installed, it is no older.
    pub(crate) fn oldest(&self) -> Option<&'a str> {
        let mut found = None;
        for clause in self.clauses() {
            let lower = clause.strip_prefix(">=").or_else(|| clause.strip_prefix("~=")).map(str::trim);
            match lower {
                Some(version) if found.is_none() && !version.contains(['*', '$']) => found = Some(version),
                None if clause.starts_with('<') => {}
                Some(_) | None => return None,
            }
        }
        found
    }

    /// Its specifiers, one by one.
    pub(crate) fn clauses(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.specifiers.split(',').map(str::trim).filter(|clause| !clause.is_empty())
    }
}

/// Reads a requirement; `Err` says what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Requirement<'_>, &'static str> {
    let text = text.trim();
    let (name, rest) = split_name(text).ok_or("it does not begin with the name of a package")?;
    let (extras, rest) = split_extras(rest.trim_start())?;
    let rest = rest.trim_start();
    if let Some(url) = rest.strip_prefix('@') {
        let url = url.split_whitespace().next().unwrap_or("");
        let url = url.strip_suffix(';').unwrap_or(url);
        if url.is_empty() {
            return Err("no URL stands behind the @");
        }
        return Ok(Requirement { name, extras, specifiers: "", url: Some(url) });
    }
    let specifiers = rest.split_once(';').map_or(rest, |(before, _)| before).trim();
    let specifiers = match specifiers.strip_prefix('(') {
        Some(inner) => inner.strip_suffix(')').ok_or("a bracket is not closed")?.trim(),
        None => specifiers,
    };
    if !specifiers.is_empty() && !specifiers.trim_end_matches(',').split(',').all(is_clause) {
        return Err("what stands behind the name is not a range of versions");
    }
    Ok(Requirement { name, extras, specifiers, url: None })
}

/// Whether it is a package's name: letters, digits, and `-`, `_`, `.` between them.
pub(crate) fn is_name(text: &str) -> bool {
    split_name(text).is_some_and(|(_, rest)| rest.is_empty())
}

fn split_name(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '-' | '_' | '.'));
    let (name, rest) = text.split_at_checked(end.unwrap_or(text.len()))?;
    let ends = (name.bytes().next()?, name.bytes().next_back()?);
    (ends.0.is_ascii_alphanumeric() && ends.1.is_ascii_alphanumeric()).then_some((name, rest))
}

fn split_extras(text: &str) -> Result<(Vec<&str>, &str), &'static str> {
    let Some(inside) = text.strip_prefix('[') else { return Ok((Vec::new(), text)) };
    let (list, rest) = inside.split_once(']').ok_or("the list of extras is not closed")?;
    let extras: Vec<&str> = list.split(',').map(str::trim).filter(|extra| !extra.is_empty()).collect();
    if extras.iter().all(|extra| is_name(extra)) { Ok((extras, rest)) } else { Err("the list of extras is malformed") }
}

fn is_clause(clause: &str) -> bool {
    let clause = clause.trim();
    let version = clause.trim_start_matches(['=', '!', '<', '>', '~']);
    let operator = clause.strip_suffix(version).unwrap_or("");
    let version = version.trim();
    matches!(operator, "==" | "===" | "!=" | "<=" | ">=" | "<" | ">" | "~=")
        && !version.is_empty()
        && !version
            .contains(|letter: char| letter.is_whitespace() || matches!(letter, '@' | '[' | ']' | '(' | ')' | '#'))
}

#[cfg(test)]
mod tests {
    use super::{is_name, parse};

    #[test]
    fn requirements_are_taken_apart() {
        let full = parse("Foo.Bar [a, b-c] (>= 1.0 , != 2) ; python_version < '3'").unwrap();
        assert_eq!((full.name, full.specifiers), ("Foo.Bar", ">= 1.0 , != 2"));
        assert_eq!(full.extras, ["a", "b-c"]);
        let direct = parse("foo[x]@git+https://git.example/foo.git@v1 ; sys_platform == 'win32'").unwrap();
        assert_eq!(direct.url, Some("git+https://git.example/foo.git@v1"));
        assert_eq!(parse("foo").map(|bare| bare.specifiers), Ok(""));
    }

    #[test]
    fn only_one_version_is_exact() {
        let exact = |text| parse(text).unwrap().exact();
        assert_eq!(exact("a==1.0"), Some("1.0"));
        assert_eq!(exact("a === 1.0-x"), Some("1.0-x"));
        assert_eq!(exact("a ==1.0, <2"), Some("1.0"));
        for range in ["a==1.*", "a>=1", "a==1,==2", "a==${VERSION}", "a"] {
            assert_eq!(exact(range), None, "{range}");
        }
    }

    #[test]
    fn a_lower_bound_is_the_oldest_version() {
        let oldest = |text| parse(text).unwrap().oldest();
        assert_eq!(oldest("a >= 1.0"), Some("1.0"));
        assert_eq!(oldest("a~=1.1 ; python_version > '3'"), Some("1.1"));
        assert_eq!(oldest("a<3,>=2.20"), Some("2.20"));
        for range in ["a>1", "a>=1,!=1.2", "a<2", "a>=1,>=2", "a==1.*", "a>=1.*", "a"] {
            assert_eq!(oldest(range), None, "{range}");
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in ["", "==1.0", "a b", "a==", "a=1", "a[b", "a (>1", "a @", "-a", "a==1 @ git+https://x", "ä==1"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(is_name("a") && !is_name("a-") && !is_name("a b"));
    }
}
