//! With which method a call is made.

use super::{Finder, Site};
use crate::calls::code::{Argument, Code};
use crate::calls::evidence::{Evidence, method_name};
use crate::calls::fold::Folder;
use crate::calls::language::Language;
use crate::calls::library::Method;

impl<'t> Finder<'_, 't> {
    pub(super) fn method(
        &mut self,
        site: &Site<'t>,
        arguments: &[Argument<'t>],
        evidence: &Evidence,
    ) -> Option<String> {
        let folder = &mut self.folder;
        match site.matched.call.method {
            Method::None => None,
            Method::Is(method) => Some(method.to_owned()),
            Method::Argument(position) => {
                let named = arguments.iter().find(|argument| argument.name == Some("method"));
                let argument =
                    named.or_else(|| arguments.iter().filter(|argument| argument.name.is_none()).nth(position))?;
                method_name(folder, argument.start, argument.end)
            }
            Method::Option(default) => match evidence.method(folder) {
                Some(found) => found,
                None if is_sending_body(folder.code, site, arguments) => Some("POST".to_owned()),
                None => Some(default.to_owned()),
            },
            Method::Chain(default) => {
                let behind = evidence.chained.iter().find_map(|(name, open)| verb(folder, *name, *open));
                let before = || {
                    let called = site.chain.segments.iter().rev().skip(1).filter(|segment| segment.open.is_some());
                    called.filter_map(|segment| plain_verb(segment.name)).next()
                };
                match behind {
                    Some(found) => found,
                    None => {
                        Some(before().or_else(|| method_before(folder, site)).unwrap_or_else(|| default.to_owned()))
                    }
                }
            }
        }
    }
}

fn is_sending_body(code: &Code<'_>, site: &Site<'_>, arguments: &[Argument<'_>]) -> bool {
    let is_python = code.language == Language::Python && site.matched.library.name == "urllib";
    is_python
        && arguments.iter().enumerate().any(|(index, argument)| {
            let is_data = argument.name == Some("data") || argument.name.is_none() && index == 1;
            is_data && code.word(argument.start) != Some("None")
        })
}

fn plain_verb(name: &str) -> Option<String> {
    let upper = name.to_ascii_uppercase();
    matches!(upper.as_str(), "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS").then_some(upper)
}

/// The method that a chained call says. `Some(None)` if it says one that is not known.
fn verb(folder: &mut Folder<'_, '_>, name: usize, open: usize) -> Option<Option<String>> {
    let word = folder.code.source(name);
    if let Some(verb) = plain_verb(word) {
        return Some(Some(verb));
    }
    let is_setter = matches!(word, "method" | "setMethod" | "httpMethod" | "withMethod");
    let first = folder.code.arguments(open).first().copied().filter(|_| is_setter)?;
    Some(method_name(folder, first.start, first.end))
}

/// `.method(…)` that stands before in the same chain.
fn method_before(folder: &mut Folder<'_, '_>, site: &Site<'_>) -> Option<String> {
    let open = site
        .chain
        .segments
        .iter()
        .rev()
        .skip(1)
        .find(|segment| matches!(segment.name, "method" | "setMethod"))
        .and_then(|segment| segment.open)?;
    let first = folder.code.arguments(open).first().copied()?;
    method_name(folder, first.start, first.end)
}
