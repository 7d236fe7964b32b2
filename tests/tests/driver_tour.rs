//! The driver's tour with the traffic of the recorded captures: what three handles get is what `bpfc` selects from the same
//! frames, to the byte, and every packet is counted. Linked, and mapped from its file.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by a panic")]

use snapgate_sim::image::Image;
use snapgate_tests::tour::{compare, frames};

fn check(image: &Image, options: snapgate_sim::Options) {
    let frames = frames();
    for compared in compare(image, options, &frames) {
        assert!(compared.expected.len() > 20, "{} selects nothing to speak of", compared.filter);
        assert_eq!(compared.difference(frames.len()), None);
    }
}

#[test]
fn the_linked_driver_captures_what_bpfc_selects() {
    check(&Image::Linked(snapgate_driver::driver_entry), snapgate_sim::Options::default());
}

#[test]
fn threads_that_give_way_anywhere_change_nothing() {
    let policy = snapgate_sim::sched::Policy::Random { per_mille: 50 };
    let options = snapgate_sim::Options { seed: 11, policy, ..snapgate_sim::Options::default() };
    check(&Image::Linked(snapgate_driver::driver_entry), options);
}

#[test]
fn a_packet_that_differs_is_told() {
    let frames = frames();
    let image = Image::Linked(snapgate_driver::driver_entry);
    let mut compared = compare(&image, snapgate_sim::Options::default(), &frames).remove(0);
    compared.expected.last_mut().unwrap().0.push(0);
    assert!(compared.difference(frames.len()).unwrap().contains("is not what bpfc selects"));
    compared.expected.pop();
    assert!(compared.difference(frames.len()).unwrap().contains("bpfc selects"));
}

#[test]
#[cfg(feature = "sys")]
fn the_driver_mapped_from_its_file_captures_the_same() {
    let path = std::env::var_os("SNAPGATE_SYS")
        .expect("SNAPGATE_SYS must name the file that driver/sys/build makes");
    check(&Image::from_file(path.as_ref()).unwrap(), snapgate_sim::Options::default());
}
