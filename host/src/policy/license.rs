//! Licences: what an SPDX expression comes to, when some licences are wanted or unwanted.

use spdx::{Expression, ParseMode};

use super::pattern::Names;

/// What a category's licence patterns say of what a package states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Any choice that the expression leaves leads to one of them: `MIT AND GPL-3.0-only` for `GPL-*`.
    Unavoidable,
    /// There is a way to meet the expression with nothing but them: `MIT OR GPL-3.0-only` for `MIT`.
    Sufficient,
}

/// A licence as a package states it, read once.
#[derive(Debug)]
pub(super) struct Stated {
    text: String,
    expression: Option<Expression>,
}

impl Stated {
    /// Reads an expression; what is none is one licence by that name.
    pub(super) fn new(text: &str) -> Self {
        let mode = ParseMode { allow_unknown: true, ..ParseMode::LAX };
        Self { text: text.trim().to_owned(), expression: Expression::parse_mode(text, mode).ok() }
    }

    /// Whether some of these rules of `patterns` are met by it.
    pub(super) fn meets(&self, patterns: &Names, rules: &[u32], wanted: Wanted) -> bool {
        let matches = |name: &str| patterns.matching(name).iter().any(|rule| rules.contains(rule));
        let Some(expression) = &self.expression else { return matches(&self.text) };
        if matches(&self.text) {
            return true;
        }
        let named = |requirement: &spdx::LicenseReq| matches(&requirement.to_string()) || matches(&alone(requirement));
        match wanted {
            Wanted::Sufficient => expression.evaluate(named),
            Wanted::Unavoidable => !expression.evaluate(|requirement| !named(requirement)),
        }
    }
}

/// The licence without its exception.
fn alone(requirement: &spdx::LicenseReq) -> String {
    spdx::LicenseReq { license: requirement.license.clone(), addition: None }.to_string()
}

#[cfg(test)]
mod tests {
    use super::super::pattern::NamesBuilder;
    use super::*;

    #[test]
    fn a_choice_can_be_made_and_a_duty_cannot_be_left() {
        let mut builder = NamesBuilder::default();
        builder.add("GPL-*", 0).unwrap();
        builder.add("MIT", 1).unwrap();
        builder.add("Our own licence", 2).unwrap();
        let patterns = builder.build().unwrap();
        let meets = |text: &str, rule, wanted| Stated::new(text).meets(&patterns, &[rule], wanted);
        assert!(meets("GPL-3.0-only", 0, Wanted::Unavoidable));
        assert!(meets("MIT AND GPL-2.0-or-later", 0, Wanted::Unavoidable));
        assert!(meets("GPL-2.0-only WITH Classpath-exception-2.0", 0, Wanted::Unavoidable));
        assert!(!meets("MIT OR GPL-3.0-only", 0, Wanted::Unavoidable));
        assert!(meets("MIT OR GPL-3.0-only", 1, Wanted::Sufficient));
        assert!(!meets("MIT AND Apache-2.0", 1, Wanted::Sufficient));
        assert!(meets("our own licence", 2, Wanted::Sufficient));
        assert!(!meets("(((", 0, Wanted::Unavoidable));
    }
}
