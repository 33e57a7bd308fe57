//! From XML to the model, in one pass without recursion.
//!
//! A document type is passed over: what its entities stand for is never looked up. Maven itself knows
//! the entities of HTML (for the names of developers), we only those of XML, in what we read at all.

use fumehood_contract::ProblemKind;
use fumehood_contract::limits::FIELD_BYTES_MAX;

use super::model::{Coordinates, Dependency, Parent, Pom, Section};
use crate::xml::{self, Element, Handler, OnProblem};

/// Reads a pom as far as it is well-formed.
pub(super) fn read(text: &str, problem: &mut OnProblem<'_>) -> Pom {
    let mut builder = Builder::default();
    xml::read(text, "project", &mut builder, problem);
    builder.finish()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Project,
    Parent,
    GroupId,
    ArtifactId,
    Version,
    Packaging,
    RelativePath,
    Properties,
    Modules,
    Module,
    DependencyManagement,
    Dependencies,
    Dependency,
    Type,
    Classifier,
    Scope,
    Optional,
    SystemPath,
    Profiles,
    Profile,
    Activation,
    ActiveByDefault,
    Licenses,
    License,
    Name,
    Other,
}

impl Tag {
    fn of(name: &str) -> Self {
        match name {
            "project" => Self::Project,
            "parent" => Self::Parent,
            "groupId" => Self::GroupId,
            "artifactId" => Self::ArtifactId,
            "version" => Self::Version,
            "packaging" => Self::Packaging,
            "relativePath" => Self::RelativePath,
            "properties" => Self::Properties,
            // Maven 4 calls them subprojects.
            "modules" | "subprojects" => Self::Modules,
            "module" | "subproject" => Self::Module,
            "dependencyManagement" => Self::DependencyManagement,
            "dependencies" => Self::Dependencies,
            "dependency" => Self::Dependency,
            "type" => Self::Type,
            "classifier" => Self::Classifier,
            "scope" => Self::Scope,
            "optional" => Self::Optional,
            "systemPath" => Self::SystemPath,
            "profiles" => Self::Profiles,
            "profile" => Self::Profile,
            "activation" => Self::Activation,
            "activeByDefault" => Self::ActiveByDefault,
            "licenses" => Self::Licenses,
            "license" => Self::License,
            "name" => Self::Name,
            _ => Self::Other,
        }
    }
}

#[derive(Default)]
struct Builder {
    pom: Pom,
    /// The profile that is being read.
    profile: Section,
    profile_is_active: bool,
    /// Those that were read and are active.
    active: Section,
    dependency: Dependency,
    /// A field of it cannot be told, which must not be taken for a missing one.
    dependency_is_broken: bool,
    path: Vec<Tag>,
    /// The innermost element's name, offset and text, as long as it has no child.
    leaf: Option<String>,
    leaf_offset: usize,
    text: String,
    unknown_entity: Option<String>,
}

impl Handler for Builder {
    fn start(&mut self, element: &Element<'_>, problem: &mut OnProblem<'_>) {
        let (name, at) = (element.name(), element.offset);
        if !is_name(name) {
            problem(ProblemKind::BadEntry, at, &format!("<{name}> is no name of an element"));
        }
        self.path.push(Tag::of(name));
        self.leaf = Some(name.to_owned());
        self.leaf_offset = at;
        self.text.clear();
        self.unknown_entity = None;
        match self.place() {
            (false, [Tag::Parent]) => self.pom.parent = Some(Parent { offset: at, ..Parent::default() }),
            (true, []) => {
                self.profile = Section::default();
                self.profile_is_active = false;
            }
            (
                _,
                [Tag::Dependencies, Tag::Dependency] | [Tag::DependencyManagement, Tag::Dependencies, Tag::Dependency],
            ) => {
                self.dependency = Dependency { offset: at, ..Dependency::default() };
                self.dependency_is_broken = false;
            }
            _ => {}
        }
    }

    /// Long text is cut to just over what a field may have, so that it is refused later.
    fn text(&mut self, piece: &str) {
        if self.leaf.is_some() && self.text.len() <= FIELD_BYTES_MAX {
            let room = FIELD_BYTES_MAX + 1;
            self.text.push_str(fumehood_contract::status::cut(piece, room));
        }
    }

    fn unknown_entity(&mut self, name: &str, _: usize, _: &mut OnProblem<'_>) {
        self.unknown_entity = Some(name.to_owned());
    }

    fn end(&mut self, problem: &mut OnProblem<'_>) {
        if let Some(name) = self.leaf.take() {
            let entity = self.unknown_entity.take();
            let text = self.text.trim().to_owned();
            let is_read = self.field(&name, if entity.is_some() { String::new() } else { text });
            if let Some(entity) = entity.filter(|_| is_read) {
                let message = format!("<{name}> holds the entity &{entity};, which is not known");
                problem(ProblemKind::BadEntry, self.leaf_offset, &message);
                self.dependency_is_broken = true;
            }
        }
        match self.place() {
            (_, [.., Tag::Dependency]) if self.dependency_is_broken => {}
            (_, [Tag::Dependencies, Tag::Dependency]) => {
                let dependency = std::mem::take(&mut self.dependency);
                self.section().dependencies.push(dependency);
            }
            (_, [Tag::DependencyManagement, Tag::Dependencies, Tag::Dependency]) => {
                let dependency = std::mem::take(&mut self.dependency);
                self.section().managed.push(dependency);
            }
            (true, []) if self.profile_is_active => self.active.extend(std::mem::take(&mut self.profile)),
            _ => {}
        }
        self.path.pop();
    }
}

