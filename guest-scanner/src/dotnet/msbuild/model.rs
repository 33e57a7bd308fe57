//! What one file of MSBuild says, in its order.

use std::rc::Rc;

use fumehood_contract::ProblemKind;
use fumehood_contract::limits::FIELD_BYTES_MAX;
use fumehood_contract::status::cut;

use crate::xml::{self, Element, Handler, OnProblem};

/// Nested conditions; what is nested deeper may hold or not.
const CONDITIONS_MAX: usize = 16;

/// A condition of the file itself, or this, which cannot be decided.
const UNDECIDABLE: &str = "otherwise";

/// Those that have to hold together.
pub(super) type Conditions = Rc<[Rc<str>]>;

/// A file.
#[derive(Debug, Default)]
pub(crate) struct File {
    pub(super) parts: Vec<Part>,
}

#[derive(Debug)]
pub(super) enum Part {
    /// Its name is in lower case: MSBuild does not tell it from upper case.
    Property {
        name: String,
        value: String,
        conditions: Conditions,
    },
    Item(Item),
    Import {
        project: String,
        conditions: Conditions,
    },
}

/// An item: `<PackageReference Include="…" Version="…"/>`.
#[derive(Debug)]
pub(crate) struct Item {
    /// In lower case.
    pub(crate) kind: String,
    pub(crate) offset: usize,
    /// Names in lower case, values: of attributes and of elements inside.
    fields: Vec<(String, String)>,
    pub(super) conditions: Conditions,
}

impl Item {
    /// A field by its name in lower case; empty ones count as missing.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }
}

/// Reads a file as far as it is well-formed.
pub(crate) fn read(text: &str, problem: &mut OnProblem<'_>) -> File {
    let mut builder = Builder::default();
    xml::read(text, "Project", &mut builder, problem);
    builder.file
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Project,
    Properties,
    Property,
    Items,
    Item,
    Field,
    /// `Choose`, and its `When` and `Otherwise`, which hold groups as a project does.
    Choice,
    Other,
}

#[derive(Default)]
struct Builder {
    file: File,
    open: Vec<(Place, Conditions)>,
    item: Option<Item>,
    /// Of the property or field that is being read.
    name: String,
    /// The text of the innermost element, as long as it has no child.
    leaf: Option<String>,
}

impl Handler for Builder {
    fn start(&mut self, element: &Element<'_>, problem: &mut OnProblem<'_>) {
        self.leaf = Some(String::new());
        let (outer, conditions) = self.open.last().cloned().unwrap_or((Place::Other, Rc::from([])));
        let place = place(outer, element.name(), self.open.is_empty());
        let condition = match element.attribute("Condition") {
            Some(condition) if !condition.trim().is_empty() => Some(condition),
            _ if element.name() == "Otherwise" => Some(UNDECIDABLE.into()),
            _ => None,
        };
        // Fields may have conditions of their own, which are not looked at: the last one counts.
        let conditions = match condition.filter(|_| place != Place::Field && place != Place::Other) {
            Some(condition) if conditions.len() < CONDITIONS_MAX => {
                conditions.iter().cloned().chain([Rc::from(&*condition)]).collect()
            }
            _ => conditions,
        };
        match place {
            Place::Property | Place::Field => self.name = element.name().to_ascii_lowercase(),
            Place::Item => {
                let fields = element
                    .attributes(problem)
                    .into_iter()
                    .map(|(name, value)| (name.to_ascii_lowercase(), value))
                    .collect();
                let kind = element.name().to_ascii_lowercase();
                self.item = Some(Item { kind, offset: element.offset, fields, conditions: Rc::clone(&conditions) });
            }
            Place::Other if element.name() == "Import" && matches!(outer, Place::Project | Place::Choice) => {
                self.import(element, &conditions);
            }
            Place::Project | Place::Properties | Place::Items | Place::Choice | Place::Other => {}
        }
        self.open.push((place, conditions));
    }

    fn text(&mut self, piece: &str) {
        // Cut to just over what a field may have, so that it is refused later.
        if let Some(leaf) = self.leaf.as_mut().filter(|leaf| leaf.len() <= FIELD_BYTES_MAX) {
            leaf.push_str(cut(piece, FIELD_BYTES_MAX + 1));
        }
    }

    fn unknown_entity(&mut self, name: &str, offset: usize, problem: &mut OnProblem<'_>) {
        let message = format!("the entity &{name};, which is not known, is passed over");
        problem(ProblemKind::BadEntry, offset, &message);
    }

    fn end(&mut self, _: &mut OnProblem<'_>) {
        let text = self.leaf.take().unwrap_or_default();
        let Some((place, conditions)) = self.open.pop() else { return };
        match place {
            Place::Property => {
                let (name, value) = (std::mem::take(&mut self.name), text.trim().to_owned());
                self.file.parts.push(Part::Property { name, value, conditions });
            }
            Place::Field => {
                if let Some(item) = &mut self.item {
                    item.fields.push((std::mem::take(&mut self.name), text.trim().to_owned()));
                }
            }
            Place::Item => self.file.parts.extend(self.item.take().map(Part::Item)),
            Place::Project | Place::Properties | Place::Items | Place::Choice | Place::Other => {}
        }
    }
}

impl Builder {
    fn import(&mut self, element: &Element<'_>, outer: &Conditions) {
        // An import of an SDK's file names it in another attribute.
        if element.attribute("Sdk").is_some() {
            return;
        }
        let Some(project) = element.attribute("Project") else { return };
        let own = element.attribute("Condition").map(|own| Rc::from(&*own));
        let conditions = outer.iter().cloned().chain(own).collect();
        self.file.parts.push(Part::Import { project: project.into_owned(), conditions });
    }
}

fn place(outer: Place, name: &str, is_root: bool) -> Place {
    match (outer, name) {
        _ if is_root => Place::Project,
        (Place::Project | Place::Choice, "PropertyGroup") => Place::Properties,
        (Place::Project | Place::Choice, "ItemGroup") => Place::Items,
        (Place::Project | Place::Choice, "Choose" | "When" | "Otherwise" | "ImportGroup") => Place::Choice,
        (Place::Properties, _) => Place::Property,
        (Place::Items, _) => Place::Item,
        (Place::Item, _) => Place::Field,
        // What a target does happens when it runs, if it does.
        _ => Place::Other,
    }
}
