//! `conanfile.py`, a recipe of Conan: the requirements that it states as plain strings.
//!
//! Format: Conan's documentation of recipes. Read are the attributes `requires`, `build_requires`,
//! `tool_requires`, `test_requires` and `python_requires` (a string, a list or a tuple), and calls
//! such as `self.requires("zlib/1.3")`. Nothing is executed: what is put together while it runs is a
//! requirement if its name is plain, and otherwise not seen. Silent where a lockfile lies beside it.

use fumehood_contract::{ProblemKind, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::conanfile_txt::{self, LOCKFILE};
use crate::python::tokens::{Kind, Token, tokens};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `conanfile.py`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "conanfile-py",
    ecosystem: "C and C++",
    files: &[Pattern::Name("conanfile.py")],
    companions: &[LOCKFILE],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    if source.has_sibling(LOCKFILE) {
        return;
    }
    let (tokens, open) = tokens(source.text());
    if let Some(offset) = open {
        let message = "a string is not closed; what stands around it may be missing";
        records.problem(ProblemKind::Unparsable, Some(source.line_at(offset)), message);
    }
    let mut rest = tokens.as_slice();
    let mut before = None;
    while let [token, after @ ..] = rest {
        rest = after;
        if let Kind::Name(word) = token.kind
            && let Some(scope) = scope(word)
        {
            let is_method = before == Some(&Kind::Sign('.'));
            rest = match (is_method, after) {
                (true, [Token { kind: Kind::Sign('('), .. }, arguments @ ..]) => {
                    // The others say how: `force=True`, `options={…}`.
                    if let [Token { kind: Kind::Text { content, .. }, offset }, ..] = arguments {
                        report(content, *offset, scope, source, records);
                    }
                    arguments
                }
                (false, [Token { kind: Kind::Sign('='), .. }, value @ ..]) => attribute(value, scope, source, records),
                _ => after,
            };
        }
        before = Some(&token.kind);
    }
}

fn scope(word: &str) -> Option<Scope> {
    match word {
        "requires" => Some(Scope::Runtime),
        "build_requires" | "tool_requires" | "python_requires" => Some(Scope::Build),
        "test_requires" => Some(Scope::Test),
        _ => None,
    }
}

/// The strings of an attribute's value. In a tuple of tuples each inner one begins with the reference.
/// Gives what comes behind.
fn attribute<'t>(value: &'t [Token<'t>], scope: Scope, source: &Source<'_>, records: &mut Records) -> &'t [Token<'t>] {
    let mut depth = 0_usize;
    let mut rest = value;
    let mut is_expected = true;
    while let [token, after @ ..] = rest {
        match &token.kind {
            Kind::Sign('(' | '[') => {
                depth += 1;
                is_expected = true;
            }
            Kind::Sign(')' | ']') => {
                depth = depth.saturating_sub(1);
                is_expected = false;
            }
            Kind::Sign(',') => is_expected = depth < 2,
            Kind::Text { content, .. } => {
                if is_expected {
                    report(content, token.offset, scope, source, records);
                }
                is_expected = false;
            }
            Kind::End => return after,
            // Not a plain value.
            Kind::Name(_) | Kind::Sign(_) | Kind::Other => return rest,
        }
        rest = after;
    }
    rest
}

fn report(text: &str, offset: usize, scope: Scope, source: &Source<'_>, records: &mut Records) {
    // A string that is formatted later has its name elsewhere if it begins so.
    if text.contains('/') && !text.starts_with(['{', '%']) {
        conanfile_txt::report(text, scope, Some(source.line_at(offset)), records);
    }
}
