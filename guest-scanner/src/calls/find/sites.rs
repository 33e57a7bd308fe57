//! Where something is called that is known.

use super::{Finder, Site};
use crate::calls::chain::Chain;
use crate::calls::language::Language;
use crate::calls::token::Kind;
use crate::calls::words;

impl<'t> Finder<'_, 't> {
    /// The call at a word that may be a client's.
    pub(super) fn site(&self, at: usize) -> Option<Site<'t>> {
        let name = self.code.word(at)?;
        if self.is_definition(at) {
            return None;
        }
        let open = words::call_bracket(self.code, at + 1).or_else(|| self.bare_call(at)).or_else(|| self.passed(at))?;
        if self.is_signature(at, open) {
            return None;
        }
        // PHP's `curl_setopt($handle, CURLOPT_URL, $url)`, and none of its other options.
        if name == "curl_setopt" && self.code.word(self.code.arguments(open).get(1)?.start) != Some("CURLOPT_URL") {
            return None;
        }
        let chain = Chain::of(self.code, self.bindings, at, open);
        let matched = self.clients.of_call(&self.folder, self.bindings, &chain)?;
        Some(Site { chain, open, matched })
    }

    /// Ruby's calls without brackets: their arguments begin behind the name.
    fn bare_call(&self, at: usize) -> Option<usize> {
        let is_ruby = self.code.language == Language::Ruby && self.code.is(at.wrapping_sub(1), Kind::Dot);
        let begins = matches!(self.code.kind(at + 1), Some(Kind::Text(_) | Kind::Word))
            && self.code.line(at + 1) == self.code.line(at);
        let is_end = matches!(self.code.word(at + 1), Some("if" | "unless" | "do" | "and" | "or" | "end" | "rescue"));
        (is_ruby && begins && !is_end).then_some(at)
    }

    /// Python's `run(None, requests.get, url)` and `partial(client.get, url)`: what is called later, before its
    /// arguments. The comma stands for the bracket.
    fn passed(&self, at: usize) -> Option<usize> {
        let is_member = self.code.language == Language::Python && self.code.is(at.wrapping_sub(1), Kind::Dot);
        (is_member && self.code.is(at + 1, Kind::Comma)).then_some(at + 1)
    }

    fn is_definition(&self, at: usize) -> bool {
        let before = self.code.word(at.wrapping_sub(1));
        // Go's methods have their receiver between.
        matches!(before, Some("def" | "function" | "func" | "fn" | "fun" | "class" | "interface" | "struct" | "enum"))
            || self.code.language == Language::Go
                && self.code.is(at.wrapping_sub(1), Kind::Close(b')'))
                && self.code.word(self.code.partner(at.wrapping_sub(1)).wrapping_sub(1)) == Some("func")
    }

    /// `get(url) {` and `get(url): Promise<T> {` in a class.
    fn is_signature(&self, at: usize, open: usize) -> bool {
        let is_c_like = matches!(self.code.language, Language::JavaScript | Language::Java | Language::CSharp);
        let behind = self.code.partner(open) + 1;
        is_c_like
            && !self.code.is(at.wrapping_sub(1), Kind::Dot)
            && self.code.word(at.wrapping_sub(1)) != Some("new")
            && self.code.word(at.wrapping_sub(1)) != Some("await")
            && (self.code.is(behind, Kind::Open(b'{'))
                || self.code.is(behind, Kind::Colon) && self.code.word(behind + 1) == Some("Promise"))
    }
}
