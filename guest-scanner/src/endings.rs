//! A table by the ends of files' names: of hundreds of patterns, the few that could fit a name.

use crate::names::NameMap;
use crate::path::extension;

/// Items in their order, each under the extension that all names have which it could fit, or under none.
#[derive(Clone, Debug)]
pub(crate) struct Endings<T> {
    /// Under each extension all that could fit its names, those under none among them.
    by_extension: NameMap<String, Vec<T>>,
    others: Vec<T>,
}

impl<T: Clone> Endings<T> {
    /// Puts each item under the extension in which the names that it fits end: what stands behind the last dot of
    /// the text that `ending` gives for it. An item whose ending has no dot could fit any name.
    pub(crate) fn new(items: impl IntoIterator<Item = T>, ending: impl Fn(&T) -> &str) -> Self {
        let mut endings = Self { by_extension: NameMap::default(), others: Vec::new() };
        for item in items {
            match extension(ending(&item)).map(str::to_owned) {
                Some(extension) => {
                    let of_extension = endings.by_extension.entry(extension);
                    of_extension.or_insert_with(|| endings.others.clone()).push(item);
                }
                None => {
                    endings.by_extension.values_mut().for_each(|items| items.push(item.clone()));
                    endings.others.push(item);
                }
            }
        }
        endings
    }

    /// Those that could fit a file of this name, in their order.
    pub(crate) fn of(&self, name: &str) -> &[T] {
        extension(name).and_then(|extension| self.by_extension.get(extension)).unwrap_or(&self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::Endings;

    #[test]
    fn what_could_fit_comes_in_its_order() {
        let endings = Endings::new(["a.yml", "Dockerfile", ".yml", "x.y.ts", ""], |ending| ending);
        assert_eq!(endings.of("b.yml"), ["a.yml", "Dockerfile", ".yml", ""]);
        assert_eq!(endings.of("x.y.ts"), ["Dockerfile", "x.y.ts", ""]);
        assert_eq!(endings.of("c.rs"), ["Dockerfile", ""]);
        assert_eq!(endings.of("Dockerfile"), ["Dockerfile", ""]);
    }
}
