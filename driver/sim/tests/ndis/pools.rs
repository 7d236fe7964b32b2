//! Pools, packets and their data, as a driver uses them.

use std::ffi::c_void;
use std::ptr;

use snapgate_ffi::ndis::*;
use snapgate_ffi::wdm::*;
use snapgate_sim::fault::{Fault, Plan};
use snapgate_sim::{Options, Rule, set_faults};

use crate::filter::k;
use crate::rig::{run, run_well};

const TAG: u32 = 0x7365_7454;

fn list_pool(with_packet: bool, data: u32) -> NDIS_HANDLE {
    let parameters = NET_BUFFER_LIST_POOL_PARAMETERS {
        Header: NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_LIST_POOL),
        ProtocolId: NDIS_PROTOCOL_ID_DEFAULT,
        fAllocateNetBuffer: u8::from(with_packet),
        ContextSize: 0,
        PoolTag: TAG,
        DataSize: data,
        Flags: 0,
    };
    k!(NdisAllocateNetBufferListPool(ptr::null_mut(), &raw const parameters))
}

fn packet_pool() -> NDIS_HANDLE {
    let parameters = NET_BUFFER_POOL_PARAMETERS {
        Header: NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_POOL),
        PoolTag: TAG,
        DataSize: 0,
        Flags: 0,
    };
    k!(NdisAllocateNetBufferPool(ptr::null_mut(), &raw const parameters))
}

/// A packet over MDLs of these sizes, whose bytes count up from 0.
struct Chain {
    memory: Vec<u8>,
    mdls: Vec<*mut MDL>,
}

impl Chain {
    fn new(sizes: &[usize]) -> Self {
        let mut memory: Vec<u8> =
            (0..sizes.iter().sum::<usize>()).map(|byte| u8::try_from(byte).unwrap()).collect();
        let mut at = memory.as_mut_ptr();
        let mut mdls = Vec::new();
        for size in sizes {
            mdls.push(k!(NdisAllocateMdl(ptr::null_mut(), at.cast(), u32::try_from(*size).unwrap())));
            at = at.wrapping_add(*size);
        }
        for pair in mdls.windows(2) {
            k!((*pair[0]).Next = pair[1]);
        }
        Self { memory, mdls }
    }

    fn free(self) {
        for mdl in self.mdls {
            k!(NdisFreeMdl(mdl));
        }
        drop(self.memory);
    }
}

fn packet(pool: NDIS_HANDLE, chain: &Chain, offset: u32, length: usize) -> *mut NET_BUFFER {
    k!(NdisAllocateNetBuffer(pool, chain.mdls[0], offset, length))
}

fn bytes_at(start: *mut c_void, length: usize) -> Vec<u8> {
    (0..length).map(|index| k!(start.cast::<u8>().add(index).read())).collect()
}

#[test]
fn a_pool_gives_what_its_parameters_say() {
    run_well(Options::default(), || {
        for (with_packet, data, packet, mdl) in
            [(true, 0, true, false), (true, 128, true, true), (false, 0, false, false)]
        {
            let pool = list_pool(with_packet, data);
            let list = k!(NdisAllocateNetBufferList(pool, 0, 0));
            let first = k!((*list).FirstNetBuffer);
            assert_eq!(!first.is_null(), packet);
            assert_eq!(packet && !k!((*first).MdlChain).is_null(), mdl);
            assert_eq!(k!(NdisGetPoolFromNetBufferList(list)), pool);
            k!(NdisFreeNetBufferList(list));
            k!(NdisFreeNetBufferListPool(pool));
        }
        assert!(list_pool(false, 128).is_null());
    });
}

#[test]
fn allocations_fail_on_demand() {
    run_well(Options::default(), || {
        let pool = list_pool(true, 0);
        set_faults(Plan::Of(Fault::Nbl, 1000));
        assert!(k!(NdisAllocateNetBufferList(pool, 0, 0)).is_null());
        set_faults(Plan::Of(Fault::NblPool, 1000));
        assert!(list_pool(true, 0).is_null());
        set_faults(Plan::None);
        k!(NdisFreeNetBufferListPool(pool));
    });
}

