//! What was counted, as tables.

use crate::counts::{self, Counted, SLOWER_BY};

/// So many of a list are printed unless all are wanted.
const SOME: usize = 10;
/// So many instructions more on one packet, and a filter is named.
const SLOWER_ON_A_PACKET_BY: u64 = 2;

/// All tables; of the filters on which ours is worse the worst ones, or all.
pub(crate) fn print(counted: &[Counted], all: bool) {
    classes(counted);
    let limit = if all { usize::MAX } else { SOME };
    longer(counted, limit);
    slower(counted, limit);
    slower_on_a_packet(counted, limit);
}

/// One line for each filter, for machines: class, lengths, instructions of an average packet, link type, filter.
pub(crate) fn print_each(counted: &[Counted]) {
    for one in counted {
        let ([ours, theirs], filter) = (one.len, &one.filter);
        let (run, they_run) = (one.average(0), one.average(1));
        println!(
            "{}\t{ours}\t{theirs}\t{run:.2}\t{they_run:.2}\t{}\t{}",
            filter.class, filter.link, filter.text
        );
    }
}

fn classes(counted: &[Counted]) {
    println!("ours / libpcap's: size, and executed instructions, the geometric mean over the filters");
    println!(
        "{:12} {:>7} {:>7} {:>7} {:>7} {:>9} {:>9}   worst executed",
        "class", "filters", "ours", "libpcap", "size", "executed", "recorded"
    );
    let of_recorded = counts::ratios(counted.iter().filter(|one| one.is_recorded));
    for (class, ratios) in counts::ratios(counted) {
        let [ours, theirs] = ratios.len;
        let recorded =
            of_recorded.get(&class).map_or("-".into(), |ratios| format!("{:.3}", ratios.executed()));
        let of_class = counted.iter().filter(|one| one.filter.class == class || class == "total");
        let worst = of_class.max_by(|one, other| one.ratio().total_cmp(&other.ratio()));
        let worst = worst.map_or(String::new(), |one| format!("{:.2} {}", one.ratio(), one.filter.text));
        let worst: String = worst.chars().take(70).collect();
        let (filters, size, executed) = (ratios.filters, ratios.size(), ratios.executed());
        println!(
            "{class:12} {filters:7} {ours:7} {theirs:7} {size:7.3} {executed:9.3} {recorded:>9}   {worst}"
        );
    }
    println!(
        "executed: over all packets of the link type; recorded: of link types with captures in tests/captures"
    );
}

fn longer(counted: &[Counted], limit: usize) {
    let mut longer: Vec<_> = counted.iter().filter(|one| one.is_longer()).collect();
    longer.sort_by_key(|one| std::cmp::Reverse(one.excess()));
    println!("\n{} filters of which our program is longer: by, ours, libpcap's", longer.len());
    for one in longer.iter().take(limit) {
        let ([ours, theirs], by) = (one.len, one.excess());
        println!("{by:+5} {ours:5} {theirs:5}  {:16} {}", one.filter.link, one.filter.text);
    }
    omitted(longer.len(), limit);
}

fn slower(counted: &[Counted], limit: usize) {
    let mut slower: Vec<_> = counted.iter().filter(|one| one.is_slower()).collect();
    let by = |one: &Counted| one.average(0) - one.average(1);
    slower.sort_by(|one, other| by(other).total_cmp(&by(one)));
    let count = slower.len();
    println!(
        "\n{count} filters on which ours executes on the average over {SLOWER_BY} instructions more: by, ours, libpcap's"
    );
    for one in slower.into_iter().take(limit) {
        let (ours, theirs) = (one.average(0), one.average(1));
        println!("{:+6.1} {ours:6.1} {theirs:6.1}  {:16} {}", by(one), one.filter.link, one.filter.text);
    }
    omitted(count, limit);
}

fn slower_on_a_packet(counted: &[Counted], limit: usize) {
    let mut slower: Vec<_> =
        counted.iter().filter(|one| one.excess_on_a_packet() > SLOWER_ON_A_PACKET_BY).collect();
    slower.sort_by_key(|one| std::cmp::Reverse(one.excess_on_a_packet()));
    println!(
        "\n{} filters on which ours executes on some packet over {SLOWER_ON_A_PACKET_BY} instructions more: by, ours, libpcap's on it",
        slower.len()
    );
    for one in slower.iter().take(limit) {
        let ([ours, theirs], by) = (one.worst, one.excess_on_a_packet());
        println!("{by:+5} {ours:5} {theirs:5}  {:16} {}", one.filter.link, one.filter.text);
    }
    omitted(slower.len(), limit);
}

fn omitted(count: usize, limit: usize) {
    if count > limit {
        println!("... and {} more: without an argument, all", count - limit);
    }
}
