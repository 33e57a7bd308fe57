//! What a person or a client names as the thing to scan: a folder, or something behind an https URL.

use std::path::PathBuf;

use url::Url;

/// The longest URL that is taken.
pub const URL_BYTES_MAX: usize = 2048;

/// Where something lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// On this machine.
    Folder(PathBuf),
    /// Behind a URL: a repository, or a group of them.
    Remote(Remote),
}

/// Something behind a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// https, with a host, without user, password, query and fragment.
    pub url: Url,
    /// The branch, tag, reference or commit that stood behind `#`.
    pub reference: Option<String>,
}

/// Why a text names nothing that can be scanned.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", crate::text::clean(text))]
pub struct LocationError {
    /// As it was given; credentials in it were masked.
    pub text: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Problem {
    #[error("only https URLs are fetched, with a token for what is private")]
    Scheme,
    #[error("a URL may not hold a user or a password; name a file with --token-file, or set it in the configuration")]
    Credentials,
    #[error("a URL of a repository has no query")]
    Query,
    #[error("it is no URL")]
    Malformed,
    #[error("it holds a backslash, a space or a control character")]
    OddCharacter,
    #[error("it is longer than {URL_BYTES_MAX} bytes")]
    TooLong,
    #[error("what stands behind # is no name of a branch, a tag, a reference or a commit")]
    Reference,
    #[error("it begins with a dash; write ./ before a path that does")]
    Dash,
}

impl Location {
    /// Understands a path or a URL. What looks like a URL of any scheme, or like ssh's `user@host:path`,
    /// is never taken for a path.
    pub fn parse(text: &str) -> Result<Self, LocationError> {
        if looks_like_url(text) {
            return Remote::parse(text).map(Self::Remote);
        }
        let wrong = |problem| LocationError { text: text.to_owned(), problem };
        if text.starts_with('-') {
            return Err(wrong(Problem::Dash));
        }
        let before_slash = text.split('/').next().unwrap_or_default();
        if before_slash.contains("::") || (before_slash.contains('@') && before_slash.contains(':')) {
            return Err(LocationError { text: mask(text), problem: Problem::Scheme });
        }
        Ok(Self::Folder(PathBuf::from(text)))
    }
}

fn looks_like_url(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
        is_scheme && (rest.starts_with("//") || rest.starts_with("\\\\") || scheme.eq_ignore_ascii_case("https"))
    })
}

impl Remote {
    /// Understands `https://host/path#reference` and nothing looser: a browser's leniency (backslashes,
    /// dropped tabs and newlines, users before the host) is what attacks on URLs are made of.
    pub fn parse(text: &str) -> Result<Self, LocationError> {
        let wrong = |problem| LocationError { text: mask(text), problem };
        if text.len() > URL_BYTES_MAX {
            return Err(LocationError { text: "a URL".to_owned(), problem: Problem::TooLong });
        }
        if text.chars().any(|c| c == '\\' || c.is_whitespace() || c.is_control()) {
            return Err(wrong(Problem::OddCharacter));
        }
        let mut url = Url::parse(text).map_err(|_| wrong(Problem::Malformed))?;
        if url.scheme() != "https" {
            return Err(wrong(Problem::Scheme));
        }
        if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
            return Err(wrong(Problem::Credentials));
        }
        if url.host().is_none() {
            return Err(wrong(Problem::Malformed));
        }
        if url.query().is_some() {
            return Err(wrong(Problem::Query));
        }
        let reference = url.fragment().filter(|fragment| !fragment.is_empty()).map(str::to_owned);
        if reference.as_ref().is_some_and(|name| !is_reference(name)) {
            return Err(wrong(Problem::Reference));
        }
        url.set_fragment(None);
        Ok(Self { url, reference })
    }

    /// The path's segments that are not empty, without a last `.git`.
    pub fn path(&self) -> String {
        let path = self.url.path().trim_matches('/');
        path.strip_suffix(".git").unwrap_or(path).trim_end_matches('/').to_owned()
    }

    /// For people, as the ordered document names repositories: `gitlab.com/mycompany/auth-service`.
    pub fn name(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let reference = self.reference.as_ref().map(|name| format!("#{name}")).unwrap_or_default();
        format!("{host}{port}/{}{reference}", self.path())
    }
}

