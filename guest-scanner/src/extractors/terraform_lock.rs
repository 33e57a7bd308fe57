//! `.terraform.lock.hcl`: the providers that Terraform and OpenTofu have chosen.
//!
//! Format: <https://developer.hashicorp.com/terraform/language/files/dependency-lock>. `zh:` is the
//! SHA-256 of a provider's archive, `h1:` a hash over its unpacked files; both stand for many platforms.

use fumehood_contract::limits::CHECKSUMS_PER_PACKAGE_MAX;
use fumehood_contract::{Package, ProblemKind};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;
use crate::tokens::{Syntax, Token, Tokens};

/// The extractor of `.terraform.lock.hcl`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "terraform-lock",
    ecosystem: "Infrastructure",
    files: &[Pattern::Name(".terraform.lock.hcl")],
    companions: &[],
    extract,
};

const HCL: Syntax =
    Syntax { line_comments: &["#", "//"], block_comments: &[("/*", "*/")], quotes: &["\""], in_words: "-" };

fn extract(source: &Source<'_>, records: &mut Records) {
    let tokens = Tokens::read(source.text(), &HCL);
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let address = tokens.get(at + 1).and_then(Token::text);
        let opens = tokens.get(at + 2).is_some_and(|token| token.is('{'));
        match (token.word(), address) {
            (Some("provider"), Some(address)) if opens => {
                let end = tokens.closing(at + 2);
                let is_whole = end < tokens.list.len();
                add(address, &tokens, at + 3..end, is_whole, tokens.line(at, source), records);
                at = end;
            }
            (_, _) => at += 1,
        }
    }
    tokens.note(source, records);
    if tokens.list.is_empty()
        && source.text().lines().any(|line| !line.trim_start().starts_with('#') && !line.trim().is_empty())
    {
        records.problem(ProblemKind::Unparsable, Some(1), "there is no provider block");
    }
}

fn add(
    address: &str,
    tokens: &Tokens<'_>,
    body: std::ops::Range<usize>,
    is_whole: bool,
    line: Option<u32>,
    records: &mut Records,
) {
    let mut version = None;
    let mut constraints = None;
    let mut checksums = Vec::new();
    for position in body.clone() {
        let value = || tokens.get(position + 2).and_then(Token::text);
        match tokens.get(position).and_then(Token::word) {
            Some("version") => version = value(),
            Some("constraints") => constraints = value(),
            _ => {}
        }
        if let Some(hash) = tokens.get(position).and_then(Token::text).filter(|text| text.contains(':')) {
            checksums.push(checksum(hash));
        }
    }
    checksums.truncate(CHECKSUMS_PER_PACKAGE_MAX);
    if version.is_none() || !is_whole {
        let problem = if is_whole { "has no version" } else { "never ends" };
        records.problem(ProblemKind::BadEntry, line, &format!("the block of provider {address} {problem}"));
    }
    if version.is_some() {
        let package = purl::package(Ecosystem::Terraform, address, version);
        let requirement = constraints.map(str::to_owned);
        let source = address.split_once('/').filter(|(host, _)| host.contains('.')).map(|(host, _)| host.to_owned());
        records.package(Package { requirement, line, checksums, source, ..package });
    }
}

fn checksum(hash: &str) -> String {
    hash.strip_prefix("zh:").map_or_else(|| hash.to_owned(), |hex| format!("sha256:{hex}"))
}
