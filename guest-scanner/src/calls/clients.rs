//! Which library a file's names belong to: what is imported, constructed or declared.

use super::bindings::Bindings;
use super::chain::Chain;
use super::code::Code;
use super::fold::Folder;
use super::hints::Libraries;
use super::language::Language;
use super::languages::libraries;
use super::library::{At, Call, Library};
use super::sieve::Sieve;
use super::token::Kind;
use super::words;
use crate::names::NameMap;

/// The tokens of a constructor's value that are looked at for its name.
const CONSTRUCTOR_TOKENS_MAX: usize = 12;

/// The libraries that a file may use, and what its names have to do with them.
#[derive(Debug)]
pub(crate) struct Clients<'t> {
    libraries: Vec<&'static Library>,
    /// The last segment of each call, with the libraries that have it.
    functions: NameMap<&'static str, Vec<(usize, &'static Call)>>,
    methods: NameMap<&'static str, Vec<(usize, &'static Call)>>,
    /// What those are called, also by their imports.
    names: Sieve,
    /// Names that are declared with a type of a library.
    declared: NameMap<&'t str, usize>,
}

/// A call of a library.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Match {
    pub(crate) library: &'static Library,
    pub(crate) call: &'static Call,
    /// Whether only the name of the object hints at the library.
    pub(crate) is_guess: bool,
    /// Where the arguments of the object's constructor open.
    pub(crate) constructor: Option<usize>,
}

impl<'t> Clients<'t> {
    /// Those of the language's libraries that the text hints at.
    pub(crate) fn of(code: &Code<'t>, hinted: Libraries, bindings: &Bindings<'_>) -> Self {
        let all = libraries(code.language).iter().enumerate();
        let libraries: Vec<_> = all.filter(|(place, _)| hinted.has(*place)).map(|(_, library)| library).collect();
        let mut functions: NameMap<_, Vec<_>> = NameMap::default();
        let mut methods: NameMap<_, Vec<_>> = NameMap::default();
        for (index, library) in libraries.iter().enumerate() {
            for call in library.functions {
                functions.entry(last(call.callee)).or_default().push((index, call));
            }
            for call in library.methods {
                methods.entry(call.callee).or_default().push((index, call));
            }
        }
        let mut names = Sieve::of(functions.keys().chain(methods.keys()).copied());
        // Go's imports are no names for members.
        if code.language != Language::Go {
            let bound = bindings.all().filter(|(_, path)| functions.contains_key(last(path)));
            bound.for_each(|(name, _)| names.add(name));
        }
        let mut clients = Self { libraries, functions, methods, names, declared: NameMap::default() };
        clients.declarations(code, bindings);
        clients
    }

    /// Where a word stands that may be the name of a library's call.
    pub(crate) fn candidates(&self, code: &Code<'_>, bindings: &Bindings<'_>) -> Vec<usize> {
        let is_bound = |name: &str| bindings.path(name).is_some_and(|path| self.functions.contains_key(last(path)));
        let may_call = |name: &str| {
            self.functions.contains_key(name)
                || self.methods.contains_key(name)
                || code.language != Language::Go && is_bound(name)
        };
        code.words_in(&self.names).filter(|(_, word)| may_call(word)).map(|(at, _)| at).collect()
    }

    /// The library's call that the chain ends with.
    pub(crate) fn of_call(&self, folder: &Folder<'_, 't>, bindings: &Bindings<'_>, chain: &Chain<'t>) -> Option<Match> {
        self.function(folder.code.language, chain)
            .or_else(|| self.kept(folder, bindings, chain))
            .or_else(|| self.method(folder, bindings, chain))
    }

    fn function(&self, language: Language, chain: &Chain<'_>) -> Option<Match> {
        self.function_where(last(&chain.full), |library, call| fits(language, library, call.callee, chain))
    }

    fn function_where(&self, name: &str, fits: impl Fn(&Library, &Call) -> bool) -> Option<Match> {
        let candidates = self.functions.get(name)?;
        let (library, call) = candidates
            .iter()
            .filter_map(|(index, call)| Some((*self.libraries.get(*index)?, *call)))
            .find(|(library, call)| fits(library, call))?;
        Some(Match { library, call, is_guess: false, constructor: None })
    }

