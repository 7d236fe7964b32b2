//! Laws of the interface over random bytes.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use proptest::prelude::*;
use snapgate_abi::record::{self, Header, Records};
use snapgate_abi::shared::SharedRecords;
use snapgate_abi::{Caller, IOCTLS, decode};

fn code() -> impl Strategy<Value = u32> {
    let known: Vec<u32> = IOCTLS.iter().flat_map(|row| [row.code, row.old]).flatten().collect();
    prop_oneof![4 => prop::sample::select(known), 1 => any::<u32>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn any_request_is_decoded_or_refused_with_an_error(
        code in code(),
        input in prop::collection::vec(any::<u8>(), 0..80),
        output in 0_usize..300,
        is_32bit: bool,
    ) {
        match decode(code, &input, output, Caller { is_32bit }) {
            Ok(request) => prop_assert!(IOCTLS.iter().any(|row| row.operation == request.operation())),
            // The two upper bits: an error, not a success or a warning.
            Err(refusal) => prop_assert_eq!(refusal.status().cast_unsigned() >> 30, 3),
        }
    }

    #[test]
    fn readers_end_on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600), position: u64, ahead in prop_oneof![0_u64..2000, any::<u64>()]) {
        prop_assert!(Records::new(&bytes).count() <= bytes.len());
        let head = position.saturating_add(ahead);
        prop_assert!(SharedRecords::new(&bytes, position, head).count() <= bytes.len() / 64 + 1);
    }

    #[test]
    fn records_come_back_as_they_were_written(
        seconds: i32, fraction: u32, length: u32, ethernet: bool, data in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let header_len = record::header_len(if ethernet { 14 } else { 0 });
        let captured = u32::try_from(data.len()).unwrap();
        let header = Header { seconds, fraction, captured, length, header_len };
        let mut bytes = header.to_bytes().to_vec();
        bytes.truncate(usize::from(header_len));
        bytes.extend_from_slice(&data);
        bytes.resize(record::record_len(header_len, captured), 0);
        let mut records = Records::new(&bytes);
        let record = records.next().unwrap();
        prop_assert_eq!((record.header, record.data), (header, data.as_slice()));
        prop_assert!(records.rest().is_empty());
    }
}

/// A program that wrote over the head itself must not walk for years.
#[test]
fn a_head_far_away_is_not_believed() {
    let mut area = vec![0; 256];
    for grain in area.chunks_exact_mut(64) {
        grain[0] = 64;
        // Nothing to read in it.
        grain[4] = 1;
    }
    let mut records = SharedRecords::new(&area, 64, u64::MAX);
    assert!(records.next().is_none());
    assert_eq!(records.position(), 64 + 256);
}