#[test]
fn data_begins_where_the_offset_says_in_every_chain() {
    run_well(Options::default(), || {
        let pool = packet_pool();
        for (sizes, offset, mdl, inside) in [
            (&[10, 20][..], 0, 0, 0),
            (&[10, 20], 9, 0, 9),
            (&[10, 20], 10, 1, 0),
            (&[10, 0, 20], 10, 2, 0),
            (&[0, 30], 5, 1, 5),
        ] {
            let chain = Chain::new(sizes);
            let packet = packet(pool, &chain, offset, 12);
            assert_eq!(k!((*packet).CurrentMdl), chain.mdls[mdl]);
            assert_eq!(k!((*packet).CurrentMdlOffset), inside);
            k!(NdisFreeNetBuffer(packet));
            chain.free();
        }
        k!(NdisFreeNetBufferPool(pool));
    });
}

#[test]
fn the_first_bytes_come_in_place_or_in_storage_or_not_at_all() {
    run_well(Options::default(), || {
        let pool = packet_pool();
        let chain = Chain::new(&[10, 0, 20]);
        let packet = packet(pool, &chain, 4, 20);
        let mut storage = [0u8; 32];
        let to: *mut c_void = storage.as_mut_ptr().cast();
        let in_place = k!(NdisGetDataBuffer(packet, 6, ptr::null_mut(), 1, 0));
        assert_eq!(in_place.addr(), chain.memory.as_ptr().addr() + 4);
        assert!(k!(NdisGetDataBuffer(packet, 7, ptr::null_mut(), 1, 0)).is_null());
        assert_eq!(k!(NdisGetDataBuffer(packet, 20, to, 1, 0)), to);
        assert_eq!(bytes_at(to, 20), (4..24).collect::<Vec<u8>>());
        assert!(k!(NdisGetDataBuffer(packet, 21, to, 1, 0)).is_null());
        // An alignment that the place does not have: a copy.
        let odd = u32::from(in_place.addr().is_multiple_of(2));
        assert_eq!(k!(NdisGetDataBuffer(packet, 2, to, 2, odd)), to);
        k!(NdisFreeNetBuffer(packet));
        chain.free();
        k!(NdisFreeNetBufferPool(pool));
    });
}

#[test]
fn data_is_copied_from_packet_to_packet_over_any_mdls() {
    run_well(Options::default(), || {
        let pool = packet_pool();
        let (from, to) = (Chain::new(&[3, 0, 17]), Chain::new(&[8, 9, 13]));
        let source = packet(pool, &from, 2, 18);
        let destination = packet(pool, &to, 5, 25);
        let mut copied = 99;
        k!(NdisCopyFromNetBufferToNetBuffer(destination, 2, 12, source, 4, &raw mut copied));
        assert_eq!(copied, 12);
        assert_eq!(to.memory[7..19], from.memory[6..18]);
        k!(NdisCopyFromNetBufferToNetBuffer(destination, 20, 12, source, 0, &raw mut copied));
        assert_eq!(copied, 5, "no more room");
        k!(NdisCopyFromNetBufferToNetBuffer(destination, 0, 12, source, 15, &raw mut copied));
        assert_eq!(copied, 3, "no more data");
        k!(NdisFreeNetBuffer(source));
        k!(NdisFreeNetBuffer(destination));
        from.free();
        to.free();
        k!(NdisFreeNetBufferPool(pool));
    });
}

#[test]
fn retreat_and_advance_take_each_other_back() {
    run_well(Options::default(), || {
        let pool = packet_pool();
        let chain = Chain::new(&[10, 20]);
        let packet = packet(pool, &chain, 12, 10);
        let place = || k!(((*packet).DataOffset, (*packet).DataLength, (*packet).CurrentMdlOffset));
        assert_eq!(place(), (12, 10, 2));
        // Into the unused bytes, over an MDL.
        assert_eq!(k!(NdisRetreatNetBufferDataStart(packet, 4, 0, ptr::null_mut())), NDIS_STATUS_SUCCESS);
        assert_eq!(place(), (8, 14, 8));
        // Further than there are: an MDL of its own, with more in front.
        assert_eq!(k!(NdisRetreatNetBufferDataStart(packet, 20, 6, ptr::null_mut())), NDIS_STATUS_SUCCESS);
        assert_eq!(place(), (6, 34, 6));
        assert_ne!(k!((*packet).MdlChain), chain.mdls[0]);
        k!(NdisAdvanceNetBufferDataStart(packet, 20, 1, None));
        assert_eq!(place(), (8, 14, 8));
        assert_eq!(k!((*packet).MdlChain), chain.mdls[0]);
        k!(NdisAdvanceNetBufferDataStart(packet, 4, 1, None));
        assert_eq!(place(), (12, 10, 2));
        // The other way round.
        k!(NdisAdvanceNetBufferDataStart(packet, 10, 0, None));
        assert_eq!(place(), (22, 0, 12));
        assert_eq!(k!(NdisRetreatNetBufferDataStart(packet, 10, 0, ptr::null_mut())), NDIS_STATUS_SUCCESS);
        assert_eq!(place(), (12, 10, 2));
        k!(NdisFreeNetBuffer(packet));
        chain.free();
        k!(NdisFreeNetBufferPool(pool));
    });
}

