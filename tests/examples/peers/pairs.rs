//! Programs in turn on the same trees.

use std::time::Duration;

use e2e::measure::{self, Cost};

use super::TURNS;
use super::programs::Program;
use super::trees::{self, Tree};

/// Syft takes seconds where the others take tenths.
const SYFT_TURNS: usize = 3;

/// We, Trivy and Syft.
pub fn peers() {
    compare(&[Program::Dependencies, Program::WithCalls, Program::Trivy, Program::Syft], Program::Trivy);
}

/// What process, sandbox, checks and report cost beside the scanning itself.
pub fn tax() {
    println!();
    compare(&[Program::Dependencies, Program::Native], Program::Native);
    compare(&[Program::WithCalls, Program::NativeWithCalls], Program::NativeWithCalls);
}

/// Prints what every program costs on every tree, and that as a share of what `base` costs.
fn compare(programs: &[Program], base: Program) {
    for missing in programs.iter().filter(|program| !program.is_there()) {
        println!("{} cannot be had here and is left out", missing.name());
    }
    let programs: Vec<Program> = programs.iter().copied().filter(|program| program.is_there()).collect();
    println!("| tree | | wall | processor | memory | to {}: wall | processor | memory |", base.name());
    println!("|---|---|---|---|---|---|---|---|");
    for tree in trees::all() {
        // What is not in the page cache is not what is measured.
        for program in &programs {
            let _cost = program.run(&tree.folder);
        }
        let mut costs = vec![Vec::new(); programs.len()];
        for turn in 0..TURNS {
            for (program, costs) in programs.iter().zip(&mut costs) {
                if *program != Program::Syft || turn < SYFT_TURNS {
                    costs.push(program.run(&tree.folder));
                }
            }
        }
        let bases = programs.iter().position(|program| *program == base).map(|at| costs[at].clone());
        for (program, costs) in programs.iter().zip(costs) {
            row(&tree, *program, costs, bases.as_deref().filter(|_| *program != base));
        }
    }
}

fn row(tree: &Tree, program: Program, costs: Vec<Cost>, bases: Option<&[Cost]>) {
    let seconds = |duration: Duration| duration.as_secs_f64();
    let ratio = |of: fn(&Cost) -> f64| {
        bases.map_or_else(String::new, |bases| format!("{:.2}", measure::median_ratio(&costs, bases, of)))
    };
    let ratios =
        [ratio(|cost| cost.time.as_secs_f64()), ratio(|cost| cost.cpu.as_secs_f64()), ratio(|cost| cost.memory as f64)];
    let cost = measure::median(costs.clone());
    println!(
        "| {} | {} | {:.0} ms | {:.0} ms | {} MiB | {} |",
        tree.name,
        program.name(),
        seconds(cost.time) * 1e3,
        seconds(cost.cpu) * 1e3,
        cost.memory / 1024,
        ratios.join(" | ")
    );
}
