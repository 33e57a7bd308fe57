//! A credential, which shows itself only where it is asked to.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A token. Its `Debug` and `Display` hide it; [`Secret::reveal`] and the pipe to a worker do not.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

/// A token that cannot be sent in a header.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Nothing but white space.
    #[error("it is empty")]
    Empty,
    /// Longer than any token.
    #[error("it is longer than {SECRET_BYTES_MAX} bytes")]
    TooLong,
    /// A newline, for example, would end the header and begin another.
    #[error("it holds something else than visible ASCII characters")]
    Unfit,
}

/// Job tokens of GitLab, which are signed documents, reach about 2 KB.
pub const SECRET_BYTES_MAX: usize = 8 * 1024;

impl Secret {
    /// Takes a token as a file or a variable holds it; white space around it does not count.
    pub fn new(text: &str) -> Result<Self, SecretError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SecretError::Empty);
        }
        if text.len() > SECRET_BYTES_MAX {
            return Err(SecretError::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SecretError::Unfit);
        }
        Ok(Self(text.to_owned()))
    }

    /// The token itself, for the header that it goes into.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_itself_and_refuses_what_no_header_may_hold() {
        let secret = Secret::new("glpat-abc\n").unwrap();
        assert_eq!(format!("{secret:?} {secret}"), "[secret] [secret]");
        assert_eq!(secret.reveal(), "glpat-abc");
        for bad in ["", " \n", "a\nb", "a b", "é"] {
            assert!(Secret::new(bad).is_err(), "{bad:?}");
        }
    }
}
