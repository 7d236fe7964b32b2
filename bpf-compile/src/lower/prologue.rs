//! Lengths of headers that come first in a packet: stored before anything else is looked at.
//!
//! ```text
//!   radiotap, PPI     2 bytes, little-endian, at 2          AVS      4 bytes at 4
//!   Prism             144, or what AVS says                 pf log   1 byte at 0, up to a multiple of 4
//!
//!   802.11            24, and 2 more with QoS; drivers that pad the header up to a multiple of 4 say so in radiotap
//! ```
//!
//! A packet that is too short to tell them is rejected, whatever the filter says, if it uses them anywhere.

use alloc::vec::Vec;

use crate::graph::{AluOp, Cond, Offset, PredicateId, Size, Store, Value, ValueId, Variable};
use crate::link::{LinkType, Naming, naming};

use super::Lowering;
use super::wlan::{QOS, TYPE_CONTROL, TYPE_DATA};

/// The first word of an AVS header, without the bits of its version, and the mask for that.
const AVS_MAGIC: u32 = 0x8021_1000;
const AVS_MASK: u32 = 0xffff_f000;
/// Drivers that make Prism headers make them of one length.
const PRISM_BYTES: u32 = 144;

/// Bytes of an 802.11 header of data without QoS.
const WLAN_BYTES: u32 = 24;

/// Which fields a radiotap header has: a little-endian word at 4.
const RADIOTAP_PRESENT: u32 = 4;
const PRESENT_TIME: u32 = 1_u32.swap_bytes();
const PRESENT_FLAGS: u32 = 2_u32.swap_bytes();
const PRESENT_MORE: u32 = 0x8000_0000_u32.swap_bytes();
/// Where its flags are, with and without the field of the time before them.
const FLAGS_BEHIND_TIME: u32 = 16;
const FLAGS: u32 = 8;
/// Among the flags: the 802.11 header is padded.
const PADDED: u32 = 0x20;

/// A PPI packet of 802.11 says its link type at this offset, in little-endian order.
const PPI_LINK_TYPE: u32 = 4;

