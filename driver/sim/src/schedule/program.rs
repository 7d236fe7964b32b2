//! What a program of a schedule does, event by event.

use std::cell::RefCell;
use std::rc::Rc;

use snapgate_abi::shared::{self, SharedRecords};
use snapgate_abi::{Direction, IOCTLS, Ioctl, Mode, Operation, ReadTimeout, Request, TimestampMode};

use super::Numbers;
use super::event::HandleEvent;
use super::traffic;
use crate::machine::violate;
use crate::scenario::{Capture, insns, packets};
use crate::sched;
use crate::user::{Memory, Pending, Process, User};
use crate::verify::Rule;

/// Filters of schedules, by number: some are refused.
const FILTERS: [&[(u16, u8, u8, u32)]; 7] = [
    &[],
    &[(6, 0, 0, 0xffff_ffff)],
    &[(6, 0, 0, 0)],
    &[(6, 0, 0, 64)],
    // ldh [12]; jeq #0x800, accept 96, reject.
    &[(0x28, 0, 0, 12), (0x15, 0, 1, 0x800), (6, 0, 0, 96), (6, 0, 0, 0)],
    // A jump beyond the end.
    &[(5, 0, 0, 7), (6, 0, 0, 1)],
    // A division by zero.
    &[(0x34, 0, 0, 0), (6, 0, 0, 1)],
];

/// A program with one handle.
pub(super) struct Program {
    process: Process,
    guids: Vec<String>,
    pub(super) capture: Rc<RefCell<Option<Capture>>>,
    pending: Vec<Pending>,
    mapped: Option<(Memory, u64)>,
}

impl Program {
    pub(super) fn new(guids: Vec<String>, number: u8) -> Self {
        let user = if number.is_multiple_of(2) { User::Guest } else { User::Administrator };
        Self { process: Process::new(user), guids, capture: Rc::default(), pending: Vec::new(), mapped: None }
    }

    fn guid(&self, number: u8) -> Option<String> {
        self.guids.get(usize::from(number)).cloned()
    }

    /// Does one thing. What cannot be done now does nothing.
    pub(super) fn act(&mut self, event: HandleEvent) {
        let open = self.capture.borrow().clone();
        let Some(capture) = open else {
            if let HandleEvent::Open(adapter) = event {
                let opened = match self.guid(adapter) {
                    Some(guid) => Capture::open(&self.process, &guid),
                    None => Capture::open_root(&self.process),
                };
                *self.capture.borrow_mut() = opened.ok();
            }
            return;
        };
        self.look_at_done();
        let set = |request: Request<'_>| drop(capture.ask(&request, 0));
        match event {
            HandleEvent::Open(_) => {}
            HandleEvent::Close => self.close(&capture),
            HandleEvent::Exit => {
                self.process.exit();
                self.forget();
            }
            HandleEvent::Bind(adapter) => {
                if let Some(guid) = self.guid(adapter) {
                    capture.bind(&guid).unwrap_or_default();
                }
            }
            HandleEvent::Filter(number) => {
                let filter = FILTERS.get(usize::from(number) % FILTERS.len()).copied().unwrap_or_default();
                capture.set_filter(&insns(filter)).unwrap_or_default();
            }
            HandleEvent::Buffer(bytes) => {
                self.mapped = None;
                // Rings of a gigabyte are refused by the simulated pool, not allocated.
                capture.set_buffer(if bytes > 1 << 20 { 0x4000_0001 } else { bytes }).unwrap_or_default();
            }
            HandleEvent::Mode(bits) => match Mode::from_bits(bits) {
                Some(mode) => set(Request::SetMode(mode)),
                None => drop(capture.file.control_sync(0x21_6814, &bits.to_le_bytes(), 0)),
            },
            HandleEvent::MinToCopy(bytes) => set(Request::SetMinToCopy(bytes)),
            HandleEvent::SnapLength(bytes) => set(Request::SetSnapLength(bytes)),
            HandleEvent::Direction(number) => {
                if let Some(direction) = Direction::from_number(number) {
                    set(Request::SetDirection(direction));
                }
            }
            HandleEvent::Timeout(number) => set(Request::SetReadTimeout(ReadTimeout::from_number(number))),
            HandleEvent::Clock(number) => {
                if let Some(mode) = TimestampMode::from_number(number) {
                    set(Request::SetTimestampMode(mode));
                }
            }
            HandleEvent::Loopback(number) => set(Request::SetLoopback(number & 1 == 0)),
            HandleEvent::Notify => {
                let event = self.process.create_event();
                set(Request::SetEvent(event as u64));
            }
            HandleEvent::Read(bytes) => self.pending.push(capture.file.read(bytes)),
            HandleEvent::Cancel => capture.file.cancel(),
            HandleEvent::Await => {
                for pending in &self.pending {
                    pending.wait(Some(10_000_000));
                }
                self.look_at_done();
            }
            HandleEvent::MapRing(bytes) => self.map(&capture, bytes),
            HandleEvent::Consume => self.consume(),
            HandleEvent::Scribble(seed) => self.scribble(seed),
            HandleEvent::Statistics => drop(capture.statistics()),
            HandleEvent::Garbage(seed) => self.garbage(&capture, seed),
            HandleEvent::Sleep(milliseconds) => sched::sleep(u64::from(milliseconds) * 10_000),
        }
    }

