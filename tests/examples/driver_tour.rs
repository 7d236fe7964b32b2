//! Shows the driver at work on the simulated machine: two adapters, three handles, the traffic of the recorded captures, and
//! beside each handle what `bpfc` selects from the same frames. Fails if they differ.
//!
//! ```text
//! cargo run -p snapgate-tests --example driver_tour [-- FILE.sys]     the linked driver, or one mapped from its file
//! ```

use std::process::ExitCode;

use snapgate_sim::image::Image;
use snapgate_tests::tour::{compare, frames};

fn main() -> ExitCode {
    let image = match std::env::args_os().nth(1) {
        None => Image::Linked(snapgate_driver::driver_entry),
        Some(path) => match Image::from_file(path.as_ref()) {
            Ok(image) => image,
            Err(error) => {
                eprintln!("{}: {error}", path.display());
                return ExitCode::from(2);
            }
        },
    };
    let frames = frames();
    println!("{} frames pass two adapters, in batches, up and down", frames.len());
    let mut code = ExitCode::SUCCESS;
    for compared in compare(&image, snapgate_sim::Options::default(), &frames) {
        let counters = compared.outcome.statistics;
        println!(
            "{:20} seen {}, rejected {}, accepted {}, delivered {}, {} bytes captured of {}",
            compared.filter,
            counters.seen,
            counters.filtered,
            counters.accepted,
            counters.delivered,
            counters.captured_bytes,
            counters.wire_bytes
        );
        match compared.difference(frames.len()) {
            None => println!("{:20} the same {} packets as bpfc selects", "", compared.expected.len()),
            Some(difference) => {
                println!("{difference}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}