impl Lowering<'_> {
    /// What runs before the filter itself, in this order.
    pub(super) fn prologue(&mut self) -> Vec<PredicateId> {
        let mut parts = Vec::new();
        // The program says it of all packets, whatever it looks at.
        if self.outermost.link_type == LinkType::PPI {
            let wlan = u32::from(LinkType::IEEE802_11.0).swap_bytes();
            parts.push(self.equals(Size::Word, Offset::at(PPI_LINK_TYPE), wlan));
        }
        let outermost = self.outermost;
        let header = self.variable_of(outermost.header).filter(|(value, _)| self.values.is_used(*value));
        let payload = self.variable_of(outermost.payload).filter(|(value, _)| self.values.is_used(*value));
        let header = match payload {
            Some(_) => self.variable_of(outermost.header),
            None => header,
        };
        if let Some((_, variable)) = header {
            parts.push(self.store_header_length(outermost.link_type, variable));
        }
        if let Some((value, variable)) = payload {
            if naming(outermost.link_type) == Naming::Wlan {
                parts.extend(self.store_wlan_payload(outermost.link_type, outermost.header, value, variable));
            } else {
                parts.push(self.store_pflog_length(variable));
            }
        }
        // Variables of encapsulations that a packet may not have: 0 until they are met.
        let unset: Vec<Variable> = self.unset.drain(..).collect();
        for variable in unset {
            let zero = self.values.constant(0);
            parts.push(self.store(variable, zero));
        }
        parts
    }

    fn variable_of(&self, offset: Offset) -> Option<(ValueId, Variable)> {
        let value = offset.base?;
        match self.values.get(value) {
            Value::Variable(variable) => Some((value, variable)),
            _ => None,
        }
    }

    /// Stores a number; holds always.
    pub(super) fn store(&mut self, variable: Variable, value: ValueId) -> PredicateId {
        self.predicates.store(Store { variable, value, origin: self.origin })
    }

    fn store_header_length(&mut self, link_type: LinkType, variable: Variable) -> PredicateId {
        match link_type {
            LinkType::IEEE802_11_RADIO_AVS => {
                let length = self.values.load(Size::Word, Offset::at(4));
                self.store(variable, length)
            }
            LinkType::PRISM_HEADER => {
                let is_avs = self.bits_equal(Size::Word, Offset::at(0), AVS_MASK, AVS_MAGIC);
                let length = self.values.load(Size::Word, Offset::at(4));
                let avs = self.store(variable, length);
                let prism = self.values.constant(PRISM_BYTES);
                let prism = self.store(variable, prism);
                let avs = self.predicates.all([is_avs, avs]);
                self.predicates.any([avs, prism])
            }
            _ => {
                let high = self.values.load(Size::Byte, Offset::at(3));
                let eight = self.values.constant(8);
                let high = self.values.intern(Value::Alu(AluOp::Lsh, high, eight));
                let low = self.values.load(Size::Byte, Offset::at(2));
                let length = self.values.intern(Value::Alu(AluOp::Or, high, low));
                self.store(variable, length)
            }
        }
    }

    fn store_wlan_payload(
        &mut self,
        link_type: LinkType,
        header: Offset,
        payload: ValueId,
        variable: Variable,
    ) -> [PredicateId; 2] {
        let start = match header.base {
            Some(base) => self.values.sum(base, WLAN_BYTES),
            None => self.values.constant(WLAN_BYTES),
        };
        let plain = self.store(variable, start);
        let is_data = self.field(Cond::Set, Size::Byte, header, TYPE_DATA);
        let is_other = self.field(Cond::Set, Size::Byte, header, TYPE_CONTROL);
        let is_data_alone = self.predicates.not(is_other);
        let has_qos = self.field(Cond::Set, Size::Byte, header, QOS);
        let longer = self.values.sum(payload, 2);
        let longer = self.store(variable, longer);
        let qos = self.predicates.all([has_qos, longer]);
        let qos = self.predicates.run(qos);
        let mut of_data = alloc::vec![is_data, is_data_alone, qos];
        if link_type == LinkType::IEEE802_11_RADIO {
            of_data.push(self.store_padding(payload, variable));
        }
        let of_data = self.predicates.all(of_data);
        [plain, self.predicates.run(of_data)]
    }

    /// Of radiotap headers with one word of field marks only, as drivers that pad make them.
    fn store_padding(&mut self, payload: ValueId, variable: Variable) -> PredicateId {
        let present = Offset::at(RADIOTAP_PRESENT);
        let has_flags = self.field(Cond::Set, Size::Word, present, PRESENT_FLAGS);
        let has_more = self.field(Cond::Set, Size::Word, present, PRESENT_MORE);
        let has_no_more = self.predicates.not(has_more);
        let has_time = self.field(Cond::Set, Size::Word, present, PRESENT_TIME);
        let behind_time = self.field(Cond::Set, Size::Byte, Offset::at(FLAGS_BEHIND_TIME), PADDED);
        let without_time = self.field(Cond::Set, Size::Byte, Offset::at(FLAGS), PADDED);
        let has_no_time = self.predicates.not(has_time);
        let with = self.predicates.all([has_time, behind_time]);
        let without = self.predicates.all([has_no_time, without_time]);
        let is_padded = self.predicates.any([with, without]);
        let rounded = self.rounded_up(payload);
        let rounded = self.store(variable, rounded);
        self.predicates.all([has_flags, has_no_more, is_padded, rounded])
    }

    fn store_pflog_length(&mut self, variable: Variable) -> PredicateId {
        let length = self.values.load(Size::Byte, Offset::at(0));
        let rounded = self.rounded_up(length);
        self.store(variable, rounded)
    }

    /// Up to a multiple of 4.
    fn rounded_up(&mut self, value: ValueId) -> ValueId {
        let more = self.values.sum(value, 3);
        self.values.masked(more, !3)
    }
}
