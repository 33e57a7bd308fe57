//! XML as events, in one pass without recursion.
//!
//! A document type is passed over, with a problem: what its entities stand for is never looked up.
//! Prefixes of namespaces are taken off, nothing else is done about namespaces.

use std::borrow::Cow;

use fumehood_contract::ProblemKind;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// The attributes of an element that are looked at together. Those of real files have less than ten.
const ATTRIBUTES_MAX: usize = 64;

/// Takes what is wrong: its kind, the offset, and a message.
pub(crate) type OnProblem<'a> = dyn FnMut(ProblemKind, usize, &str) + 'a;

/// What becomes of the events of a document. Starts and ends are balanced as far as it is well-formed.
pub(crate) trait Handler {
    /// An element begins.
    fn start(&mut self, element: &Element<'_>, problem: &mut OnProblem<'_>);
    /// A piece of the text of the innermost element; comments and references divide it.
    fn text(&mut self, piece: &str);
    /// In its text, at an offset, is an entity that XML itself does not define.
    fn unknown_entity(&mut self, name: &str, offset: usize, problem: &mut OnProblem<'_>) {
        let _ = (name, offset, problem);
    }
    /// It ends.
    fn end(&mut self, problem: &mut OnProblem<'_>);
}

/// The start of an element.
pub(crate) struct Element<'a> {
    start: &'a BytesStart<'a>,
    /// Where it stands.
    pub(crate) offset: usize,
}

impl Element<'_> {
    /// Without a prefix.
    pub(crate) fn name(&self) -> &str {
        self.start.local_name().into_inner()
    }

    /// The attribute's value. `None` if it is not there, or is no text: an unknown entity is in it.
    pub(crate) fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        // Doubles are not looked for: that costs quadratic time.
        let mut attributes = self.start.attributes();
        let found = attributes.with_checks(false).flatten().find(|found| found.key.as_ref() == name)?;
        found.normalized_value(XmlVersion::Explicit1_0).ok()
    }

    /// All attributes, without prefixes. Those that cannot be read are problems.
    pub(crate) fn attributes(&self, problem: &mut OnProblem<'_>) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for attribute in self.start.attributes().with_checks(false).take(ATTRIBUTES_MAX) {
            let read = attribute.map_err(|error| error.to_string()).and_then(|attribute| {
                let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|error| error.to_string())?;
                Ok((attribute.key.local_name().as_ref().to_owned(), value.into_owned()))
            });
            match read {
                Ok(attribute) => found.push(attribute),
                Err(error) => {
                    let message = format!("an attribute of <{}> cannot be read: {error}", self.name());
                    problem(ProblemKind::BadEntry, self.offset, &message);
                }
            }
        }
        found
    }
}

/// Reads a document with the root `root` as far as it is well-formed. What stands in another root is
/// passed over, with a problem.
pub(crate) fn read(text: &str, root: &str, handler: &mut impl Handler, problem: &mut OnProblem<'_>) {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let (mut depth, mut rooted, mut in_wrong_root) = (0_usize, false, false);
    loop {
        let before = offset(reader.buffer_position());
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let at = offset(reader.error_position());
                let message = format!("is not well-formed XML: {error}; the rest is not read");
                return problem(ProblemKind::Unparsable, at, &message);
            }
        };
        match event {
            Event::Start(start) => {
                let element = Element { start: &start, offset: before };
                if depth == 0 {
                    rooted = true;
                    in_wrong_root = element.name() != root;
                    if in_wrong_root {
                        let message = format!("begins with <{}>, not with <{root}>", element.name());
                        problem(ProblemKind::Unparsable, before, &message);
                    }
                }
                depth += 1;
                if !in_wrong_root {
                    handler.start(&element, problem);
                }
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                if !in_wrong_root {
                    handler.end(problem);
                }
            }
            Event::Text(piece) => handler.text(&piece.xml10_content()),
            Event::CData(piece) => handler.text(&piece.xml10_content()),
            Event::GeneralRef(reference) => {
                let letter = reference.resolve_char_ref().ok().flatten().or_else(|| predefined(&reference));
                match letter {
                    Some(letter) => handler.text(letter.encode_utf8(&mut [0; 4])),
                    None => handler.unknown_entity(&reference, before, problem),
                }
            }
            Event::DocType(_) => {
                let message = "has a document type, which is passed over; its entities are not known";
                problem(ProblemKind::BadEntry, before, message);
            }
            Event::Eof => break,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    if depth > 0 {
        problem(ProblemKind::Unparsable, text.len(), "ends before all elements are closed");
    } else if !rooted {
        problem(ProblemKind::Unparsable, 0, &format!("has no element {root}"));
    }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn predefined(entity: &str) -> Option<char> {
    match entity {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Element, Handler, OnProblem, read};

    #[derive(Default)]
    struct Seen(Vec<String>);

    impl Handler for Seen {
        fn start(&mut self, element: &Element<'_>, _: &mut OnProblem<'_>) {
            self.0.push(format!("{} {:?}", element.name(), element.attribute("a").as_deref()));
        }
        fn text(&mut self, piece: &str) {
            self.0.push(piece.to_owned());
        }
        fn end(&mut self, _: &mut OnProblem<'_>) {
            self.0.push("/".to_owned());
        }
    }

    fn seen(text: &str) -> (Vec<String>, Vec<String>) {
        let (mut seen, mut problems) = (Seen::default(), Vec::new());
        read(text, "r", &mut seen, &mut |_, _, message| problems.push(message.to_owned()));
        (seen.0, problems)
    }

    #[test]
    fn attributes_are_read_in_either_quotes() {
        let (seen, problems) = seen("<r a='1&amp;2'><x:b a=\"3\" a='4'/><c a='&no;'/></r>");
        assert_eq!(seen, ["r Some(\"1&2\")", "b Some(\"3\")", "/", "c None", "/", "/"]);
        assert!(problems.is_empty());
    }

    #[test]
    fn another_root_is_not_looked_into() {
        let (seen, problems) = seen("<q><r a='1'/></q>");
        assert!(seen.is_empty());
        assert_eq!(problems, ["begins with <q>, not with <r>"]);
    }
}
