//! What the names in a file stand for: assignments, parameters, members of objects.

use super::code::Code;
use super::language::Language;
use super::sieve::Sieve;
use super::token::Kind;
use crate::names::NameMap;

/// The tokens of a type between a name and its value.
const TYPE_TOKENS_MAX: usize = 8;

/// The assignments that a look-up goes back over.
const LOOK_BACK_MAX: usize = 16;

/// Where a name gets a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assigned {
    /// The token after which it counts.
    pub(crate) at: usize,
    /// Where the value's expression begins; none for a parameter without a default.
    pub(crate) value: Option<usize>,
    pub(crate) role: Role,
    /// Whether it is known to be of a function, and no field of an object.
    pub(crate) is_local: bool,
    /// Whether the value begins with a text.
    pub(crate) is_text: bool,
}

/// What sort of name it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Variable,
    Parameter,
    /// Assigned through an object: `self.name = …`.
    Field,
    /// Written in an object: `{ name: … }`.
    Member,
}

/// All names of a file.
#[derive(Debug, Default)]
pub(crate) struct Names<'t> {
    assigned: NameMap<&'t str, Vec<Assigned>>,
}

impl<'t> Names<'t> {
    pub(crate) fn of(code: &Code<'t>) -> Self {
        let mut collector = Collector {
            code,
            keywords: Sieve::of(["def", "function", "func", "fn", "fun", "with", "as"]),
            names: Self::default(),
            open: Vec::new(),
            headers: Vec::new(),
            with: None,
            function: None,
        };
        (0..code.len()).for_each(|at| collector.token(at));
        collector.names
    }

    /// The value that a plain `name` has at a token: its last assignment before, else its first.
    pub(crate) fn variable(&self, name: &str, at: usize) -> Option<Assigned> {
        let all = self.assigned.get(name)?;
        let mut earlier = earlier(all, at);
        let is_own = |one: &&Assigned| matches!(one.role, Role::Variable | Role::Parameter);
        let first = |role: Role| all.iter().take(LOOK_BACK_MAX).find(|one| one.role == role);
        earlier.find(is_own).or_else(|| first(Role::Variable)).or_else(|| first(Role::Field)).copied()
    }

    /// The value of `name` as a field of the object that the code at a token belongs to.
    pub(crate) fn field(&self, name: &str, at: usize) -> Option<Assigned> {
        let all = self.assigned.get(name)?;
        let before = |role: Role| earlier(all, at).find(|one| one.role == role && !one.is_local);
        let after = |role: Role| all.iter().take(LOOK_BACK_MAX).find(|one| one.role == role && !one.is_local);
        let nearest = before(Role::Field).or_else(|| before(Role::Variable)).or_else(|| after(Role::Field));
        nearest.or_else(|| after(Role::Variable)).or_else(|| after(Role::Member)).copied()
    }

    /// The value of `name` in some object that is written out in the file; of several, one that is text.
    pub(crate) fn member(&self, name: &str) -> Option<Assigned> {
        let all = self.assigned.get(name)?;
        let members = || all.iter().take(LOOK_BACK_MAX).filter(|one| matches!(one.role, Role::Member | Role::Field));
        members().find(|one| one.is_text).or_else(|| members().next()).copied()
    }

    /// What is assigned to `name` anywhere.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = usize> {
        let all = self.assigned.get(name).map(Vec::as_slice).unwrap_or_default();
        all.iter().take(LOOK_BACK_MAX).filter_map(|one| one.value)
    }

    /// Every assignment of a name whose value is written in the file, with that name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'t str, Assigned)> {
        self.assigned.iter().flat_map(|(name, all)| all.iter().map(|one| (*name, *one)))
    }

    fn add(&mut self, name: &'t str, assigned: Assigned) {
        if !name.is_empty() {
            self.assigned.entry(name).or_default().push(assigned);
        }
    }
}

/// The assignments before a token, the last first.
fn earlier(all: &[Assigned], at: usize) -> impl Iterator<Item = &Assigned> {
    let before = all.partition_point(|assigned| assigned.at < at);
    all.get(..before).unwrap_or_default().iter().rev().take(LOOK_BACK_MAX)
}

