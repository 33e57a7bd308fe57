//! What follows from the edges between a file's packages.

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

/// Stronger scopes win: a package that is needed to run is shipped, whoever else needs it.
fn rank(scope: Scope) -> u8 {
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

    #[test]
    fn the_strongest_scope_wins_and_cycles_end() {
        let mut records = Records::default();
        let ids: Vec<_> = ["app", "tool", "shared", "deep"]
            .into_iter()
            .filter_map(|name| records.package(Package { purl: format!("pkg:generic/{name}"), ..Package::default() }))
            .collect();
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
}
