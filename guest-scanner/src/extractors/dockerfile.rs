//! `Dockerfile` and `Containerfile`: the images that one builds upon.
//!
//! Format: <https://docs.docker.com/reference/dockerfile/>. Stages that were built before and `scratch`
//! are no images. `ARG`s before the first `FROM` have their defaults there, which are taken, as a build
//! without arguments would. What the last stage stands on is shipped; the images of other stages, of
//! `COPY --from` and of `RUN --mount` serve to build.

mod instructions;

use std::collections::HashMap;

use fumehood_contract::limits::FIELD_BYTES_MAX;
use fumehood_contract::status::cut;
use fumehood_contract::{ProblemKind, Scope};

use self::instructions::{Instruction, words};
use crate::expand::{Escape, expand};
use crate::extractor::{Extractor, Pattern};
use crate::listing::Listing;
use crate::records::{PackageId, Records};
use crate::source::Source;

/// The extractor of `Dockerfile`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "dockerfile",
    ecosystem: "Infrastructure",
    files: &[
        Pattern::Name("Dockerfile"),
        Pattern::Name("dockerfile"),
        Pattern::Name("Containerfile"),
        Pattern::Affixes("Dockerfile.", ""),
        Pattern::Affixes("Containerfile.", ""),
        Pattern::Affixes("", ".Dockerfile"),
        Pattern::Affixes("", ".dockerfile"),
        Pattern::Affixes("", ".Containerfile"),
    ],
    companions: &[],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    // `Dockerfile.dockerignore` says what is not sent to the build of `Dockerfile`.
    if source.path().ends_with(".dockerignore") {
        return;
    }
    let found = instructions::read(source.text());
    let mut build = Build::new(found.escape, records);
    build.read(&found.list);
    build.ship_the_last_stage();
    if let Some((word, line)) = found.endless {
        let message = format!("the lines up to {word} never end; they are read as instructions");
        records.problem(ProblemKind::BadEntry, Some(line), &message);
    }
}

struct Build<'r> {
    escape: Escape,
    /// Before the first `FROM`, or, where that has none of the name, in a stage: strictly those do not
    /// count, but a file that needs them means them.
    arguments: HashMap<String, String>,
    /// What each stage stands on.
    stages: Vec<Base>,
    by_name: HashMap<String, usize>,
    listing: Listing,
    records: &'r mut Records,
}

#[derive(Clone, Copy)]
enum Base {
    Image(PackageId),
    Stage(usize),
    /// Nothing, or something that cannot be known.
    Nothing,
}

impl<'r> Build<'r> {
    fn new(escape: char, records: &'r mut Records) -> Self {
        Self {
            escape: Escape::Letter(escape),
            arguments: HashMap::new(),
            stages: Vec::new(),
            by_name: HashMap::new(),
            listing: Listing::new(Scope::Build),
            records,
        }
    }

    fn read(&mut self, instructions: &[Instruction]) {
        if let Some(first) = instructions.first()
            && !matches!(first.keyword.as_str(), "FROM" | "ARG")
        {
            let message = format!("begins with {} instead of FROM or ARG", cut(&first.keyword, 40));
            self.records.problem(ProblemKind::Unparsable, Some(first.line), &message);
        }
        for instruction in instructions {
            match instruction.keyword.as_str() {
                "ARG" => self.argument(&instruction.rest),
                "FROM" => self.stage(instruction),
                _ if self.stages.is_empty() => {}
                "COPY" | "ADD" | "RUN" => self.flags(&instruction.keyword, &instruction.rest, instruction.line),
                "ONBUILD" => {
                    let (keyword, rest) = instruction.rest.split_once(char::is_whitespace).unwrap_or_default();
                    self.flags(&keyword.to_ascii_uppercase(), rest, instruction.line);
                }
                _ => {}
            }
        }
    }