impl Builder {
    /// Whether we are in a profile, and the path from there or from the project.
    fn place(&self) -> (bool, &[Tag]) {
        match self.path.as_slice() {
            [Tag::Project, Tag::Profiles, Tag::Profile, rest @ ..] => (true, rest),
            [Tag::Project, rest @ ..] => (false, rest),
            _ => (false, &[Tag::Other]),
        }
    }

    fn section(&mut self) -> &mut Section {
        if self.place().0 { &mut self.profile } else { &mut self.pom.main }
    }

    /// Keeps the text of an element without children; `false` if it is of no interest. An empty
    /// field counts as missing, but for those where emptiness says something.
    fn field(&mut self, name: &str, text: String) -> bool {
        let (in_profile, path) = self.place();
        match (in_profile, path) {
            (_, [Tag::Properties, _]) if is_name(name) => self.section().properties.push((name.to_owned(), text)),
            (_, [Tag::Modules, Tag::Module]) => self.section().modules.push(text),
            (true, [Tag::Activation, Tag::ActiveByDefault]) => self.profile_is_active = text == "true",
            (false, [Tag::Parent, Tag::RelativePath]) => {
                if let Some(parent) = &mut self.pom.parent {
                    parent.relative_path = Some(text);
                }
            }
            (false, [Tag::Licenses, Tag::License, Tag::Name]) => self.pom.licenses.push(text),
            _ => return self.slot().map(|slot| *slot = Some(text).filter(|text| !text.is_empty())).is_some(),
        }
        true
    }

    /// Where the text of the element belongs.
    fn slot(&mut self) -> Option<&mut Option<String>> {
        let (in_profile, path) = self.place();
        match (in_profile, path) {
            (false, [Tag::Packaging]) => Some(&mut self.pom.packaging),
            (false, &[tag]) => {
                if tag == Tag::ArtifactId {
                    self.pom.offset = self.leaf_offset;
                }
                coordinate(&mut self.pom.id, tag)
            }
            (false, &[Tag::Parent, tag]) => coordinate(&mut self.pom.parent.as_mut()?.id, tag),
            (_, &[Tag::Dependencies, Tag::Dependency, tag])
            | (_, &[Tag::DependencyManagement, Tag::Dependencies, Tag::Dependency, tag]) => self.dependency_slot(tag),
            _ => None,
        }
    }

    fn dependency_slot(&mut self, tag: Tag) -> Option<&mut Option<String>> {
        let dependency = &mut self.dependency;
        if tag == Tag::ArtifactId {
            dependency.offset = self.leaf_offset;
        }
        if tag == Tag::Type {
            Some(&mut dependency.kind)
        } else if tag == Tag::Classifier {
            Some(&mut dependency.classifier)
        } else if tag == Tag::Scope {
            Some(&mut dependency.scope)
        } else if tag == Tag::Optional {
            Some(&mut dependency.optional)
        } else if tag == Tag::SystemPath {
            Some(&mut dependency.system_path)
        } else {
            coordinate(&mut dependency.id, tag)
        }
    }

    fn finish(mut self) -> Pom {
        if self.profile_is_active {
            self.active.extend(self.profile);
        }
        self.pom.main.extend(self.active);
        self.pom
    }
}

fn coordinate(id: &mut Coordinates, tag: Tag) -> Option<&mut Option<String>> {
    if tag == Tag::GroupId {
        Some(&mut id.group_id)
    } else if tag == Tag::ArtifactId {
        Some(&mut id.artifact_id)
    } else if tag == Tag::Version {
        Some(&mut id.version)
    } else {
        None
    }
}

/// As XML has it, as far as ASCII goes.
fn is_name(name: &str) -> bool {
    let begins = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_' || !byte.is_ascii();
    name.bytes().next().is_some_and(begins)
        && name.bytes().all(|byte| begins(byte) || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn comments_cdata_and_references_are_part_of_the_text() {
        let text = "<project><version>1.<!-- no -->2<![CDATA[.3]]>&#45;&amp;</version></project>";
        let pom = read(text, &mut |_, _, _| {});
        assert_eq!(pom.id.version.as_deref(), Some("1.2.3-&"));
    }

    #[test]
    fn prefixes_of_the_namespace_do_not_matter() {
        let pom = read("<m:project xmlns:m='x'><m:version>1</m:version></m:project>", &mut |_, _, _| {});
        assert_eq!(pom.id.version.as_deref(), Some("1"));
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = format!("<project>{}{}", "<a>".repeat(200_000), "</a>".repeat(200_000));
        let mut problems = 0;
        read(&deep, &mut |_, _, _| problems += 1);
        assert_eq!(problems, 1);
    }
}