    /// A library's function that an object keeps: `this.fetch = options.fetch || nodeFetch`.
    fn kept(&self, folder: &Folder<'_, 't>, bindings: &Bindings<'_>, chain: &Chain<'t>) -> Option<Match> {
        if folder.code.language != Language::JavaScript || !chain.is_own || chain.segments.len() != 2 {
            return None;
        }
        let value = folder.names.field(&chain.full, chain.start)?.value?;
        let end = folder.code.expression_end(value, CONSTRUCTOR_TOKENS_MAX);
        let words = (value..end).filter(|at| !folder.code.is(at.wrapping_sub(1), Kind::Dot));
        let mut paths = words.filter_map(|at| bindings.path(folder.code.word(at)?));
        paths.find_map(|path| self.function_where(last(path), |_, call| call.callee == path))
    }

    fn method(&self, folder: &Folder<'_, 't>, bindings: &Bindings<'_>, chain: &Chain<'t>) -> Option<Match> {
        let name = chain.segments.last()?.name;
        let candidates = self.methods.get(name).filter(|_| chain.segments.len() > 1)?;
        let mut guess = None;
        for (index, call) in candidates {
            let library = *self.libraries.get(*index)?;
            let found = |is_guess, constructor| Some(Match { library, call, is_guess, constructor });
            if let Some(constructor) = constructed(library, chain) {
                return found(false, Some(constructor));
            }
            let root = chain.plain_root();
            let plain = root.last().copied().filter(|_| root.len() < chain.segments.len());
            if let Some(plain) = plain {
                match self.object(folder, bindings, plain, chain, *index) {
                    Object::Of(constructor) => return found(false, constructor),
                    Object::OfAnother => continue,
                    Object::Unknown => {}
                }
                if library.usual.contains(&plain) && !is_far(library, chain) {
                    guess = guess.or(found(true, None));
                }
            }
            if !library.usual.is_empty() && is_maker(chain) {
                guess = guess.or(found(true, None));
            }
            if call.url == At::Receiver && library.types.contains(&"*") {
                guess = guess.or(found(library.name == "Flurl", None));
            }
        }
        guess
    }

    /// What the name of an object says of its library.
    fn object(
        &self,
        folder: &Folder<'_, 't>,
        bindings: &Bindings<'_>,
        name: &str,
        chain: &Chain<'_>,
        index: usize,
    ) -> Object {
        let field = || folder.names.field(name, chain.start);
        let assigned = if chain.is_own { field() } else { folder.names.variable(name, chain.start).or_else(field) };
        if let Some(value) = assigned.and_then(|assigned| assigned.value) {
            let Some((path, open)) = constructor(folder.code, bindings, value) else {
                return self.declared_as(name, index);
            };
            if open.is_some_and(|open| self.is_answer(folder.code, open)) {
                return Object::OfAnother;
            }
            let library = self.libraries.get(index);
            if library.is_some_and(|library| library.types.iter().any(|wanted| ends_with(&path, wanted))) {
                return Object::Of(open);
            }
            if self.libraries.iter().any(|library| library.types.iter().any(|wanted| ends_with(&path, wanted))) {
                return Object::OfAnother;
            }
        }
        match self.declared_as(name, index) {
            Object::Unknown => self.assigned_elsewhere(folder, bindings, name, index),
            known => known,
        }
    }

    /// Whether a client's constructor that opens there is followed by a call: `Client::new().get(url).send()` is what
    /// the call gives.
    fn is_answer(&self, code: &Code<'_>, open: usize) -> bool {
        let mut at = code.partner(open) + 1;
        for _ in 0..8 {
            let Some(name) = code.word(at + 1).filter(|_| code.is(at, Kind::Dot)) else { return false };
            let Some(open) = words::call_bracket(code, at + 2) else { return false };
            if self.methods.contains_key(name) {
                return true;
            }
            at = code.partner(open).max(open) + 1;
        }
        false
    }

