//! From the file to what judges: every pattern is compiled, every mistake is collected with its line.

use serde_saphyr::{Location, Spanned};

use super::file::{Api, Category, Dependency, Exception, File, Mistake};
use super::pattern::{BadPattern, NamesBuilder, UrlsBuilder};
use super::rules::{ApiRule, DependencyRule, ExceptionRule, Matcher, Owner, Patterns};
use super::version::Range;
use super::{CategoryInfo, Date, Policy};
use crate::text::clean;

/// Categories of one policy.
const CATEGORIES_MAX: usize = 1_000;

/// Patterns and exceptions of one policy, all together.
const RULES_MAX: usize = 20_000;

/// The policy that a file's text means.
pub(super) fn build(name: &str, file: File) -> Result<Policy, Vec<Mistake>> {
    let mut builder = Builder::default();
    builder.version(file.version.as_ref());
    for (at, (name, category)) in (0u16..).zip(&file.categories) {
        builder.category(at, name, category);
    }
    let names: Vec<&String> = file.categories.keys().collect();
    for exception in &file.exceptions {
        builder.exception(exception, &names);
    }
    builder.finish(name)
}

#[derive(Default)]
struct Builder {
    categories: Vec<CategoryInfo>,
    exceptions: Vec<ExceptionRule>,
    dependencies: Vec<DependencyRule>,
    apis: Vec<ApiRule>,
    licenses: Vec<u16>,
    names: NamesBuilder,
    purls: NamesBuilder,
    urls: UrlsBuilder,
    license_names: NamesBuilder,
    repositories: NamesBuilder,
    mistakes: Vec<Mistake>,
}

impl Builder {
    fn version(&mut self, version: Option<&Spanned<u32>>) {
        if let Some(version) = version.filter(|version| version.value != 1) {
            self.wrong(version.defined, format!("version {} is not known; write version: 1", version.value));
        }
    }

    fn category(&mut self, at: u16, name: &str, category: &Spanned<Category>) {
        let Category { status, description, dependencies, api_patterns, licenses } = &category.value;
        if name.trim().is_empty() {
            self.wrong(category.defined, "a category needs a name");
        }
        if dependencies.is_empty() && api_patterns.is_empty() && licenses.is_empty() {
            self.wrong(category.defined, format!("category {name:?} has no dependencies, api_patterns or licenses"));
        }
        self.categories.push(CategoryInfo {
            name: clean(name).into_owned(),
            status: *status,
            description: description.as_deref().map(|text| clean(text).into_owned()),
        });
        for dependency in dependencies {
            self.dependency(dependency, Owner::Category(at));
        }
        for api in api_patterns {
            self.api(api, Owner::Category(at));
        }
        for license in licenses {
            let rule = index(&self.licenses);
            self.licenses.push(at);
            let added = self.license_names.add(&license.value, rule);
            self.refused(license.defined, added);
        }
    }

    fn dependency(&mut self, dependency: &Spanned<Dependency>, owner: Owner) {
        let Dependency { name, purl, kind, versions } = &dependency.value;
        let rule = index(&self.dependencies);
        let added = match (name, purl) {
            (Some(name), None) => self.add_name(name, rule),
            (None, Some(purl)) => self.add_purl(dependency.defined, purl, rule),
            (None, None) | (Some(_), Some(_)) => {
                self.wrong(dependency.defined, "a dependency has either a name or a purl");
                Ok(())
            }
        };
        self.refused(dependency.defined, added);
        let range = versions.as_ref().and_then(|versions| match Range::parse(&versions.value) {
            Ok(range) => Some(range),
            Err(bad) => {
                self.wrong(versions.defined, bad);
                None
            }
        });
        let kind = kind.as_ref().map(|kind| kind.to_ascii_lowercase());
        self.dependencies.push(DependencyRule { owner, kind, versions: range });
    }

    /// Python's names are written in several ways, of which package URLs have one.
    fn add_name(&mut self, name: &str, rule: u32) -> Result<(), BadPattern> {
        self.names.add(name, rule)?;
        let python = super::rules::python_name(name);
        if python == name.to_lowercase() { Ok(()) } else { self.names.add(&format!("pypi {python}"), rule) }
    }

    fn add_purl(&mut self, location: Location, purl: &str, rule: u32) -> Result<(), BadPattern> {
        let typed = purl.trim().strip_prefix("pkg:").and_then(|rest| rest.split_once('/'));
        let Some((kind, name)) = typed.filter(|(kind, name)| !kind.is_empty() && !name.is_empty()) else {
            self.wrong(location, format!("{purl:?} is no purl; write it like pkg:npm/left-pad"));
            return Ok(());
        };
        // A scope's @ is written as %40 in package URLs; people forget it.
        let scoped = name.strip_prefix('@').map(|rest| format!("%40{rest}"));
        self.purls.add(&format!("pkg:{kind}/{}", scoped.as_deref().unwrap_or(name)), rule)
    }

