//! What the engines are to reach, beside what they do in this run. Printed, never asserted.

use crate::engine::{BASELINE, Engine, PEER};
use crate::packets::PacketSet;
use crate::table::{Measured, geometric_mean, place};

/// One engine over another, for hot, mixed and cold packets.
struct Goal {
    engine: &'static str,
    over: &'static str,
    /// Of the mean over the filters.
    floors: [f64; 3],
    aims: [f64; 3],
    /// Of every filter.
    worst: Option<f64>,
}

const GOALS: [Goal; 9] = [
    Goal { worst: Some(1.15), ..goal("prepared", PEER, [0.75, 0.95, 1.0], [0.5, 0.7, 0.75]) },
    goal("chain-1", "prepared", [1.2; 3], [1.05; 3]),
    goal("chain-2", "prepared", [1.2; 3], [1.05; 3]),
    goal("jit", BASELINE, [1.2, 1.2, 1.15], [1.0, 1.1, 1.0]),
    goal("jit-batch", BASELINE, [1.05; 3], [0.88, 0.96, 0.84]),
    goal("jit", "netbsd-jit", [1.0; 3], [1.0; 3]),
    goal("jit", "rbpf-jit", [1.0; 3], [1.0; 3]),
    goal("jit-batch", "netbsd-jit", [1.0; 3], [1.0; 3]),
    goal("prepared", "rbpf", [1.0; 3], [1.0; 3]),
];

const fn goal(engine: &'static str, over: &'static str, floors: [f64; 3], aims: [f64; 3]) -> Goal {
    Goal { engine, over, floors, aims, worst: None }
}

/// Prints those whose engines were measured.
pub(crate) fn print(measured: &Measured, engines: &[Engine], sets: &[PacketSet]) {
    println!(
        "\n{:12}{:14}{:>6}{:>8}{:>8}{:>8}{:>8}{:>8}",
        "engine", "over", "", "mean", "floor", "aim", "worst", ""
    );
    for goal in &GOALS {
        let (Some(engine), Some(over)) = (place(engines, goal.engine), place(engines, goal.over)) else {
            continue;
        };
        for (((number, set), floor), aim) in sets.iter().enumerate().zip(goal.floors).zip(goal.aims) {
            let ratios: Vec<f64> = measured.ratios(number, engine, over).into_iter().flatten().collect();
            if ratios.is_empty() {
                // One of the two can do none of the filters.
                continue;
            }
            let mean = geometric_mean(ratios.iter().copied());
            let worst = ratios.iter().copied().fold(0.0, f64::max);
            let reached = mean <= floor && goal.worst.is_none_or(|most| worst <= most);
            let said = if reached { "" } else { "  MISSED" };
            println!(
                "{:12}{:14}{:>6}{mean:>8.3}{floor:>8.2}{aim:>8.2}{worst:>8.2}{said}",
                goal.engine, goal.over, set.name
            );
        }
    }
}