    /// Of what is assigned here and there, one is enough: `self.http = Session()` if retries are wanted, and else
    /// something that is used the same.
    fn assigned_elsewhere(&self, folder: &Folder<'_, 't>, bindings: &Bindings<'_>, name: &str, index: usize) -> Object {
        let Some(library) = self.libraries.get(index) else { return Object::Unknown };
        let constructors = folder.names.values(name).filter_map(|value| constructor(folder.code, bindings, value));
        let mut fitting = constructors.filter(|(path, open)| {
            open.is_some() && library.types.iter().any(|wanted| wanted.contains('.') && ends_with(path, wanted))
        });
        fitting.next().map_or(Object::Unknown, |(_, open)| Object::Of(open))
    }

    fn declared_as(&self, name: &str, index: usize) -> Object {
        match self.declared.get(name) {
            Some(declared) if *declared == index => Object::Of(None),
            Some(_) => Object::OfAnother,
            None => Object::Unknown,
        }
    }

    /// `HttpClient client`, `client: reqwest::Client`, `client *http.Client`.
    fn declarations(&mut self, code: &Code<'t>, bindings: &Bindings<'_>) {
        let mut types: NameMap<&str, Vec<(usize, &str)>> = NameMap::default();
        for (index, library) in self.libraries.iter().enumerate() {
            for name in library.types {
                types.entry(last(name)).or_default().push((index, name));
            }
        }
        let names = Sieve::of(types.keys().copied());
        for (at, word) in code.words_in(&names) {
            let Some(found) = types.get(word) else { continue };
            if code.is(at + 1, Kind::Open(b'(')) || code.is(at + 1, Kind::Dot) {
                continue;
            }
            let (path, start) = path_to(code, bindings, at);
            let Some((index, _)) =
                found.iter().find(|(_, wanted)| ends_with(&path, wanted) || is_type(&path) && ends_with(wanted, &path))
            else {
                continue;
            };
            if let Some(name) = declared_name(code, start, at) {
                self.declared.entry(name).or_insert(*index);
            }
        }
    }
}

enum Object {
    Of(Option<usize>),
    OfAnother,
    Unknown,
}

/// Whether a call has this name, `http.Get` also behind what leads to the package. JavaScript's packages
/// are known by their imports; of others' names there are too many.
fn fits(language: Language, library: &Library, callee: &str, chain: &Chain<'_>) -> bool {
    if language == Language::JavaScript && !chain.is_bound {
        let is_global = !matches!(
            library.name,
            "node:http" | "request" | "got" | "ky" | "needle" | "undici" | "superagent" | "graphql"
        );
        let is_constructed = library.name == "graphql" && callee.starts_with(char::is_uppercase);
        return !chain.has_calls_between()
            && (is_global || is_constructed)
            && chain.full == callee
            && (!chain.is_own || callee.contains('.'));
    }
    // Of longer names, the builders' first calls are a part.
    if chain.has_calls_between() && callee.matches('.').count() < 2 {
        return false;
    }
    // Ruby's own class: what it takes over from a library.
    let may_be_own = callee.starts_with("class.");
    if !callee.contains('.') {
        return chain.full == callee && !chain.is_own
            || chain.is_bound && language == Language::Python && ends_with(&chain.full, callee);
    }
    (chain.full == callee || ends_with(&chain.full, callee)) && (!chain.is_own || may_be_own)
}

/// Where the arguments of a constructor open that is part of the chain itself.
fn constructed(library: &Library, chain: &Chain<'_>) -> Option<usize> {
    let called =
        chain.segments.iter().enumerate().rev().skip(1).filter_map(|(index, segment)| Some((index + 1, segment.open?)));
    let mut fitting = called.filter(|(count, _)| {
        let prefix = chain.prefix(*count);
        library.types.iter().any(|wanted| ends_with(prefix, wanted))
    });
    fitting.next().map(|(_, open)| open)
}

/// Whether calls stand between an object and this one, and the library does not work like that.
fn is_far(library: &Library, chain: &Chain<'_>) -> bool {
    chain.has_calls_between() && !matches!(library.name, "resty" | "WebClient" | "gorequest" | "sttp" | "okhttp")
}

