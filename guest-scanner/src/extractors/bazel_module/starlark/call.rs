//! The arguments of a call.

use std::borrow::Cow;

use super::{Call, Item, Value};

impl<'c, 'a> Call<'c, 'a> {
    /// The argument of that name, or else at that position.
    fn expression(&self, name: &str, position: Option<usize>) -> Option<&'c [usize]> {
        let named = self.arguments.iter().find(|(own, _)| *own == Some(name));
        let placed = || self.arguments.get(position?).filter(|(own, _)| own.is_none());
        named.or_else(placed).map(|(_, expression)| *expression)
    }

    /// The text of the argument of that name, or else at that position.
    pub(in crate::extractors::bazel_module) fn argument(
        &self,
        name: &str,
        position: Option<usize>,
    ) -> Option<Value<'c>> {
        Some(self.code.value(self.expression(name, position)?, 0))
    }

    /// That text, if it is known.
    pub(in crate::extractors::bazel_module) fn text(
        &self,
        name: &str,
        position: Option<usize>,
    ) -> Option<Cow<'c, str>> {
        if let Value::Text(text) = self.argument(name, position)? { Some(text) } else { None }
    }

    /// Whether the argument of that name is `True`.
    pub(in crate::extractors::bazel_module) fn is_true(&self, name: &str) -> bool {
        self.argument(name, None) == Some(Value::True)
    }

    /// The items of the list that is the argument of that name.
    pub(in crate::extractors::bazel_module) fn list(&self, name: &str) -> Vec<Item<'c, 'a>> {
        let mut items = Vec::new();
        if let Some(expression) = self.expression(name, None) {
            self.code.items(expression, 0, &mut items);
        }
        items
    }
}
