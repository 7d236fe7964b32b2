//! The driver mapped from its file: the same schedules as the linked one, and files that are no drivers.
//!
//! `SNAPGATE_SYS` names the file: `driver/sys/build` prints its path.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by a panic"
)]

use std::path::PathBuf;

use proptest::prelude::*;
use snapgate_sim::image::Image;
use snapgate_sim::image::pe::{Error, Mapped};
use snapgate_sim::schedule::run_seed;

fn path() -> PathBuf {
    let path = std::env::var_os("SNAPGATE_SYS")
        .expect("SNAPGATE_SYS must name the file that driver/sys/build makes");
    path.into()
}

#[test]
fn no_schedule_breaks_a_rule() {
    let image = Image::from_file(&path()).unwrap();
    for seed in 0..2000 {
        if let Err(violation) = run_seed(&image, seed, 150) {
            panic!("{violation}\nexample schedules: --sys {} --replay {seed}", path().display());
        }
    }
}

#[test]
fn linked_and_mapped_take_the_same_steps() {
    let image = Image::from_file(&path()).unwrap();
    for seed in [0, 1, 2, 5, 6] {
        let mapped = run_seed(&image, seed, 150).unwrap();
        let linked = run_seed(&Image::Linked(snapgate_driver::driver_entry), seed, 150).unwrap();
        assert_eq!(
            (mapped.seen, mapped.fallible_calls, mapped.trace),
            (linked.seen, linked.fallible_calls, linked.trace)
        );
    }
}

#[test]
fn a_file_for_another_machine_is_refused() {
    let mut bytes = std::fs::read(path()).unwrap();
    let headers = u32::from_le_bytes(bytes[0x3c..0x40].try_into().unwrap()) as usize;
    bytes[headers + 4..headers + 6].copy_from_slice(&0xaa64_u16.to_le_bytes());
    let error = Mapped::from_bytes(&bytes).unwrap_err();
    assert!(matches!(error, Error::Other { what: "Machine", found: 0xaa64, .. }), "{error}");
    assert!(matches!(Mapped::from_bytes(b"MZ").unwrap_err(), Error::Malformed(_)));
    assert!(matches!(Mapped::load("/nonexistent".as_ref()).unwrap_err(), Error::Read { .. }));
}

#[test]
fn an_import_that_nobody_exports_is_named() {
    let mut bytes = std::fs::read(path()).unwrap();
    let name = b"KeSetEvent\0";
    let at = bytes.windows(name.len()).position(|window| window == name).unwrap();
    bytes[at + 2] = b'X';
    let error = Mapped::from_bytes(&bytes).unwrap_err();
    assert!(error.to_string().contains("ntoskrnl.exe exports no KeXetEvent"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn damaged_files_are_loaded_or_refused(
        changes in prop::collection::vec((0_usize..0x1000, any::<u8>()), 1..8),
        cut in prop::option::of(0_usize..60_000),
    ) {
        let mut bytes = std::fs::read(path()).unwrap();
        for (at, byte) in changes {
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
        }
        bytes.truncate(cut.unwrap_or(usize::MAX));
        drop(Mapped::from_bytes(&bytes));
    }
}
