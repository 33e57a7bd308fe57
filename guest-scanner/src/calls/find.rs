//! The calls in a source file, from its tokens.

mod address;
mod base;
mod method;
mod plausible;
mod sites;

use std::collections::HashMap;

use fumehood_contract::ApiCall;
use fumehood_contract::calls::{Authentication, CallKind, Confidence};
use fumehood_contract::limits::CALLS_PER_FILE_MAX;

use super::bindings::Bindings;
use super::chain::Chain;
use super::clients::{Clients, Match};
use super::code::Code;
use super::endpoints;
use super::evidence::Evidence;
use super::fold::Folder;
use super::hints::Libraries;
use super::language::Language;
use super::library::Method;
use super::names::Names;
use super::url;
use super::value::Value;
use plausible::{looks_like_url, says_path};

/// The calls of a file, and the addresses that it keeps for calls elsewhere.
pub(crate) fn calls(language: Language, text: &str, libraries: Libraries) -> Vec<ApiCall> {
    let code = Code::new(language, text);
    let bindings = Bindings::of(&code);
    let clients = Clients::of(&code, libraries, &bindings);
    let candidates = clients.candidates(&code, &bindings);
    let is_address = |at| code.is_text(at) && url::begins_absolute(code.source(at));
    if candidates.is_empty() && !(0..code.len()).any(is_address) {
        return Vec::new();
    }
    let names = Names::of(&code);
    let mut finder = Finder {
        folder: Folder::new(&code, &names),
        code: &code,
        bindings: &bindings,
        clients: &clients,
        bases: HashMap::new(),
        found: Vec::new(),
    };
    finder.all(candidates);
    let mut found = finder.found;
    endpoints::add(&mut Folder::new(&code, &names), &mut found);
    found
}

struct Finder<'c, 't> {
    folder: Folder<'c, 't>,
    code: &'c Code<'t>,
    bindings: &'c Bindings<'t>,
    clients: &'c Clients<'t>,
    /// What the base addresses of libraries came to.
    bases: HashMap<&'static str, Value>,
    found: Vec<ApiCall>,
}

/// A call that was recognised, before what is around it was looked at.
struct Site<'t> {
    chain: Chain<'t>,
    open: usize,
    matched: Match,
}

impl<'t> Finder<'_, 't> {
    fn all(&mut self, candidates: Vec<usize>) {
        let sites: Vec<Site<'t>> = candidates.into_iter().filter_map(|at| self.site(at)).collect();
        for (index, site) in sites.iter().enumerate() {
            if self.found.len() >= CALLS_PER_FILE_MAX {
                return;
            }
            let next = sites.get(index + 1).map_or(usize::MAX, |next| next.chain.start);
            if let Some(call) = self.call(site, next) {
                self.found.push(call);
            }
        }
    }

    fn call(&mut self, site: &Site<'t>, next: usize) -> Option<ApiCall> {
        let Match { library, call, is_guess, constructor } = site.matched;
        let arguments = self.arguments(site);
        let mut value = self.url(site, &arguments)?;
        let evidence = Evidence::of(&self.folder, site.chain.start, site.open, next);
        let method = self.method(site, &arguments, &evidence);
        let is_relative = !value.text.contains("://") && !value.text.starts_with('{');
        if is_relative
            && library.kind != CallKind::Grpc
            && let Some(mut base) = self.base(site, constructor)
        {
            base.join(&value);
            value = base;
        } else if says_path(&value.text)
            && let Some(mut base) = constructor.and_then(|open| self.base_argument(open, library.bases))
            && url::is_absolute(&base.text)
        {
            base.append(&value);
            value = base;
        }
        if !self.is_plausible(site, &value) || is_guess && !looks_like_url(&value) {
            return None;
        }
        let target = url::target(&value.text)?;
        if url::is_identifier(&target.url) && is_guess {
            return None;
        }
        let mut authentication = evidence.authentication(self.code);
        if target.has_credentials {
            authentication = Authentication::Basic;
        } else if target.has_key && authentication.is_none() {
            authentication = Authentication::ApiKey;
        }
        let kind = match url::kind(&target.url) {
            Some(kind) if library.kind == CallKind::Rest => kind,
            _ => library.kind,
        };
        let confidence = match (&target.host, value.is_literal, is_guess) {
            (Some(_), _, false) => Confidence::High,
            (Some(_), _, true) | (None, true, false) => Confidence::Medium,
            (None, _, _) => Confidence::Low,
        };
        let method =
            method.or_else(|| (call.method != Method::None && kind == CallKind::GraphQl).then(|| "POST".to_owned()));
        Some(ApiCall {
            method,
            host: target.host.or_else(|| {
                (library.kind == CallKind::Grpc).then(|| url::host(&format!("grpc://{}", target.url))).flatten()
            }),
            url: target.url,
            library: Some(library.name.to_owned()),
            kind,
            authentication,
            line: self.code.line(site.chain.name_at),
            confidence,
        })
    }
}
