//! What is known of a client library.

use fumehood_contract::calls::CallKind;

/// A client library, as one language uses it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Library {
    /// As it is called in reports.
    pub(crate) name: &'static str,
    pub(crate) kind: CallKind,
    /// One of these is in every file that uses it.
    pub(crate) hints: &'static [&'static str],
    /// Calls that need no object, by their whole name.
    pub(crate) functions: &'static [Call],
    /// Types, and functions, whose objects have the methods.
    pub(crate) types: &'static [&'static str],
    /// What such objects are called, where the file does not show where one comes from.
    pub(crate) usual: &'static [&'static str],
    /// Calls of an object.
    pub(crate) methods: &'static [Call],
    /// What a base address is called among an object's arguments and properties.
    pub(crate) bases: &'static [&'static str],
}

/// One call of a library.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    /// Its name, with dots: `requests.get`.
    pub(crate) callee: &'static str,
    pub(crate) method: Method,
    pub(crate) url: At,
}

/// Where a call's HTTP method is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// The call means this one.
    Is(&'static str),
    /// In an argument, by position.
    Argument(usize),
    /// In an option called `method`, or set later; else this.
    Option(&'static str),
    /// Called on the same object before or after; else this.
    Chain(&'static str),
    /// There is none.
    None,
}

/// Where a call's URL is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// In an argument, by position or by a usual name.
    Argument(usize),
    /// In the object that is called.
    Receiver,
    /// Nowhere but in the object's base address.
    Base,
}

impl Library {
    /// One for HTTP without anything; fill in the rest.
    pub(crate) const fn new(name: &'static str) -> Self {
        Self {
            name,
            kind: CallKind::Rest,
            hints: &[],
            functions: &[],
            types: &[],
            usual: &[],
            methods: &[],
            bases: &["base_url", "baseUrl", "baseURL"],
        }
    }
}

/// A call that means a method; its URL is the first argument.
pub(crate) const fn call(callee: &'static str, method: &'static str) -> Call {
    Call { callee, method: Method::Is(method), url: At::Argument(0) }
}

/// A call with options; its URL is the first argument.
pub(crate) const fn optional(callee: &'static str, method: &'static str) -> Call {
    Call { callee, method: Method::Option(method), url: At::Argument(0) }
}

/// A call that has its method and its URL at these arguments.
pub(crate) const fn at(callee: &'static str, method: usize, url: usize) -> Call {
    Call { callee, method: Method::Argument(method), url: At::Argument(url) }
}

/// A call without a method, whose URL is an argument.
pub(crate) const fn connect(callee: &'static str, url: usize) -> Call {
    Call { callee, method: Method::None, url: At::Argument(url) }
}

/// A call whose method is in the chain.
pub(crate) const fn chained(callee: &'static str, method: &'static str) -> Call {
    Call { callee, method: Method::Chain(method), url: At::Argument(0) }
}

/// `get`, `post` and so on, with the URL as the first argument.
pub(crate) const VERBS: &[Call] = &[
    call("get", "GET"),
    call("post", "POST"),
    call("put", "PUT"),
    call("patch", "PATCH"),
    call("delete", "DELETE"),
    call("head", "HEAD"),
    call("options", "OPTIONS"),
];
