//! XML, one element after the other, without recursion.
//!
//! A document type is passed over: what its entities stand for is never looked up.

use fumehood_contract::ProblemKind;
use fumehood_contract::limits::FIELD_BYTES_MAX;
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

/// The attributes of an element that are looked at. Those of real files have less than ten.
const ATTRIBUTES_MAX: usize = 64;

/// An element's beginning.
#[derive(Debug)]
pub(crate) struct Element<'t> {
    /// Without a prefix.
    pub(crate) name: &'t str,
    /// Of its `<`.
    pub(crate) offset: usize,
    pub(crate) attributes: Vec<(String, String)>,
}

impl Element<'_> {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Takes what is read.
pub(crate) trait Handler {
    fn start(&mut self, element: Element<'_>);
    /// The innermost open element ends. `text` is what it holds, empty if it has children.
    fn end(&mut self, text: &str);
    fn problem(&mut self, kind: ProblemKind, offset: usize, message: &str);
}

/// Reads as far as the text is well-formed. `root` is what the document has to begin with.
pub(crate) fn read(text: &str, root: &str, handler: &mut dyn Handler) {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let (mut depth, mut rooted) = (0_usize, false);
    // The text of the innermost element, as long as it has no child.
    let mut leaf: Option<String> = None;
    loop {
        let before = offset(reader.buffer_position());
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let message = format!("is not well-formed XML: {error}; the rest is not read");
                return handler.problem(ProblemKind::Unparsable, offset(reader.error_position()), &message);
            }
        };
        match event {
            Event::Start(start) => {
                if depth == 0 {
                    let name = start.local_name();
                    if name.as_ref() != root {
                        let message = format!("begins with <{}>, not with <{root}>", name.as_ref());
                        return handler.problem(ProblemKind::Unparsable, before, &message);
                    }
                    rooted = true;
                }
                depth += 1;
                leaf = Some(String::new());
                element(&start, before, handler);
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                handler.end(leaf.take().unwrap_or_default().trim());
            }
            Event::Text(text) => push(&mut leaf, &text.xml10_content()),
            Event::CData(text) => push(&mut leaf, &text.xml10_content()),
            Event::GeneralRef(reference) => {
                let letter = reference.resolve_char_ref().ok().flatten().or_else(|| predefined(&reference));
                match letter {
                    Some(letter) => push(&mut leaf, letter.encode_utf8(&mut [0; 4])),
                    None => {
                        let message = format!("the entity &{};, which is not known, is passed over", &*reference);
                        handler.problem(ProblemKind::BadEntry, before, &message);
                    }
                }
            }
            Event::DocType(_) => {
                let message = "has a document type, which is passed over; its entities are not known";
                handler.problem(ProblemKind::BadEntry, before, message);
            }
            Event::Eof => break,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    if depth > 0 {
        handler.problem(ProblemKind::Unparsable, text.len(), "ends before all elements are closed");
    } else if !rooted {
        handler.problem(ProblemKind::Unparsable, 0, &format!("has no element {root}"));
    }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn element(start: &BytesStart<'_>, offset: usize, handler: &mut dyn Handler) {
    let mut attributes = Vec::new();
    for attribute in start.attributes().with_checks(false).take(ATTRIBUTES_MAX) {
        let read = attribute.map_err(|error| error.to_string()).and_then(|attribute| {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
            Ok((attribute.key.local_name().as_ref().to_owned(), value.into_owned()))
        });
        match read {
            Ok(attribute) => attributes.push(attribute),
            Err(error) => {
                let message = format!("an attribute of <{}> cannot be read: {error}", start.local_name().as_ref());
                handler.problem(ProblemKind::BadEntry, offset, &message);
            }
        }
    }
    handler.start(Element { name: start.local_name().as_ref(), offset, attributes });
}

/// Long text is cut to just over what a field may have, so that it is refused later.
fn push(leaf: &mut Option<String>, piece: &str) {
    if let Some(text) = leaf.as_mut().filter(|text| text.len() <= FIELD_BYTES_MAX) {
        text.push_str(fumehood_contract::status::cut(piece, FIELD_BYTES_MAX + 1));
    }
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
