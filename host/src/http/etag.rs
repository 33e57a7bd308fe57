//! `If-None-Match` (RFC 9110, 13.1.2).

use axum::http::{HeaderMap, header};

/// The entity tags that a client has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known(Vec<String>);

impl Known {
    /// Of a request; `None` if it has the header not, or none that can be read.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let lines = headers.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
        let tags: Vec<_> = lines.flat_map(|line| line.split(',')).map(|tag| plain(tag.trim()).to_owned()).collect();
        (!tags.is_empty()).then_some(Self(tags))
    }

    /// What a client would have that was sent this tag.
    pub(super) fn one(tag: &str) -> Self {
        Self(vec![plain(tag).to_owned()])
    }

    /// Whether this tag is among them: the weak comparison, because proxies that compress weaken tags.
    pub(super) fn has(&self, tag: &str) -> bool {
        self.0.iter().any(|known| known == "*" || known == plain(tag))
    }
}

/// A tag without the mark of a weak one. Ours hold no commas.
fn plain(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn known(value: &'static str) -> Option<Known> {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(value));
        Known::of(&headers)
    }

    #[test]
    fn tags_are_compared_weakly() {
        for value in ["\"a-1\"", "W/\"a-1\"", "\"x\", W/\"a-1\"", "*", "\"x\",\"a-1\""] {
            let known = known(value).unwrap();
            assert!(known.has("\"a-1\"") && known.has("W/\"a-1\""), "{value}");
        }
        for value in ["\"a\"", "a-1", "\"a-1", "W/"] {
            assert!(!known(value).unwrap().has("\"a-1\""), "{value}");
        }
        assert_eq!(Known::of(&HeaderMap::new()), None);
        assert!(Known::one("W/\"x\"").has("\"x\""));
    }
}
