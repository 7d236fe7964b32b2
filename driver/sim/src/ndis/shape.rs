//! What a list looks like: everything that has to be the same when it is given back.

use snapgate_ffi::ndis::{NDIS_NBL_FLAGS_SCRATCH, NET_BUFFER, NET_BUFFER_LIST};
use snapgate_ffi::wdm::MDL;

use super::layout::{self, mdl, nb, nbl};
use crate::machine::machine;

/// A list, without its place in a chain, its status and what anybody may use while he holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    packets: Vec<PacketShape>,
    pub(crate) source: usize,
    flags: u32,
    parent: usize,
    children: i32,
    context: usize,
    info: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct PacketShape {
    memory: *mut NET_BUFFER,
    chain: *mut MDL,
    current: *mut MDL,
    current_offset: u32,
    offset: u32,
    length: u32,
    mdls: Vec<MdlShape>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct MdlShape {
    memory: *mut MDL,
    start: usize,
    offset: u32,
    count: u32,
}

impl Shape {
    pub(crate) fn of(list: *mut NET_BUFFER_LIST) -> Self {
        let packets = layout::packets(list).into_iter().map(|packet| PacketShape {
            memory: packet,
            chain: nb::MdlChain(packet),
            current: nb::CurrentMdl(packet),
            current_offset: nb::CurrentMdlOffset(packet),
            offset: nb::DataOffset(packet),
            length: nb::DataLength(packet),
            mdls: layout::mdls(nb::MdlChain(packet))
                .into_iter()
                .map(|memory| MdlShape {
                    memory,
                    start: mdl::StartVa(memory).addr(),
                    offset: mdl::ByteOffset(memory),
                    count: mdl::ByteCount(memory),
                })
                .collect(),
        });
        Self {
            packets: packets.collect(),
            source: nbl::SourceHandle(list).addr(),
            flags: nbl::NblFlags(list) & !NDIS_NBL_FLAGS_SCRATCH,
            parent: nbl::ParentNetBufferList(list).addr(),
            children: nbl::ChildRefCount(list),
            context: nbl::Context(list).addr(),
            info: (0..machine().ndis.version().info_slots()).map(|slot| layout::info(list, slot)).collect(),
        }
    }

    /// What differs, in words; `None` if nothing does.
    pub(crate) fn difference(&self, now: &Self) -> Option<String> {
        if self == now {
            return None;
        }
        let memory = |shape: &Self| shape.packets.iter().map(|packet| packet.memory).collect::<Vec<_>>();
        if memory(self) != memory(now) {
            return Some(format!(
                "it had {} packets, now {} (or others)",
                self.packets.len(),
                now.packets.len()
            ));
        }
        for (index, (before, after)) in self.packets.iter().zip(&now.packets).enumerate() {
            if before.mdls != after.mdls || before.chain != after.chain {
                return Some(format!("the MDLs of packet {index} are not what they were"));
            }
            if before != after {
                return Some(format!(
                    "packet {index} began at {} with {} bytes, now at {} with {} (CurrentMdlOffset {} and {})",
                    before.offset,
                    before.length,
                    after.offset,
                    after.length,
                    before.current_offset,
                    after.current_offset
                ));
            }
        }
        if let Some(slot) = self.info.iter().zip(&now.info).position(|(before, after)| before != after) {
            return Some(format!("the word of information {slot} is another"));
        }
        if self.source != now.source {
            return Some("SourceHandle was changed".to_owned());
        }
        if self.context != now.context {
            return Some("Context is another".to_owned());
        }
        Some(format!(
            "NblFlags {:#x} and {:#x}, ParentNetBufferList {:#x} and {:#x}, ChildRefCount {} and {}",
            self.flags, now.flags, self.parent, now.parent, self.children, now.children
        ))
    }

    /// Contexts are compared by their own rule.
    pub(crate) fn allow_context_of(&mut self, other: &Self) {
        self.context = other.context;
    }
}
