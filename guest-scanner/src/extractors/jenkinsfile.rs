//! `Jenkinsfile`: the images and shared libraries of Jenkins pipelines.
//!
//! Format: <https://www.jenkins.io/doc/book/pipeline/syntax/>. It is a Groovy program: what is read is
//! what it says in so many words, `image 'name'` in an agent, `docker.image('name')`, the templates of
//! pods, `@Library('name@version')`. Libraries have no package type of their own.

use fumehood_contract::Scope;

use crate::extractor::{Extractor, Pattern};
use crate::extractors::kubernetes;
use crate::listing::Listing;
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;
use crate::tokens::{Syntax, Token, Tokens};
use crate::yaml::Yaml;

/// The extractor of `Jenkinsfile`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "jenkinsfile",
    ecosystem: "CI",
    files: &[
        Pattern::Name("Jenkinsfile"),
        Pattern::Affixes("Jenkinsfile.", ""),
        Pattern::Affixes("Jenkinsfile-", ""),
        Pattern::Affixes("", ".jenkinsfile"),
        Pattern::Affixes("", ".Jenkinsfile"),
    ],
    companions: &[],
    extract,
};

const GROOVY: Syntax = Syntax {
    line_comments: &["//", "#!"],
    block_comments: &[("/*", "*/")],
    quotes: &["'''", "\"\"\"", "'", "\""],
    in_words: "$",
};

/// The pods that a file may describe: their YAML is walked through, aliases and all.
const PODS_MAX: usize = 32;

fn extract(source: &Source<'_>, records: &mut Records) {
    let tokens = Tokens::read(source.text(), &GROOVY);
    let mut listing = Listing::new(Scope::Build);
    let mut pods = 0;
    for (position, (token, _)) in tokens.list.iter().enumerate() {
        let line = || tokens.line(position, source).unwrap_or(1);
        match token.word() {
            Some("image" | "docker") => {
                if let Some(image) = argument(&tokens, position) {
                    listing.image(image, line(), records);
                }
            }
            Some("Library" | "library") => read_libraries(&tokens, position, line(), &mut listing, records),
            Some("yaml") if pods < PODS_MAX => {
                if let Some(text) = argument(&tokens, position) {
                    pods += 1;
                    read_pods(text, line(), &mut listing, records);
                }
            }
            Some(_) | None => {}
        }
    }
    tokens.note(source, records);
}

/// YAML that begins on that line.
fn read_pods(text: &str, line: u32, listing: &mut Listing, records: &mut Records) {
    for document in Yaml::read(text).documents() {
        kubernetes::images(document, |node, image| {
            listing.image(image, line.saturating_add(node.line()).saturating_sub(1), records);
        });
    }
}

/// The string behind a word: `word 'x'`, `word('x')`, `word: 'x'`.
fn argument<'t>(tokens: &'t Tokens<'_>, position: usize) -> Option<&'t str> {
    match tokens.get(position + 1)? {
        Token::Text(text) => Some(text),
        Token::Sign('(' | ':') => tokens.get(position + 2)?.text(),
        Token::Sign(_) | Token::Word(_) => None,
    }
}

/// `@Library('a@1')`, `@Library(['a@1', 'b'])`, `library 'a@1'`, `library identifier: 'a@1', …`.
fn read_libraries(tokens: &Tokens<'_>, position: usize, line: u32, listing: &mut Listing, records: &mut Records) {
    let is_annotation =
        position.checked_sub(1).and_then(|before| tokens.get(before)).is_some_and(|token| token.is('@'));
    let skipped = tokens.list.iter().skip(position + 1).take_while(|(token, _)| match token {
        Token::Sign('(' | '[' | ':') => true,
        Token::Word(word) => *word == "identifier" || *word == "value",
        Token::Sign(_) | Token::Text(_) => false,
    });
    let mut at = position + 1 + skipped.count();
    while let Some(library) = tokens.get(at).and_then(Token::text) {
        let (name, version) = library.split_once('@').map_or((library, None), |(name, version)| (name, Some(version)));
        let exact = version.filter(|version| !version.contains('$'));
        if !name.contains('$') {
            let mut package = purl::package(Ecosystem::Generic, name, exact);
            package.requirement = version.filter(|_| exact.is_none()).map(str::to_owned);
            listing.add(package, line, records);
        }
        // Only the annotation has lists.
        if !is_annotation || !tokens.get(at + 1).is_some_and(|token| token.is(',')) {
            break;
        }
        at += 2;
    }
}
