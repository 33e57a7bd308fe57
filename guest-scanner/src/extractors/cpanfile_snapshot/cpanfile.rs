//! `cpanfile`: which modules are asked for, and when. It is a Perl program; what is read is what it says
//! in so many words. Format: `cpanfile.pod` in the source of Module::CPANfile.

use fumehood_contract::Scope;

use crate::tokens::{Syntax, Token, Tokens};

const PERL: Syntax = Syntax { line_comments: &["#"], block_comments: &[], quotes: &["'", "\""], in_words: "" };

/// The modules that a text asks for.
pub(super) fn read(text: &str) -> Vec<(String, Scope)> {
    let tokens = Tokens::read(text, &PERL);
    let mut wants = Vec::new();
    // The block of `on 'test' => sub { … }` and what it is for.
    let mut block = (Scope::Runtime, 0);
    for at in 0..tokens.list.len() {
        let Some(word) = tokens.get(at).and_then(Token::word) else { continue };
        let argument = tokens.get(at + 1).and_then(Token::name);
        match (word, argument) {
            // They do not stand in each other.
            ("on", Some(phase)) if at >= block.1 => block = (phase_scope(phase), end_of_block(&tokens, at)),
            ("feature", Some(_)) if at >= block.1 => block = (Scope::Optional, end_of_block(&tokens, at)),
            (word, Some(module)) => {
                let own = match word {
                    "requires" => Some(Scope::Runtime),
                    "recommends" | "suggests" => Some(Scope::Optional),
                    "test_requires" => Some(Scope::Test),
                    "build_requires" | "configure_requires" => Some(Scope::Build),
                    "author_requires" => Some(Scope::Dev),
                    _ => None,
                };
                let in_block = (at < block.1).then_some(block.0);
                wants.extend(own.map(|own| (module.to_owned(), in_block.unwrap_or(own))));
            }
            (_, None) => {}
        }
    }
    wants
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
    use super::{Scope, read};

    #[test]
    fn blocks_give_scopes() {
        let text = "requires 'A', '1'; # requires 'no'\non test => sub { requires \"B\"; };\nrecommends 'C';";
        let found = read(text);
        let expected = [("A", Scope::Runtime), ("B", Scope::Test), ("C", Scope::Optional)];
        assert_eq!(found, expected.map(|(name, scope)| (name.to_owned(), scope)));
    }
}
