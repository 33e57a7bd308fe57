//! Whether what was found can be a call, where little says so.

use super::{Finder, Site};
use crate::calls::token::Kind;
use crate::calls::url;
use crate::calls::value::Value;

impl<'t> Finder<'_, 't> {
    /// Whether a value can be what this library calls. Functions that open files too need more than a name.
    pub(super) fn is_plausible(&self, site: &Site<'t>, value: &Value) -> bool {
        let library = site.matched.library.name;
        let callee = site.matched.call.callee;
        let may_be_file = matches!(library, "php-streams" | "Foundation" | "scala.io")
            || callee == "get_headers"
            || library == "Flurl";
        if may_be_file {
            return url::is_absolute(&value.text)
                || value.text.contains("://")
                || !value.is_literal && library != "Flurl" && says_url(&value.text);
        }
        if library == "HttpURLConnection" {
            return true;
        }
        if matches!(library, "Refit" | "retrofit") {
            return matches!(
                self.code.kind(site.chain.start.wrapping_sub(1)),
                Some(Kind::Sign(b'@') | Kind::Open(b'['))
            );
        }
        if matches!(callee, "connect" | "Request")
            && site.chain.segments.len() == 1
            && !site.matched.library.name.starts_with("guzzle")
        {
            return url::is_absolute(&value.text);
        }
        true
    }
}

fn says_url(hole: &str) -> bool {
    let lower = hole.to_ascii_lowercase();
    ["url", "uri", "endpoint", "webhook", "href"].iter().any(|word| lower.contains(word))
        && !lower.contains("file")
        && !lower.contains("path")
}

/// Whether a value looks like what HTTP calls are made with, where nothing but a name says that it is one.
pub(super) fn looks_like_url(value: &Value) -> bool {
    if value.is_literal {
        return value.text.contains('/') && !value.text.contains(' ');
    }
    let lower = value.text.to_ascii_lowercase();
    ["url", "uri", "endpoint", "path", "href", "link", "api", "route", "address", "webhook", "target"]
        .iter()
        .any(|word| lower.contains(word))
}

/// Whether a value that is not known is called a path of something.
pub(super) fn says_path(hole: &str) -> bool {
    let is_single = hole.starts_with('{') && hole.find('}') == Some(hole.len().saturating_sub(1));
    let lower = hole.to_ascii_lowercase();
    is_single && ["path", "route", "resource"].iter().any(|word| lower.contains(word))
}