#[test]
fn contexts_share_a_block_while_there_is_room_and_are_freed_backwards() {
    run_well(Options::default(), || {
        let pool = list_pool(false, 0);
        let list = k!(NdisAllocateNetBufferList(pool, 16, 32));
        let first = k!((*list).Context);
        let start = k!(NET_BUFFER_LIST_CONTEXT_DATA_START(list));
        assert_eq!(k!(NdisAllocateNetBufferListContext(list, 24, 0, TAG)), NDIS_STATUS_SUCCESS);
        assert_eq!(k!((*list).Context), first);
        assert_eq!(k!(NET_BUFFER_LIST_CONTEXT_DATA_START(list)).addr(), start.addr() - 24);
        assert_eq!(k!(NdisAllocateNetBufferListContext(list, 16, 0, TAG)), NDIS_STATUS_SUCCESS);
        assert_ne!(k!((*list).Context), first);
        k!(NET_BUFFER_LIST_CONTEXT_DATA_START(list).cast::<[u8; 16]>().write([7; 16]));
        k!(NdisFreeNetBufferListContext(list, 16));
        k!(NdisFreeNetBufferListContext(list, 24));
        assert_eq!(k!(NET_BUFFER_LIST_CONTEXT_DATA_START(list)), start);
        k!(NdisFreeNetBufferList(list));
        k!(NdisFreeNetBufferListPool(pool));
    });
}

#[test]
fn clones_have_the_used_data_and_nothing_else() {
    run_well(Options::default(), || {
        let pool = list_pool(true, 0);
        let chain = Chain::new(&[10, 20]);
        let list = k!(NdisAllocateNetBufferAndNetBufferList(pool, 16, 0, chain.mdls[0], 12, 10));
        for flags in [0, NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS] {
            let clone = k!(NdisAllocateCloneNetBufferList(list, ptr::null_mut(), ptr::null_mut(), flags));
            let packet = k!((*clone).FirstNetBuffer);
            let shares = flags != 0;
            assert_eq!(k!((*packet).MdlChain) == chain.mdls[1], shares);
            assert_eq!(k!((*packet).DataOffset), if shares { 2 } else { 0 });
            assert!(k!((*clone).Context).is_null());
            assert!(k!((*clone).ParentNetBufferList).is_null());
            let start = k!(NdisGetDataBuffer(packet, 10, ptr::null_mut(), 1, 0));
            assert_eq!(bytes_at(start, 10), (12..22).collect::<Vec<u8>>());
            k!(NdisFreeCloneNetBufferList(clone, flags));
        }
        k!(NdisFreeNetBufferList(list));
        chain.free();
        k!(NdisFreeNetBufferListPool(pool));
    });
}

#[test]
fn words_behind_the_last_of_the_version_are_not_there() {
    let options = Options { ndis_version: 0x6_0014, ..Options::default() };
    let caught = run(options, || {
        let pool = list_pool(false, 0);
        let list = k!(NdisAllocateNetBufferList(pool, 0, 0));
        // As if lists were those of 6.80.
        let word = k!(NET_BUFFER_LIST_INFO(list, NdisVersion::V6_80, 20)).unwrap();
        k!(word.write(ptr::without_provenance_mut(1)));
        k!(NdisFreeNetBufferList(list));
    });
    assert_eq!(caught.unwrap_err().rule, Rule::Pool);
}
