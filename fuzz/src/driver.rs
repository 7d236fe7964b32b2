//! The driver, as programs and adapters reach it.
//!
//! ```text
//! ioctl_decode   bytes ─▶ code, lengths, input ─▶ a request or a refusal; requests encode back to what they were
//! driver_events  bytes ─▶ events: requests of programs, packets of every shape, adapters that come and go ─▶ no rule broken
//! ```

use snapgate_abi::{Caller, INPUT_BYTES_MAX, IOCTLS, Input, Ioctl, decode};
use snapgate_sim::image::Image;
use snapgate_sim::schedule::{Setting, generate, run};

/// The most events of one input.
const EVENTS_MAX: usize = 120;

/// Any code, any lengths, any bytes.
pub fn ioctl_decode(bytes: &[u8]) {
    let Some(([choice, room, flags], input)) = bytes.split_first_chunk() else { return };
    let code = match IOCTLS.get(usize::from(*choice)) {
        Some(row) if flags & 2 != 0 => row.old.or(row.code),
        Some(row) => row.code.or(row.old),
        None => input.first_chunk().map(|code| u32::from_le_bytes(*code)),
    };
    let Some(code) = code else { return };
    let caller = Caller { is_32bit: flags & 1 != 0 };
    let Ok(request) = decode(code, input, usize::from(*room) * 8, caller) else { return };
    let row = Ioctl::of(request.operation()).expect("every request has a row");
    let mut memory = [0; INPUT_BYTES_MAX];
    let again = request.encode(&mut memory);
    // What is longer than the encoder's memory stays where it is; what is ignored, and handles of 32 bits, change.
    let same_length = again.input.len() == input.len() && row.input != Input::Ignored;
    if same_length && !caller.is_32bit {
        let decoded = decode(again.code, again.input, usize::from(*room) * 8, caller);
        assert_eq!(decoded, Ok(request), "{code:#x} {input:?}");
    }
}

/// Eight bytes an event.
pub fn driver_events(bytes: &[u8]) {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut events = generate::beginning(u64::from(rest.len() as u8));
    events.extend(words.iter().take(EVENTS_MAX).map(|word| generate::event_of(u64::from_le_bytes(*word))));
    let setting = Setting::of(words.len() as u64);
    if let Err(violation) = run(&Image::Linked(snapgate_driver::driver_entry), &events, setting) {
        panic!("{violation}");
    }
}