    fn forget(&mut self) {
        *self.capture.borrow_mut() = None;
        self.mapped = None;
        self.look_at_done();
        self.pending.clear();
    }

    fn close(&mut self, capture: &Capture) {
        capture.file.close();
        self.forget();
    }

    /// Ends the program: nothing may be pending after that.
    pub(super) fn end(&mut self) {
        self.process.exit();
        self.look_at_done();
        if !self.pending.is_empty() {
            violate(Rule::R1, "requests are pending after their process has ended");
        }
        self.forget();
    }

    /// Checks whatever was read.
    fn look_at_done(&mut self) {
        let (done, pending): (Vec<_>, Vec<_>) = self.pending.drain(..).partition(Pending::is_done);
        self.pending = pending;
        for read in done {
            if read.status() == 0 && read.is_read() {
                for packet in packets(&read.output()) {
                    check(&packet);
                }
            }
        }
    }

    fn map(&mut self, capture: &Capture, bytes: u32) {
        let memory = Memory::new(bytes as usize);
        let Some(code) = Ioctl::of(Operation::MapRing).and_then(|row| row.code) else { return };
        let request = capture.file.control_direct(code, &[], &memory, bytes);
        if !request.is_done() {
            self.mapped = Some((memory, 0));
        }
        self.pending.push(request);
    }

    fn word(memory: &Memory, offset: usize) -> u64 {
        let mut word = [0; 8];
        for (to, from) in word.iter_mut().zip(memory.read(offset, 8)) {
            *to = from;
        }
        u64::from_le_bytes(word)
    }

    fn consume(&mut self) {
        let Some((memory, position)) = &mut self.mapped else { return };
        let head = Self::word(memory, shared::HEAD_OFFSET);
        let capacity = usize::try_from(Self::word(memory, shared::CAPACITY_OFFSET)).unwrap_or_default();
        let data = memory.read(shared::HEADER_BYTES, capacity);
        let mut records = SharedRecords::new(&data, *position, head);
        records.by_ref().for_each(drop);
        *position = records.position();
        memory.write(shared::TAIL_OFFSET, &position.to_le_bytes());
    }

    /// As a hostile program: anywhere, anything.
    fn scribble(&mut self, seed: u32) {
        let Some((memory, _)) = &self.mapped else { return };
        let mut numbers = Numbers::new(u64::from(seed));
        for _ in 0..8 {
            let offset = match numbers.below(4) {
                0 => shared::TAIL_OFFSET,
                1 => shared::HEAD_OFFSET,
                2 => shared::NEEDS_WAKEUP_OFFSET,
                _ => usize::try_from(numbers.below(memory.bytes() as u64)).unwrap_or_default(),
            };
            let word = numbers.next();
            let word = if numbers.chance(300) { word & 0xffc0 } else { word };
            memory.write(offset, &word.to_le_bytes());
        }
    }

    fn garbage(&mut self, capture: &Capture, seed: u32) {
        let mut numbers = Numbers::new(u64::from(seed) | 1 << 41);
        let row = usize::try_from(numbers.below(IOCTLS.len() as u64)).unwrap_or_default();
        let row = IOCTLS.get(row).and_then(|row| row.code.or(row.old));
        let code = if numbers.chance(800) {
            row.unwrap_or(9031)
        } else {
            u32::try_from(numbers.below(1 << 32)).unwrap_or(0)
        };
        // The system gives addresses to no driver of this kind: such requests end with it.
        if code & 3 == 3 {
            return;
        }
        let length = numbers.pick(&[0, 1, 4, 8, 12, 16, 40]).unwrap_or(0);
        let input: Vec<u8> = (0..length).map(|_| u8::try_from(numbers.below(4)).unwrap_or(0)).collect();
        let output = usize::try_from(numbers.below(200)).unwrap_or(0);
        self.pending.push(capture.file.control(code, &input, output));
    }
}

fn check(packet: &crate::scenario::Packet) {
    if packet.header_len == 20 && packet.bytes.len() <= 16 {
        // The counts of statistics mode.
        return;
    }
    if let Err(wrong) = traffic::check(packet) {
        violate(Rule::N8, wrong);
    }
}
