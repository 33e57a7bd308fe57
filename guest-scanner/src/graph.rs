//! What follows from the edges between a file's packages.

use std::collections::HashSet;

use fumehood_contract::{Relation, Scope};

use crate::records::{PackageId, Records};

/// Marks `roots` as direct and everything else that is not the project's own as transitive, and
/// gives each package the strongest scope of the roots that lead to it: what a runtime dependency
/// needs is needed at run time, whoever else wants it. Packages that no root leads to keep their
/// scope. Iterative, and linear in packages and edges: each is visited at most once a scope.
pub fn spread(records: &mut Records, roots: &[(PackageId, Scope)]) {
    let mut strength: Vec<u8> = vec![0; records.packages().len()];
    let mut ordered = roots.to_vec();
    ordered.sort_by_key(|(_, scope)| std::cmp::Reverse(rank(*scope)));
    let mut waiting = Vec::new();
    for (root, scope) in ordered {
        waiting.push(root.index());
        while let Some(index) = waiting.pop() {
            let Some(seen) = strength.get_mut(index) else { continue };
            if *seen >= rank(scope) {
                continue;
            }
            *seen = rank(scope);
            if let Some(package) = records.packages_mut().get_mut(index) {
                package.scope = scope;
                waiting.extend(package.depends_on.iter().map(|to| *to as usize));
            }
        }
    }
    for (root, _) in roots {
        if let Some(package) = records.get_mut(*root)
            && package.relation != Relation::Project
        {
            package.relation = Relation::Direct;
        }
    }
    records.rest_is_transitive();
}

/// After [`spread`]: makes optional what is there at run time only by way of an edge of `optional`.
/// Linear in packages and edges.
pub fn weaken(records: &mut Records, roots: &[(PackageId, Scope)], optional: &HashSet<(PackageId, PackageId)>) {
    let optional: HashSet<_> = optional.iter().map(|(from, to)| (from.index(), to.index())).collect();
    let start: Vec<usize> =
        roots.iter().filter(|(_, scope)| *scope == Scope::Runtime).map(|(root, _)| root.index()).collect();
    let reached = reach(records, start.clone(), |_| true);
    let needed = reach(records, start, |edge| !optional.contains(&edge));
    for ((package, reached), needed) in records.packages_mut().iter_mut().zip(reached).zip(needed) {
        if reached && !needed && package.scope == Scope::Runtime {
            package.scope = Scope::Optional;
        }
    }
}

/// Which packages the edges that `follow` allows lead to.
fn reach(records: &Records, start: Vec<usize>, follow: impl Fn((usize, usize)) -> bool) -> Vec<bool> {
    let mut seen = vec![false; records.packages().len()];
    let mut waiting = start;
    while let Some(index) = waiting.pop() {
        let (Some(seen), Some(package)) = (seen.get_mut(index), records.packages().get(index)) else { continue };
        if !*seen {
            *seen = true;
            let edges = package.depends_on.iter().map(|to| (index, *to as usize));
            waiting.extend(edges.filter(|edge| follow(*edge)).map(|(_, to)| to));
        }
    }
    seen
}

/// The strength of a scope. Stronger scopes win: a package that is needed to run is shipped, whoever else needs it.
pub fn rank(scope: Scope) -> u8 {
    match scope {
        Scope::Runtime => 6,
        Scope::Peer => 5,
        Scope::Optional => 4,
        Scope::Build => 3,
        Scope::Test => 2,
        Scope::Dev => 1,
    }
}

#[cfg(test)]
mod tests {
    use fumehood_contract::Package;

    use super::*;

    fn add(records: &mut Records, names: &[&str]) -> Vec<PackageId> {
        let named = |name: &&str| Package {
            name: (*name).to_owned(),
            purl: format!("pkg:generic/{name}"),
            ..Package::default()
        };
        names.iter().map(named).filter_map(|package| records.package(package)).collect()
    }

    #[test]
    fn the_strongest_scope_wins_and_cycles_end() {
        let mut records = Records::default();
        let ids = add(&mut records, &["app", "tool", "shared", "deep"]);
        for (from, to) in [(0, 2), (1, 2), (2, 3), (3, 2)] {
            records.depends(ids[from], ids[to]);
        }
        spread(&mut records, &[(ids[1], Scope::Dev), (ids[0], Scope::Runtime)]);
        let found: Vec<_> = records.packages().iter().map(|p| (p.scope, p.relation)).collect();
        assert_eq!(
            found,
            [
                (Scope::Runtime, Relation::Direct),
                (Scope::Dev, Relation::Direct),
                (Scope::Runtime, Relation::Transitive),
                (Scope::Runtime, Relation::Transitive),
            ]
        );
    }

    #[test]
    fn what_only_optional_edges_lead_to_is_optional() {
        let mut records = Records::default();
        let ids = add(&mut records, &["app", "native", "inside", "shared", "tool", "elsewhere"]);
        for (from, to) in [(0, 1), (1, 2), (1, 3), (0, 3), (4, 1)] {
            records.depends(ids[from], ids[to]);
        }
        let roots = [(ids[0], Scope::Runtime), (ids[4], Scope::Dev)];
        spread(&mut records, &roots);
        weaken(&mut records, &roots, &HashSet::from([(ids[0], ids[1])]));
        let found: Vec<_> = records.packages().iter().map(|p| p.scope).collect();
        let (runtime, optional) = (Scope::Runtime, Scope::Optional);
        assert_eq!(found, [runtime, optional, optional, runtime, Scope::Dev, runtime]);
    }
}