struct Collector<'c, 't> {
    code: &'c Code<'t>,
    /// Of the words that begin something.
    keywords: Sieve,
    names: Names<'t>,
    /// The brackets around the token: what they are, and whether they hold parameters.
    open: Vec<(u8, bool)>,
    /// Opening brackets that are known to hold parameters.
    headers: Vec<usize>,
    /// Python: where the last `with` expression begins.
    with: Option<usize>,
    /// Python: the column of the function that the token stands in.
    function: Option<usize>,
}

impl<'t> Collector<'_, 't> {
    fn add(&mut self, name: &'t str, at: usize, value: Option<usize>, role: Role) {
        let is_text = value.is_some_and(|value| self.code.is_text(value));
        let is_local = role == Role::Variable && self.is_local(at);
        self.names.add(name, Assigned { at, value, role, is_local, is_text });
    }

    /// Whether what is assigned at `at` can be told to be a function's own.
    fn is_local(&mut self, at: usize) -> bool {
        let name = self.assigned_name(at).unwrap_or(at);
        match self.code.language {
            Language::JavaScript => matches!(self.code.word(name.wrapping_sub(1)), Some("const" | "let" | "var")),
            Language::Php => self.code.word(name.wrapping_sub(1)).is_none(),
            Language::Python => {
                let column = self.code.column(name);
                if self.function.is_some_and(|function| column <= function) {
                    self.function = None;
                }
                self.function.is_some()
            }
            _ => false,
        }
    }

    fn token(&mut self, at: usize) {
        match self.code.kind(at) {
            Some(Kind::Open(bracket)) => {
                let is_header = bracket == b'(' && (self.headers.contains(&at) || self.begins_parameters(at));
                self.headers.retain(|header| *header > at);
                if is_header {
                    self.parameters(at);
                }
                self.open.push((bracket, is_header));
            }
            Some(Kind::Close(_)) => {
                self.open.pop();
            }
            Some(Kind::Word) if self.keywords.may_hold(self.code.mark(at)) => self.keyword(at),
            Some(Kind::Word) => self.word(at),
            Some(Kind::Text(_)) => self.member(at),
            Some(Kind::Assign) => self.assignment(at),
            _ => {}
        }
    }

    fn keyword(&mut self, at: usize) {
        match self.code.source(at) {
            "def" | "function" | "func" | "fn" | "fun" => {
                // `async` stands before it, at the function's own column.
                let first = at.saturating_sub(usize::from(self.code.word(at.wrapping_sub(1)) == Some("async")));
                self.function = Some(self.code.column(first)).filter(|_| self.code.language == Language::Python);
                self.header(at);
            }
            "with" if self.code.language == Language::Python => self.with = Some(at + 1),
            "as" if self.code.language == Language::Python => {
                if let (Some(start), Some(name)) = (self.with.take(), self.code.word(at + 1)) {
                    self.add(name, at, Some(start), Role::Variable);
                    self.with = self.code.is(at + 2, Kind::Comma).then_some(at + 3);
                }
            }
            _ => self.word(at),
        }
    }

    fn word(&mut self, at: usize) {
        if self.code.is(at + 1, Kind::Arrow) && self.code.language == Language::JavaScript {
            self.add(self.code.source(at), at, None, Role::Parameter);
        } else {
            self.member(at);
        }
    }

    /// The brackets behind `def name` hold parameters; in Go those behind the receiver too.
    fn header(&mut self, at: usize) {
        let mut next = at + 1;
        for _ in 0..TYPE_TOKENS_MAX {
            if self.code.is(next, Kind::Open(b'(')) {
                self.headers.push(next);
                let behind = self.code.partner(next) + 1;
                if self.code.language != Language::Go || self.code.word(behind).is_none() {
                    return;
                }
                next = behind;
            }
            next += 1;
        }
    }

    /// `(a, b) =>` and `Type name(Type a) {`.
    fn begins_parameters(&self, at: usize) -> bool {
        let behind = self.code.partner(at) + 1;
        if behind <= at + 1 {
            return false;
        }
        let is_c_like = matches!(self.code.language, Language::JavaScript | Language::Java | Language::CSharp);
        let name = self.code.word(at.saturating_sub(1)).filter(|_| at > 0);
        let is_control = matches!(
            name,
            Some("if" | "for" | "while" | "switch" | "catch" | "using" | "foreach" | "lock" | "synchronized" | "try")
        );
        self.code.is(behind, Kind::Arrow)
            || is_c_like && name.is_some() && !is_control && self.code.is(behind, Kind::Open(b'{'))
            || self.code.language == Language::Java && self.code.word(behind) == Some("throws")
    }

    fn parameters(&mut self, open: usize) {
        for argument in self.code.split(open + 1, self.code.partner(open)) {
            let mut words = (argument.start..argument.end).filter_map(|at| self.code.word(at).map(|word| (at, word)));
            let name = match self.code.language {
                // `name: Type` was taken for a named argument; Swift puts a label before the name.
                _ if argument.name.is_some() => argument.name,
                Language::Java | Language::CSharp | Language::Php => words.next_back().map(|(_, word)| word),
                Language::Swift => words
                    .take_while(|(at, _)| !self.code.is(at.saturating_sub(1), Kind::Colon))
                    .last()
                    .map(|(_, word)| word),
                Language::JavaScript if self.code.is(argument.start, Kind::Open(b'{')) => {
                    words.for_each(|(at, word)| self.add(word, at, None, Role::Parameter));
                    None
                }
                _ => words
                    .map(|(_, word)| word)
                    .find(|word| !matches!(*word, "mut" | "val" | "var" | "private" | "public" | "readonly")),
            };
            // One with a default is found as an assignment.
            let has_default = (argument.start.saturating_sub(1)..argument.end).any(|at| self.code.is(at, Kind::Assign));
            if let Some(name) = name.filter(|_| !has_default) {
                self.add(name, argument.start, None, Role::Parameter);
            }
        }
    }

    /// `name: value` or `"name" => value` in brackets that make an object.
    fn member(&mut self, at: usize) {
        let is_pair = matches!(self.code.kind(at + 1), Some(Kind::Colon | Kind::Arrow));
        let Some((bracket, _)) = self.open.last().filter(|_| is_pair) else { return };
        let begins =
            matches!(self.code.kind(at.saturating_sub(1)), Some(Kind::Open(_) | Kind::Comma | Kind::Sign(b':')))
                || self.code.line(at.saturating_sub(1)) < self.code.line(at);
        if matches!(bracket, b'{' | b'[') && begins {
            self.add(self.code.source(at), at, Some(at + 2), Role::Member);
        }
    }

    fn assignment(&mut self, at: usize) {
        let in_round = self.open.last().is_some_and(|(bracket, header)| *bracket == b'(' && !header);
        if in_round && matches!(self.code.language, Language::Python | Language::Kotlin | Language::Scala) {
            return;
        }
        let Some(name) = self.assigned_name(at) else { return };
        let through = self.code.is(name.wrapping_sub(1), Kind::Dot);
        let role = if through { Role::Field } else { Role::Variable };
        self.add(self.code.source(name), at, Some(at + 1), role);
    }

    /// The name before the `=` at `at`, over a type that stands between.
    fn assigned_name(&self, at: usize) -> Option<usize> {
        let line = self.code.line(at);
        let typed = (at.saturating_sub(TYPE_TOKENS_MAX)..at)
            .rev()
            .take_while(|back| self.code.line(*back) == line)
            .find(|back| self.code.is(*back, Kind::Colon) && self.code.word(back.wrapping_sub(1)).is_some());
        if let Some(colon) = typed {
            let within = (colon + 1..at).all(|index| {
                !matches!(self.code.kind(index), Some(Kind::Comma | Kind::Open(b'(' | b'{') | Kind::Text(_)))
            });
            if within {
                return Some(colon - 1);
            }
        }
        let before = at.checked_sub(1)?;
        self.code.word(before)?;
        // Go's `const name string = …` and `var name, err = …`, `name, err := …`.
        if self.code.language == Language::Go {
            let first = before.wrapping_sub(1);
            let is_pair = self.code.is(first, Kind::Comma) && self.code.word(first.wrapping_sub(1)).is_some();
            let is_typed = self.code.word(first).is_some_and(|word| !matches!(word, "const" | "var"))
                && self.code.line(first) == line;
            return match (is_pair, is_typed) {
                (true, _) => Some(first - 1),
                (_, true) => Some(first),
                _ => Some(before),
            };
        }
        Some(before)
    }
}