/// Whether the object comes right out of a function that says what it gives: `get_session().get(url)`.
fn is_maker(chain: &Chain<'_>) -> bool {
    let maker = chain.segments.iter().rev().nth(1).filter(|maker| maker.open.is_some());
    maker.is_some_and(|maker| {
        let lower = maker.name.to_ascii_lowercase();
        ["session", "httpclient", "http_client"].iter().any(|word| lower.ends_with(word)) && chain.segments.len() <= 3
    })
}

/// The name of the constructor that the value at `value` begins with, and where its arguments open.
fn constructor(code: &Code<'_>, bindings: &Bindings<'_>, value: usize) -> Option<(String, Option<usize>)> {
    let mut at = value;
    while at < value + CONSTRUCTOR_TOKENS_MAX {
        let is_prefix = code.word(at).is_some_and(|word| words::is_prefix(word) && !code.is(at + 1, Kind::Dot));
        if is_prefix || matches!(code.kind(at), Some(Kind::Sign(b'&' | b'*') | Kind::Open(b'('))) {
            at += 1;
        } else {
            break;
        }
    }
    let root = code.word(at)?;
    let mut path = bindings.path(root).unwrap_or(root).to_owned();
    let mut next = at + 1;
    while code.is(next, Kind::Dot) && next < at + CONSTRUCTOR_TOKENS_MAX {
        let Some(word) = code.word(next + 1) else { break };
        path.push('.');
        path.push_str(word);
        next += 2;
    }
    Some((path, words::call_bracket(code, next)))
}

/// The path that ends with the word at `at`, and where it begins.
fn path_to(code: &Code<'_>, bindings: &Bindings<'_>, at: usize) -> (String, usize) {
    let mut start = at;
    while code.is(start.wrapping_sub(1), Kind::Dot) && code.word(start.wrapping_sub(2)).is_some() && at - start < 12 {
        start -= 2;
    }
    let root = code.source(start);
    let mut path = bindings.path(root).unwrap_or(root).to_owned();
    for word in (start + 2..=at).step_by(2) {
        path.push('.');
        path.push_str(code.source(word));
    }
    (path, start)
}

/// The name that is declared with the type in `start..=end`.
fn declared_name<'t>(code: &Code<'t>, start: usize, end: usize) -> Option<&'t str> {
    let mut before = start.checked_sub(1)?;
    // `Option<Arc<Client>>`, `&'a Client`, `*http.Client`, `final HttpClient`
    for _ in 0..8 {
        let is_wrapper = matches!(code.kind(before), Some(Kind::Sign(b'<' | b'*' | b'&' | b'\'' | b'?')))
            || code
                .word(before)
                .is_some_and(|word| code.is(before + 1, Kind::Sign(b'<')) || matches!(word, "mut" | "dyn" | "any"));
        if !is_wrapper {
            break;
        }
        before = before.checked_sub(1)?;
    }
    if code.is(before, Kind::Colon) {
        return code.word(before.checked_sub(1)?).filter(|_| code.line(before) == code.line(start));
    }
    match code.language {
        Language::Go if code.line(before) == code.line(start) => {
            code.word(before).filter(|word| !matches!(*word, "type" | "struct" | "return" | "func"))
        }
        Language::Java | Language::CSharp | Language::Php => {
            code.word(end + 1).filter(|word| !matches!(*word, "extends" | "implements" | "throws"))
        }
        _ => None,
    }
}

/// Whether the last name of a path is written like that of a type.
fn is_type(path: &str) -> bool {
    last(path).starts_with(char::is_uppercase)
}

/// Whether `path` is `wanted`, or leads to it.
pub(crate) fn ends_with(path: &str, wanted: &str) -> bool {
    path.strip_suffix(wanted).is_some_and(|before| before.is_empty() || before.ends_with(['.', '/']))
}

fn last(path: &str) -> &str {
    // Packages have slashes and dots in their names: `socket.io-client`.
    if path.contains('/') || path.starts_with("socket.io") {
        return path
            .rsplit_once('/')
            .map_or(path, |(_, last)| last.rsplit_once('.').map_or(last, |(_, member)| member));
    }
    path.rsplit_once('.').map_or(path, |(_, last)| last)
}
