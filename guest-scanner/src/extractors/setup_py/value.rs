//! Values of Python.

/// A value, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(Text),
    List(Vec<Value>),
    Table(Vec<(Value, Value)>),
    /// What only Python could say. Begins at this offset.
    Computed(usize),
}

/// A string and where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) content: String,
    pub(super) offset: usize,
}

/// What `left + right` is.
pub(super) fn sum(left: Value, right: Value) -> Value {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => {
            Value::Text(Text { content: left.content + &right.content, offset: left.offset })
        }
        (Value::List(mut left), Value::List(right)) => {
            left.extend(right);
            Value::List(left)
        }
        (Value::Table(mut left), Value::Table(right)) => {
            left.extend(right);
            Value::Table(left)
        }
        // What is known of a list stays known.
        (Value::List(mut left), right) => {
            left.push(right);
            Value::List(left)
        }
        (left, Value::List(mut right)) => {
            right.insert(0, left);
            Value::List(right)
        }
        (Value::Table(mut left), Value::Computed(at)) => {
            left.push((Value::Computed(at), Value::Computed(at)));
            Value::Table(left)
        }
        (_, Value::Computed(at)) | (Value::Computed(at), _) => Value::Computed(at),
        (Value::Text(text), Value::Table(_)) | (Value::Table(_), Value::Text(text)) => Value::Computed(text.offset),
    }
}

/// How much a double costs. The depth of values is that of brackets, and of the names in them.
pub(super) fn size(value: &Value) -> usize {
    let mut size = 0;
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Text(text) => size += 1 + text.content.len() / 8,
            Value::Computed(_) => size += 1,
            Value::List(items) => {
                size += 1;
                waiting.extend(items);
            }
            Value::Table(entries) => {
                size += 1;
                waiting.extend(entries.iter().flat_map(|(key, value)| [key, value]));
            }
        }
    }
    size
}
