//! `cpanfile`: which modules are asked for, and when. It is a Perl program; what is read is what it says
//! in so many words. Format: `cpanfile.pod` in the source of Module::CPANfile.

use fumehood_contract::Scope;

use crate::tokens::{Syntax, Token, Tokens};

const PERL: Syntax = Syntax { line_comments: &["#"], block_comments: &[], quotes: &["'", "\""], in_words: "" };

/// A module that is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::extractors) struct Want {
    pub(in crate::extractors) module: String,
    /// As it is written; `None` also where any version will do.
    pub(in crate::extractors) requirement: Option<String>,
    pub(in crate::extractors) scope: Scope,
    /// Where it stands in the text.
    pub(in crate::extractors) offset: usize,
}

/// The modules that a text asks for.
pub(in crate::extractors) fn read(tokens: &Tokens<'_>) -> Vec<Want> {
    let mut wants = Vec::new();
    // The block of `on 'test' => sub { … }` and what it is for.
    let mut block = (Scope::Runtime, 0);
    for (at, (token, offset)) in tokens.list.iter().enumerate() {
        let Some(word) = token.word() else { continue };
        // The brackets of a call may be left out.
        let at = if tokens.get(at + 1).is_some_and(|token| token.is('(')) { at + 1 } else { at };
        let argument = tokens.get(at + 1).and_then(Token::name);
        match (word, argument) {
            // They do not stand in each other.
            ("on", Some(phase)) if at >= block.1 => block = (phase_scope(phase), end_of_block(tokens, at)),
            ("feature", Some(_)) if at >= block.1 => block = (Scope::Optional, end_of_block(tokens, at)),
            (word, Some(module)) => {
                let own = match word {
                    "requires" => Some(Scope::Runtime),
                    "recommends" | "suggests" => Some(Scope::Optional),
                    "test_requires" => Some(Scope::Test),
                    "build_requires" | "configure_requires" => Some(Scope::Build),
                    "author_requires" => Some(Scope::Dev),
                    _ => None,
                };
                let Some(own) = own else { continue };
                let scope = if at < block.1 { block.0 } else { own };
                let requirement = requirement(tokens, at + 2);
                wants.push(Want { module: module.to_owned(), requirement, scope, offset: *offset });
            }
            (_, None) => {}
        }
    }
    wants
}

/// The tokens of a text.
pub(in crate::extractors) fn tokens(text: &str) -> Tokens<'_> {
    Tokens::read(text, &PERL)
}

/// Behind `,` or `=>`: a string, or a number.
fn requirement(tokens: &Tokens<'_>, at: usize) -> Option<String> {
    let is = |at: usize, sign: char| tokens.get(at).is_some_and(|token| token.is(sign));
    let value = if is(at, '=') && is(at + 1, '>') {
        at + 2
    } else if is(at, ',') {
        at + 1
    } else {
        return None;
    };
    let text = match tokens.get(value)? {
        Token::Text(text) => text.trim().to_owned(),
        // `1.05` is three tokens.
        Token::Word(whole) if whole.starts_with(|first: char| first.is_ascii_digit() || first == 'v') => {
            let part = tokens.get(value + 2).and_then(Token::word).filter(|_| is(value + 1, '.'));
            part.map_or_else(|| (*whole).to_owned(), |part| format!("{whole}.{part}"))
        }
        Token::Word(_) | Token::Sign(_) => return None,
    };
    Some(text).filter(|text| !text.is_empty() && text != "0")
}

fn phase_scope(phase: &str) -> Scope {
    match phase {
        "test" => Scope::Test,
        "build" | "configure" => Scope::Build,
        "develop" => Scope::Dev,
        _ => Scope::Runtime,
    }
}

/// The block opens within a few words, or there is none.
fn end_of_block(tokens: &Tokens<'_>, at: usize) -> usize {
    const WORDS_BEFORE_BLOCK_MAX: usize = 12;
    let opens = (at..at + WORDS_BEFORE_BLOCK_MAX).find(|at| tokens.get(*at).is_some_and(|token| token.is('{')));
    opens.map_or(at, |at| tokens.closing(at))
}

#[cfg(test)]
mod tests {
    use super::{Scope, read, tokens};

    #[test]
    fn blocks_give_scopes() {
        let text =
            "requires 'A', '1'; # requires 'no'\non test => sub { requires(\"B\" => 1.05); };\nrecommends 'C', 0;";
        let tokens = tokens(text);
        let found: Vec<_> = read(&tokens).into_iter().map(|want| (want.module, want.requirement, want.scope)).collect();
        let expected =
            [("A", Some("1"), Scope::Runtime), ("B", Some("1.05"), Scope::Test), ("C", None, Scope::Optional)];
        let owned = expected.map(|(name, wanted, scope)| (name.to_owned(), wanted.map(str::to_owned), scope));
        assert_eq!(found, owned);
    }
}
