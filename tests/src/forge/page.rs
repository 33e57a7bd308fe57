//! Lists in pages, as GitLab and GitHub both have them.

use super::http::{Response, Seen};
use super::misbehaviour::{Misbehaviour, Rules};
use serde_json::Value;

/// Both forges' most.
const PER_PAGE_MAX: usize = 100;

/// One page of a list.
pub(crate) struct Page {
    items: Vec<Value>,
    number: usize,
    pages: usize,
    per_page: usize,
    total: usize,
}

impl Page {
    /// The page that the request asks for. Where pages are endless, the same ones come again and again.
    pub(crate) fn of(all: Vec<Value>, seen: &Seen, per_page: usize, rules: &Rules) -> Self {
        let parameter = |name: &str| seen.parameter(name).and_then(|value| value.parse::<usize>().ok());
        let per_page = parameter("per_page").unwrap_or(per_page).clamp(1, PER_PAGE_MAX);
        let number = parameter("page").unwrap_or(1).max(1);
        let total = all.len();
        let there = total.div_ceil(per_page).max(1);
        let endless = rules.take(&seen.target, |what| *what == Misbehaviour::EndlessPages).is_some();
        let (shown, pages) = if endless { ((number - 1) % there, usize::MAX) } else { (number - 1, there) };
        let items = all.into_iter().skip(shown.saturating_mul(per_page)).take(per_page).collect();
        Self { items, number, pages, per_page, total }
    }

    /// The page as an answer with its `Link`. `path` is where the other pages are said to be.
    pub(crate) fn answer(self, origin: &str, path: &str, seen: &Seen, rules: &Rules) -> Response {
        let elsewhere = rules.take(&seen.target, |what| matches!(what, Misbehaviour::NextPageAt(_)));
        let next_origin = match &elsewhere {
            Some(Misbehaviour::NextPageAt(origin)) => origin,
            _ => origin,
        };
        let link = |origin: &str, page: usize, rel: &str| {
            format!("<{origin}{path}?{}>; rel=\"{rel}\"", query(seen, page, self.per_page))
        };
        let mut links = Vec::new();
        links.extend((self.number > 1).then(|| link(origin, self.number - 1, "prev")));
        links.extend(
            (self.number < self.pages || elsewhere.is_some()).then(|| link(next_origin, self.number + 1, "next")),
        );
        links.push(link(origin, 1, "first"));
        links.push(link(origin, self.pages, "last"));
        Response::json(200, &Value::Array(self.items)).header("Link", links.join(", "))
    }

    /// As [`Page::answer`], with the headers that only GitLab has.
    pub(crate) fn answer_with_counts(self, origin: &str, path: &str, seen: &Seen, rules: &Rules) -> Response {
        let next = if self.number < self.pages { (self.number + 1).to_string() } else { String::new() };
        let previous = if self.number > 1 { (self.number - 1).to_string() } else { String::new() };
        let Self { number, pages, per_page, total, .. } = self;
        let response = self.answer(origin, path, seen, rules);
        response
            .header("X-Next-Page", next)
            .header("X-Page", number)
            .header("X-Per-Page", per_page)
            .header("X-Prev-Page", previous)
            .header("X-Total", total)
            .header("X-Total-Pages", pages)
    }
}

/// The query of the request, for another page.
fn query(seen: &Seen, page: usize, per_page: usize) -> String {
    let given = seen.target.split_once('?').map_or("", |(_, query)| query);
    let kept = given.split('&').filter(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        !name.is_empty() && name != "page" && name != "per_page"
    });
    let own = [format!("page={page}"), format!("per_page={per_page}")];
    kept.map(str::to_owned).chain(own).collect::<Vec<_>>().join("&")
}

/// Without `%2F` and its like.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let escaped = digits.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| byte == b'%');
        bytes.push(escaped.unwrap_or(byte));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
