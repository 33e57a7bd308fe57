//! The chain of names that a call stands at the end of: `requests.Session().get`.

use super::bindings::Bindings;
use super::code::Code;
use super::token::Kind;
use super::words;

/// The segments of a chain that are looked at.
const SEGMENTS_MAX: usize = 12;

/// One name of a chain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'t> {
    pub(crate) name: &'t str,
    /// Where its arguments open, if it is called.
    pub(crate) open: Option<usize>,
}

/// A call, and what leads to it.
#[derive(Debug)]
pub(crate) struct Chain<'t> {
    /// From the root to the name that is called.
    pub(crate) segments: Vec<Segment<'t>>,
    /// The root's token.
    pub(crate) start: usize,
    /// The token of the name that is called.
    pub(crate) name_at: usize,
    /// Whether the root is an import.
    pub(crate) is_bound: bool,
    /// Whether it hung on the object that the code belongs to.
    pub(crate) is_own: bool,
    /// The whole name, with what imports stand for.
    pub(crate) full: String,
}

impl<'t> Chain<'t> {
    /// Of the call whose name is at `name_at`.
    pub(crate) fn of(code: &Code<'t>, bindings: &Bindings<'_>, name_at: usize, open: usize) -> Self {
        let mut segments = vec![Segment { name: code.source(name_at), open: Some(open) }];
        let mut start = name_at;
        while segments.len() < SEGMENTS_MAX && code.is(start.wrapping_sub(1), Kind::Dot) {
            let Some((segment, begin)) = before(code, start - 1) else { break };
            segments.push(segment);
            start = begin;
        }
        segments.reverse();
        let mut chain = Self { segments, start, name_at, is_bound: false, is_own: false, full: String::new() };
        chain.resolve(bindings);
        chain
    }

    fn resolve(&mut self, bindings: &Bindings<'_>) {
        let names: Vec<&str> = self.segments.iter().map(|segment| segment.name).collect();
        let own = words::without_self(&names);
        self.is_own = own.len() < names.len();
        let root = own.first().copied().unwrap_or_default();
        let path = bindings.path(root).filter(|_| !self.is_own);
        self.is_bound = path.is_some();
        let mut full = path.unwrap_or(root).to_owned();
        for name in own.iter().skip(1) {
            full.push('.');
            full.push_str(name);
        }
        self.full = full;
    }

    /// The name of its first `count` segments, with what imports stand for.
    pub(crate) fn prefix(&self, count: usize) -> &str {
        let dropped: usize = self.segments.iter().skip(count).map(|segment| segment.name.len() + 1).sum();
        self.full.get(..self.full.len().saturating_sub(dropped)).unwrap_or_default()
    }

    /// The names before the first one that is called, without what names the own object.
    pub(crate) fn plain_root(&self) -> Vec<&'t str> {
        let names: Vec<&str> =
            self.segments.iter().take_while(|segment| segment.open.is_none()).map(|segment| segment.name).collect();
        words::without_self(&names).to_vec()
    }

    /// Whether something is called between the root and the last name.
    pub(crate) fn has_calls_between(&self) -> bool {
        self.segments.iter().rev().skip(1).any(|segment| segment.open.is_some())
    }
}

/// The segment that ends before the dot at `dot`, and where it begins.
fn before<'t>(code: &Code<'t>, dot: usize) -> Option<(Segment<'t>, usize)> {
    let mut at = dot.checked_sub(1)?;
    // `a!.b`, `a?.b`, `f()?.b`
    while matches!(code.kind(at), Some(Kind::Sign(b'!' | b'?'))) {
        at = at.checked_sub(1)?;
    }
    let mut open = None;
    for _ in 0..3 {
        match code.kind(at)? {
            Kind::Word => return Some((Segment { name: code.source(at), open }, at)),
            Kind::Text(_) => return Some((Segment { name: "", open }, at)),
            Kind::Close(b')') => {
                let begin = code.partner(at);
                if begin >= at {
                    return None;
                }
                open = open.or(Some(begin));
                let name = begin.checked_sub(1)?;
                match code.kind(name)? {
                    Kind::Word => at = name,
                    // `get<T>()`, `await.get()`, `format!()`
                    Kind::Sign(b'>' | b'!') => at = name_before(code, name)?,
                    // `(new Client()).get` and `(a || b).get`
                    _ => return Some((inner(code, begin, at), begin)),
                }
            }
            Kind::Close(b']') => {
                let begin = code.partner(at);
                if begin >= at {
                    return None;
                }
                at = begin.checked_sub(1)?;
            }
            Kind::Close(b'}') => {
                // A struct literal or a trailing lambda.
                let begin = code.partner(at);
                if begin >= at {
                    return None;
                }
                at = begin.checked_sub(1)?;
            }
            _ => return None,
        }
    }
    None
}

/// What stands in round brackets that belong to no name: a constructor call, most of the time.
fn inner<'t>(code: &Code<'t>, begin: usize, end: usize) -> Segment<'t> {
    let mut at = begin + 1;
    while code.word(at).is_some_and(words::is_prefix) || matches!(code.kind(at), Some(Kind::Sign(b'&' | b'*'))) {
        at += 1;
    }
    let name = code.word(at).unwrap_or_default();
    let open = (at + 1 < end && code.is(at + 1, Kind::Open(b'('))).then_some(at + 1);
    Segment { name, open }
}

fn name_before(code: &Code<'_>, from: usize) -> Option<usize> {
    let mut depth = 0usize;
    for at in (from.saturating_sub(24)..=from).rev() {
        match code.kind(at)? {
            Kind::Sign(b'>') => depth += 1,
            Kind::Sign(b'<') => depth = depth.checked_sub(1)?,
            Kind::Word if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}