    fn argument(&mut self, rest: &str) {
        for word in words(rest) {
            let Some((name, value)) = word.split_once('=') else { continue };
            let is_known = self.arguments.contains_key(name);
            if let Some(value) = self.expanded(unquoted(value))
                && (self.stages.is_empty() || !is_known)
            {
                self.arguments.insert(name.to_owned(), value);
            }
        }
    }

    fn expanded(&self, text: &str) -> Option<String> {
        expand(text, self.escape, |name| self.arguments.get(name).map(String::as_str))
    }

    /// `FROM --platform=… image AS name`.
    fn stage(&mut self, instruction: &Instruction) {
        let mut words = words(&instruction.rest).skip_while(|word| word.starts_with("--"));
        let base = match words.next() {
            Some(word) => self.base(unquoted(word), instruction.line),
            None => {
                self.records.problem(ProblemKind::BadEntry, Some(instruction.line), "FROM names no image");
                Base::Nothing
            }
        };
        if words.next().is_some_and(|word| word.eq_ignore_ascii_case("as"))
            && let Some(name) = words.next()
        {
            self.by_name.insert(name.to_ascii_lowercase(), self.stages.len());
        }
        self.stages.push(base);
    }

    fn base(&mut self, word: &str, line: u32) -> Base {
        let expanded = self.expanded(word);
        let image = expanded.as_deref().unwrap_or(word);
        if image.eq_ignore_ascii_case("scratch") {
            return Base::Nothing;
        }
        if let Some(stage) = self.by_name.get(&image.to_ascii_lowercase()) {
            return Base::Stage(*stage);
        }
        // Where the name is known and the version is not, this much is.
        let partial = if expanded.is_none() { self.partly_expanded(word) } else { None };
        let image = partial.as_deref().unwrap_or(image);
        self.listing.image(image, line, self.records).map_or(Base::Nothing, Base::Image)
    }

    /// The name expanded, and the tag as it stands.
    fn partly_expanded(&self, word: &str) -> Option<String> {
        if word.len() > FIELD_BYTES_MAX {
            return None;
        }
        let at = word.match_indices([':', '@']).map(|(at, _)| at).find(|at| {
            word.get(..*at).is_some_and(|name| {
                self.expanded(name).is_some() && !word.get(*at..).is_some_and(|tag| tag.contains('/'))
            })
        })?;
        Some(format!("{}{}", self.expanded(word.get(..at)?)?, word.get(at..)?))
    }

    /// `COPY --from=image`, `RUN --mount=type=bind,from=image`.
    fn flags(&mut self, keyword: &str, rest: &str, line: u32) {
        for flag in words(rest).take_while(|word| word.starts_with("--")) {
            let from = match keyword {
                "COPY" => flag.strip_prefix("--from="),
                "RUN" => flag
                    .strip_prefix("--mount=")
                    .and_then(|mount| unquoted(mount).split(',').find_map(|option| option.strip_prefix("from="))),
                _ => None,
            };
            let Some(from) = from.map(unquoted).filter(|from| !from.is_empty()) else { continue };
            if from.parse::<usize>().is_ok_and(|stage| stage < self.stages.len()) {
                continue;
            }
            // Stages of a later build, or other contexts, cannot be told from images; they are rare.
            self.base(from, line);
        }
    }

    fn ship_the_last_stage(&mut self) {
        let mut at = self.stages.len().checked_sub(1);
        while let Some(base) = at.and_then(|at| self.stages.get(at)).copied() {
            // A stage stands only on those before it.
            at = match base {
                Base::Stage(before) if at.is_some_and(|at| before < at) => Some(before),
                Base::Stage(_) | Base::Nothing => None,
                Base::Image(id) => {
                    if let Some(package) = self.records.get_mut(id) {
                        package.scope = Scope::Runtime;
                    }
                    None
                }
            };
        }
    }
}

fn unquoted(word: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = word.strip_prefix(quote).and_then(|word| word.strip_suffix(quote)) {
            return inner;
        }
    }
    word
}
