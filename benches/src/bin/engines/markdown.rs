//! The tables of `docs/performance.md`: a row for each filter, a column for each engine.

use crate::counts::Counted;
use crate::engine::{BASELINE, Engine};
use crate::filters::Filter;
use crate::packets::PacketSet;
use crate::table::{Measured, geometric_mean, place};

/// One of the tables, by column.
struct Table<'a> {
    title: String,
    filters: &'a [Filter],
    columns: Vec<(&'static str, Vec<Option<f64>>)>,
    /// Digits behind the point.
    digits: usize,
}

impl Table<'_> {
    fn print(&self) {
        print!("\n{}\n\n| filter | instructions |", self.title);
        for (name, _) in &self.columns {
            print!(" {name} |");
        }
        println!("\n| --- | --- |{}", " --- |".repeat(self.columns.len()));
        for (row, filter) in self.filters.iter().enumerate() {
            let text = filter.shown().replace('|', "\\|");
            print!("| `{text}` | {} |", filter.program.len());
            for (_, cells) in &self.columns {
                match cells.get(row).copied().flatten() {
                    Some(cell) => print!(" {cell:.*} |", self.digits),
                    None => print!(" - |"),
                }
            }
            println!();
        }
        print!("| **mean** | |");
        for (_, cells) in &self.columns {
            print!(" **{:.*}** |", self.digits, geometric_mean(cells.iter().flatten().copied()));
        }
        println!();
    }
}

/// Prints them all.
pub(crate) fn print(
    measured: &Measured,
    counted: &Counted,
    engines: &[Engine],
    filters: &[Filter],
    sets: &[PacketSet],
) {
    let baseline = place(engines, BASELINE).unwrap_or_default();
    for (set, kind) in sets.iter().enumerate() {
        let ratios =
            |(number, engine): (usize, &Engine)| (engine.name, measured.ratios(set, number, baseline));
        let title = format!("Time on {} packets, over {BASELINE}:", kind.name);
        Table { title, filters, columns: engines.iter().enumerate().map(ratios).collect(), digits: 2 }
            .print();
    }
    let count = |(number, engine): (usize, &Engine)| {
        let cells = counted.iter().map(|filter| filter.get(number).copied().flatten());
        (engine.name, cells.collect())
    };
    let title = "Machine instructions for each packet, mix, with the loop over the packets:".to_owned();
    Table { title, filters, columns: engines.iter().enumerate().map(count).collect(), digits: 0 }.print();
}
