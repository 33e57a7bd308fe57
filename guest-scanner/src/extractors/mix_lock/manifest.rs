//! What a `mix.exs` asks for, where it says so in literals: the manifest is a program, which is not run.

use std::collections::HashMap;

use fumehood_contract::Scope;

use super::terms::{Syntax, Term, option, read};
use crate::source::Source;

/// The dependencies by their names; `None` if there is no manifest, or it says them otherwise.
pub(super) fn asked(source: &Source<'_>) -> Option<HashMap<String, Scope>> {
    let text = source.sibling("mix.exs")?.ok()?;
    let (terms, broken) = read(&text, Syntax::Elixir);
    if broken.is_some() {
        return None;
    }
    let list = list(&terms).filter(|list| list.is_whole)?.items;
    let asked: HashMap<String, Scope> = list.iter().filter_map(dependency).collect();
    // An umbrella's applications ask for more than it does.
    let is_umbrella = terms.iter().flat_map(Term::items).any(|term| *term == Term::Key("apps_path"));
    (!asked.is_empty() && !is_umbrella).then_some(asked)
}

/// The dependencies as they are written.
pub(in crate::extractors) struct List<'t, 'a> {
    pub(in crate::extractors) items: &'t [Term<'a>],
    /// Whether nothing is added to the list when it is made.
    pub(in crate::extractors) is_whole: bool,
}

/// The list of dependencies in a manifest.
pub(in crate::extractors) fn list<'t, 'a>(terms: &'t [Term<'a>]) -> Option<List<'t, 'a>> {
    function(terms).or_else(|| inline(terms))
}

/// `defp deps do [ … ] end` or `defp deps, do: [ … ]`, with or without `()`.
fn function<'t, 'a>(terms: &'t [Term<'a>]) -> Option<List<'t, 'a>> {
    let is_head = |pair: &[Term<'_>]| matches!(pair, [Term::Word("def" | "defp"), Term::Word("deps")]);
    let mut heads = terms.windows(2).enumerate().filter(|(_, pair)| is_head(pair)).map(|(at, _)| at);
    let body = terms.get(heads.next()? + 2..)?;
    let is_single = heads.next().is_none();
    let body = if let [Term::Group('(', _), body @ ..] = body { body } else { body };
    match body {
        [Term::Word("do"), Term::Group('[', items), after @ ..] => {
            Some(List { items, is_whole: is_single && after.first() == Some(&Term::Word("end")) })
        }
        [Term::Key("do"), Term::Group('[', items), after @ ..] => {
            Some(List { items, is_whole: is_single && after.first() != Some(&Term::Word("++")) })
        }
        _ => None,
    }
}

/// `deps: [ … ]` among the project's options.
fn inline<'t, 'a>(terms: &'t [Term<'a>]) -> Option<List<'t, 'a>> {
    let options = terms.iter().find_map(|term| option(term.items(), "deps"))?;
    match options {
        Term::Group('[', items) => Some(List { items, is_whole: true }),
        Term::Group(..) | Term::Text(_) | Term::Atom(_) | Term::Key(_) | Term::Word(_) => None,
    }
}

/// `{:name, "~> 1.0", only: :test}`, where the options may have brackets of their own.
fn dependency(term: &Term<'_>) -> Option<(String, Scope)> {
    let Some(Term::Atom(name)) = term.items().first() else { return None };
    Some(((*name).to_owned(), scope(options(term))))
}

/// The options of a dependency.
pub(in crate::extractors) fn options<'t, 'a>(dependency: &'t Term<'a>) -> &'t [Term<'a>] {
    let items = dependency.items();
    let is_bare = items.iter().any(|item| matches!(item, Term::Key(_)));
    if is_bare { items } else { items.last().map(Term::items).unwrap_or_default() }
}

/// What the options of a dependency say that it is for.
pub(in crate::extractors) fn scope(options: &[Term<'_>]) -> Scope {
    let only = option(options, "only")
        .map(|only| if only.items().is_empty() { std::slice::from_ref(only) } else { only.items() });
    match only {
        Some(only) if only.contains(&Term::Atom("prod")) => Scope::Runtime,
        Some([Term::Atom("test")]) => Scope::Test,
        Some(_) => Scope::Dev,
        None if option(options, "optional") == Some(&Term::Word("true")) => Scope::Optional,
        None if option(options, "runtime") == Some(&Term::Word("false")) => Scope::Build,
        None => Scope::Runtime,
    }
}
