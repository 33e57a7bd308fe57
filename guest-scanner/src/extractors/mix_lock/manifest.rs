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
    let list = function(&terms).or_else(|| inline(&terms))?;
    let asked: HashMap<String, Scope> = list.iter().filter_map(dependency).collect();
    // An umbrella's applications ask for more than it does.
    let is_umbrella = terms.iter().flat_map(Term::items).any(|term| *term == Term::Key("apps_path"));
    (!asked.is_empty() && !is_umbrella).then_some(asked)
}

/// `defp deps do [ … ] end`, with or without `()`.
fn function<'t, 'a>(terms: &'t [Term<'a>]) -> Option<&'t [Term<'a>]> {
    let is_head = |pair: &[Term<'_>]| matches!(pair, [Term::Word("def" | "defp"), Term::Word("deps")]);
    let at = terms.windows(2).position(is_head)?;
    let body = terms.get(at + 2..)?;
    match body {
        [Term::Group('(', _), Term::Word("do"), Term::Group('[', list), Term::Word("end"), ..]
        | [Term::Word("do"), Term::Group('[', list), Term::Word("end"), ..] => Some(list),
        _ => None,
    }
}

/// `deps: [ … ]` among the project's options.
fn inline<'t, 'a>(terms: &'t [Term<'a>]) -> Option<&'t [Term<'a>]> {
    let options = terms.iter().find_map(|term| option(term.items(), "deps"))?;
    match options {
        Term::Group('[', list) => Some(list),
        Term::Group(..) | Term::Text(_) | Term::Atom(_) | Term::Key(_) | Term::Word(_) => None,
    }
}

/// `{:name, "~> 1.0", only: :test}`, where the options may have brackets of their own.
fn dependency(term: &Term<'_>) -> Option<(String, Scope)> {
    let items = term.items();
    let Some(Term::Atom(name)) = items.first() else { return None };
    let is_bare = items.iter().any(|item| matches!(item, Term::Key(_)));
    let options = if is_bare { items } else { items.last().map(Term::items).unwrap_or_default() };
    Some(((*name).to_owned(), scope(options)))
}

fn scope(options: &[Term<'_>]) -> Scope {
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