impl std::fmt::Display for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.url.as_str())?;
        self.reference.as_ref().map_or(Ok(()), |name| write!(f, "#{name}"))
    }
}

/// What stands between `//` and the next `/`, `?` or `#`, as it was typed.
fn authority(text: &str) -> &str {
    let rest = text.split_once("//").map_or(text, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// `text` with what stands before the last `@` of its first part masked: it may be a password.
fn mask(text: &str) -> String {
    let Some((before, after)) = text.rsplit_once('@') else { return text.to_owned() };
    let scheme = before.split_once("//").map_or("", |(scheme, _)| scheme);
    let slashes = if scheme.is_empty() { "" } else { "//" };
    format!("{scheme}{slashes}***@{after}")
}

/// git-check-ref-format(1), without leading dashes and patterns; commit ids fit it too.
fn is_reference(name: &str) -> bool {
    let forbidden = |c: char| c.is_ascii_control() || " ~^:?*[\\".contains(c);
    let parts_are_good = name
        .split('/')
        .all(|part| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock") && !part.ends_with('.'));
    name.len() <= 255
        && name != "@"
        && !name.starts_with('-')
        && !name.contains("..")
        && !name.contains("@{")
        && !name.chars().any(forbidden)
        && parts_are_good
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> Problem {
        Location::parse(text).expect_err(text).problem
    }

    #[test]
    fn d06_other_schemes_and_dashes_are_refused() {
        for text in ["ssh://git@h.example/a", "file:///etc", "git://h.example/a", "http://h.example/a", "FILE:///etc"] {
            assert!(matches!(problem(text), Problem::Scheme), "{text}");
        }
        assert_eq!(problem("ext::sh -c id"), Problem::Scheme);
        assert_eq!(problem("git@h.example:a/b.git"), Problem::Scheme);
        assert_eq!(problem("--upload-pack=id"), Problem::Dash);
        assert_eq!(problem("https://h.example/a#--upload-pack=id"), Problem::Reference);
        assert_eq!(problem("https:h.example/a b"), Problem::OddCharacter);
    }

    #[test]
    fn d07_users_and_tricks_with_the_host_are_refused() {
        assert_eq!(problem("https://user:secret@h.example/a"), Problem::Credentials);
        assert_eq!(problem("https://@h.example/a"), Problem::Credentials);
        assert_eq!(problem("https://good.example\\@evil.example/a"), Problem::OddCharacter);
        assert_eq!(problem("https://good.example\t@evil.example/a"), Problem::OddCharacter);
        assert_eq!(problem("https://h.example/a?ref=main"), Problem::Query);
        // The host ends at `#`; what follows is a reference, and a wrong one.
        assert_eq!(problem("https://good.example#@{evil.example/a"), Problem::Reference);
    }

    #[test]
    fn d10_credentials_do_not_reach_the_message() {
        let error = Location::parse("https://user:s3cret@h.example/a").unwrap_err().to_string();
        assert!(!error.contains("s3cret") && error.contains("h.example"), "{error}");
        let error = Location::parse("s3cret@h.example:a").unwrap_err().to_string();
        assert!(!error.contains("s3cret"), "{error}");
    }

    #[test]
    fn names_are_those_of_the_ordered_document() {
        let Location::Remote(remote) = Location::parse("https://gitlab.com/mycompany/auth-service.git#v1").unwrap()
        else {
            panic!("a URL is no folder")
        };
        assert_eq!(remote.name(), "gitlab.com/mycompany/auth-service#v1");
        assert_eq!(remote.to_string(), "https://gitlab.com/mycompany/auth-service.git#v1");
        assert_eq!(Location::parse("./a:b").unwrap(), Location::Folder("./a:b".into()));
    }

    #[test]
    fn references_are_gits() {
        for good in ["main", "feature/x", "refs/pull/1/head", "v1.2", "0123456789012345678901234567890123456789"] {
            assert!(is_reference(good), "{good}");
        }
        for bad in ["a..b", "a b", "-x", ".a", "a/.b", "a.lock", "a//b", "a/", "@", "a@{1}", "a~1", "a\\b", "a*"] {
            assert!(!is_reference(bad), "{bad}");
        }
    }
}