    fn api(&mut self, api: &Spanned<Api>, owner: Owner) {
        let Api { glob, regex, methods } = &api.value;
        let rule = index(&self.apis);
        let added = match (glob, regex) {
            (Some(glob), None) => self.urls.add_glob(glob, rule),
            (None, Some(regex)) => self.urls.add_regex(regex, rule),
            (None, None) | (Some(_), Some(_)) => {
                self.wrong(api.defined, "an API pattern has either a glob or a regex");
                Ok(())
            }
        };
        self.refused(api.defined, added);
        let methods = methods.iter().map(|method| method.to_ascii_uppercase()).collect();
        self.apis.push(ApiRule { owner, methods });
    }

    fn exception(&mut self, exception: &Spanned<Exception>, categories: &[&String]) {
        let at = index(&self.exceptions);
        let Exception { category, dependency, api, repository, reason, expires } = &exception.value;
        if dependency.is_none() && api.is_none() {
            self.wrong(exception.defined, "an exception needs a dependency or an api");
        }
        if reason.value.trim().is_empty() {
            self.wrong(reason.defined, "an exception needs a reason");
        }
        if let Some(dependency) = dependency {
            self.dependency(dependency, Owner::Exception(at));
        }
        if let Some(api) = api {
            self.api(api, Owner::Exception(at));
        }
        if let Some(repository) = repository {
            let added = self.repositories.add(&repository.value, at);
            self.refused(repository.defined, added);
        }
        let known = category.as_ref().map(|name| self.known_category(name, categories));
        let expires = Date::parse(&expires.value).unwrap_or_else(|| {
            self.wrong(expires.defined, format!("{:?} is no date; write it like 2030-12-31", expires.value));
            Date::default()
        });
        let reason = clean(reason.value.trim()).into_owned();
        let anywhere = repository.is_none();
        self.exceptions.push(ExceptionRule { category: known, anywhere, reason, expires });
    }

    fn known_category(&mut self, name: &Spanned<String>, categories: &[&String]) -> u16 {
        let found = (0u16..).zip(categories).find(|(_, known)| ***known == name.value);
        if found.is_none() {
            self.wrong(name.defined, format!("there is no category {:?}", name.value));
        }
        found.map_or(u16::MAX, |(at, _)| at)
    }

    fn finish(mut self, name: &str) -> Result<Policy, Vec<Mistake>> {
        let rules = self.dependencies.len() + self.apis.len() + self.licenses.len() + self.exceptions.len();
        if self.categories.len() > CATEGORIES_MAX || rules > RULES_MAX {
            let message = format!("more than {CATEGORIES_MAX} categories or {RULES_MAX} patterns and exceptions");
            self.wrong(Location::UNKNOWN, message);
        }
        let patterns = Patterns {
            names: self.built(|builder| std::mem::take(&mut builder.names).build()),
            purls: self.built(|builder| std::mem::take(&mut builder.purls).build()),
            urls: self.built(|builder| std::mem::take(&mut builder.urls).build()),
            licenses: self.built(|builder| std::mem::take(&mut builder.license_names).build()),
            repositories: self.built(|builder| std::mem::take(&mut builder.repositories).build()),
        };
        if !self.mistakes.is_empty() {
            self.mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
            return Err(self.mistakes);
        }
        let Self { categories, exceptions, dependencies, apis, licenses, .. } = self;
        let matcher = Matcher { patterns, dependencies, apis, licenses };
        Ok(Policy { name: name.to_owned(), categories: categories.into(), exceptions: exceptions.into(), matcher })
    }

    fn built<T: Default>(&mut self, build: impl Fn(&mut Self) -> Result<T, BadPattern>) -> T {
        build(self).unwrap_or_else(|bad| {
            self.wrong(Location::UNKNOWN, format!("all patterns together: {bad}"));
            T::default()
        })
    }

    fn refused(&mut self, location: Location, added: Result<(), BadPattern>) {
        if let Err(bad) = added {
            self.wrong(location, bad);
        }
    }

    fn wrong(&mut self, location: Location, message: impl std::fmt::Display) {
        self.mistakes.push(Mistake::at(location, message));
    }
}

fn index<T>(rules: &[T]) -> u32 {
    u32::try_from(rules.len()).unwrap_or(u32::MAX)
}
