//! `go.sum`: a line for each checksum, `module version h1:base64`. A version that ends with `/go.mod`
//! is of that file alone: then the module was looked at, but perhaps never used.

use std::collections::HashMap;

use super::version;

/// The checksums of whole modules.
pub(in crate::extractors) struct Sums<'a> {
    modules: Vec<Module<'a>>,
    by_version: HashMap<(&'a str, &'a str), usize>,
}

/// One of them.
pub(in crate::extractors) struct Module<'a> {
    pub(in crate::extractors) path: &'a str,
    pub(in crate::extractors) version: &'a str,
    pub(in crate::extractors) sum: &'a str,
    pub(in crate::extractors) line: u32,
}

/// Reads `text`, and gives `problem` the line and a message for whatever is no checksum.
pub(in crate::extractors) fn read<'a>(text: &'a str, mut problem: impl FnMut(u32, &str)) -> Sums<'a> {
    let mut sums = Sums { modules: Vec::new(), by_version: HashMap::new() };
    for (line, number) in text.lines().zip(1_u32..) {
        let mut words = line.split_whitespace();
        let fields = (words.next(), words.next(), words.next(), words.next());
        match fields {
            (None, ..) => {}
            // Other algorithms may come; they would not be ours to judge.
            (Some(path), Some(version), Some(sum), None) if sum.contains(':') => {
                if !version.ends_with("/go.mod") {
                    sums.by_version.insert((path, version), sums.modules.len());
                    sums.modules.push(Module { path, version, sum, line: number });
                }
            }
            _ => problem(number, "is not of the form: module version checksum"),
        }
    }
    sums
}

impl<'a> Sums<'a> {
    /// The checksum of a module at a version.
    pub(in crate::extractors) fn of(&self, path: &str, version: &str) -> Option<&'a str> {
        self.by_version.get(&(path, version)).and_then(|index| self.modules.get(*index)).map(|module| module.sum)
    }

    /// The newest version of each module, in the order of the file: older ones are left from before.
    pub(in crate::extractors) fn selected(&self) -> Vec<&Module<'a>> {
        let mut newest: HashMap<&str, &Module<'a>> = HashMap::new();
        for module in &self.modules {
            let known = newest.entry(module.path).or_insert(module);
            if version::compare(known.version, module.version).is_lt() {
                *known = module;
            }
        }
        let mut selected: Vec<_> = newest.into_values().collect();
        selected.sort_by_key(|module| module.line);
        selected
    }
}
