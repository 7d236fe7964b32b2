//! ATM as SunATM's driver captures it.
//!
//! ```text
//!   0 flags and kind │ 1 virtual path │ 2 virtual channel (2 bytes) │ 4 packet
//! ```

use crate::diagnostic::Code;
use crate::graph::{PredicateId, Size};
use crate::link::LinkType;
use crate::syntax::ast::RelOp;
use crate::syntax::words::{Keyword, Ss7Field};

use super::{Lower, Lowering};

const VPI_AT: u32 = 1;
const VCI_AT: u32 = 2;
const PACKET_AT: u32 = 4;
/// Kinds, in the lower half of byte 0.
const KIND_MASK: u32 = 0x0f;
const LANE: u32 = 1;
pub(super) const LLC: u32 = 2;

/// Virtual channels of path 0.
const META_SIGNALLING: u32 = 1;
const BROADCAST: u32 = 2;
const SEGMENT_CELLS: u32 = 3;
const END_TO_END_CELLS: u32 = 4;
const SIGNALLING: u32 = 5;
const ILMI: u32 = 16;

/// Where a signalling message has its type (ITU-T Q.2931).
const MESSAGE_TYPE_AT: u32 = PACKET_AT + 5;
const CALL_PROCEEDING: u32 = 0x02;
const SETUP: u32 = 0x05;
const CONNECT: u32 = 0x07;
const CONNECT_ACK: u32 = 0x0f;
const RELEASE: u32 = 0x4d;
const RELEASE_COMPLETE: u32 = 0x5a;

impl Lowering<'_> {
    /// A word for a kind of ATM traffic.
    pub(super) fn atm_word(&mut self, word: Keyword) -> Lower<PredicateId> {
        self.needs_atm()?;
        Ok(match word {
            Keyword::Lane => self.enter_lane(),
            Keyword::Metac => self.circuit(META_SIGNALLING),
            Keyword::Bcc => self.circuit(BROADCAST),
            Keyword::Oamf4sc => self.circuit(SEGMENT_CELLS),
            Keyword::Oamf4ec => self.circuit(END_TO_END_CELLS),
            Keyword::Sc => self.circuit(SIGNALLING),
            Keyword::Ilmic => self.circuit(ILMI),
            Keyword::Oam | Keyword::Oamf4 => {
                let path = self.equals(Size::Byte, self.layers.header.plus(VPI_AT), 0);
                let channel = self.layers.header.plus(VCI_AT);
                let cells =
                    [SEGMENT_CELLS, END_TO_END_CELLS].map(|vci| self.equals(Size::Half, channel, vci));
                let cells = self.predicates.any(cells);
                self.predicates.all([path, cells])
            }
            Keyword::Connectmsg => self.messages(
                SIGNALLING,
                &[SETUP, CALL_PROCEEDING, CONNECT, CONNECT_ACK, RELEASE, RELEASE_COMPLETE],
            ),
            Keyword::Metaconnect => {
                self.messages(META_SIGNALLING, &[SETUP, CALL_PROCEEDING, CONNECT, RELEASE, RELEASE_COMPLETE])
            }
            Keyword::Fisu
            | Keyword::Lssu
            | Keyword::Msu
            | Keyword::Hfisu
            | Keyword::Hlssu
            | Keyword::Hmsu => {
                return Err(self.internal("a word of SS7 is taken for one of ATM"));
            }
        })
    }

    /// `vpi`, `vci` with what they are compared with.
    pub(super) fn atm_field(&mut self, field: Ss7Field, tests: &[(RelOp, u32)]) -> Lower<PredicateId> {
        self.needs_atm()?;
        let (name, at, size, max) = match field {
            Ss7Field::Vpi => ("VPI", VPI_AT, Size::Byte, 0xff),
            _ => ("VCI", VCI_AT, Size::Half, 0xffff),
        };
        let at = self.layers.header.plus(at);
        let mut any = alloc::vec::Vec::new();
        for &(op, number) in tests {
            self.check_range(name, number, max, self.origin)?;
            let value = self.values.load(size, at);
            any.push(self.related(op, value, number));
        }
        Ok(self.predicates.any(any))
    }

    /// The kind of the packet.
    pub(super) fn atm_payload_is(&mut self, kind: u32) -> PredicateId {
        self.bits_equal(Size::Byte, self.layers.header, KIND_MASK, kind)
    }

    /// LAN emulation: Ethernet frames behind two bytes.
    fn enter_lane(&mut self) -> PredicateId {
        let lane = self.atm_payload_is(LANE);
        let frame = crate::graph::Offset::at(PACKET_AT + 2);
        self.layers.enter(LinkType::EN10MB, frame, frame.plus(12), frame.plus(14));
        self.layers.network_without_snap = 3;
        lane
    }

    fn circuit(&mut self, channel: u32) -> PredicateId {
        let path = self.equals(Size::Byte, self.layers.header.plus(VPI_AT), 0);
        let channel = self.equals(Size::Half, self.layers.header.plus(VCI_AT), channel);
        self.predicates.all([path, channel])
    }

    fn messages(&mut self, channel: u32, types: &[u32]) -> PredicateId {
        let circuit = self.circuit(channel);
        let at = self.layers.header.plus(MESSAGE_TYPE_AT);
        let types: alloc::vec::Vec<_> = types.iter().map(|kind| self.equals(Size::Byte, at, *kind)).collect();
        let types = self.predicates.any(types);
        self.predicates.all([circuit, types])
    }

    fn needs_atm(&self) -> Lower<()> {
        let link_type = self.layers.link_type;
        if link_type == LinkType::SUNATM {
            return Ok(());
        }
        let message = alloc::format!("packets of link type {link_type} have no ATM header");
        Err(self.error(Code::LinkType, message).with_help("ATM headers are in captures of link type SUNATM"))
    }
}
