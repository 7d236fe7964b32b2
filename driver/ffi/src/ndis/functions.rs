//! What ndis.sys exports and a capture filter needs. Each line says the highest IRQL.
//!
//! Macros of the headers are no exports: see [`crate::ndis::NdisQueryMdl`], [`crate::wdm::acquire_spin_lock`], and the
//! accessors of packets and lists.

use crate::ndis::{
    LOCK_STATE_EX, NDIS_CONFIGURATION_OBJECT, NDIS_DEVICE_OBJECT_ATTRIBUTES, NDIS_EVENT,
    NDIS_FILTER_ATTRIBUTES, NDIS_FILTER_DRIVER_CHARACTERISTICS, NDIS_HANDLE, NDIS_OBJECT_HEADER,
    NDIS_OID_REQUEST, NDIS_RW_LOCK_EX, NDIS_STATUS, NDIS_STATUS_INDICATION, NET_BUFFER, NET_BUFFER_LIST,
    NET_BUFFER_LIST_POOL_PARAMETERS, NET_BUFFER_POOL_PARAMETERS, NET_DEVICE_PNP_EVENT,
    NET_PNP_EVENT_NOTIFICATION,
};
use crate::ntdef::{BOOLEAN, PVOID};
use crate::wdm::{DEVICE_OBJECT, DRIVER_OBJECT, MDL};
use core::ffi::c_void;

kernel_abi! {
    /// Frees an MDL that a retreat had made, instead of NDIS.
    pub type NET_BUFFER_FREE_MDL_HANDLER = fn(*mut MDL);

    imports from "ndis.sys" {
        /// From here on any callback may come. PASSIVE.
        pub fn NdisFRegisterFilterDriver(
            DriverObject: *mut DRIVER_OBJECT, FilterDriverContext: NDIS_HANDLE,
            FilterDriverCharacteristics: *mut NDIS_FILTER_DRIVER_CHARACTERISTICS,
            NdisFilterDriverHandle: *mut NDIS_HANDLE,
        ) -> NDIS_STATUS;
        /// Detaches everything, then returns; only in unload. PASSIVE.
        pub fn NdisFDeregisterFilterDriver(NdisFilterDriverHandle: NDIS_HANDLE);
        /// Once, inside of attach. PASSIVE.
        pub fn NdisFSetAttributes(
            NdisFilterHandle: NDIS_HANDLE, FilterModuleContext: NDIS_HANDLE,
            FilterAttributes: *mut NDIS_FILTER_ATTRIBUTES,
        ) -> NDIS_STATUS;
        /// Only inside of set-module-options for partial handlers. PASSIVE.
        pub fn NdisSetOptionalHandlers(
            NdisHandle: NDIS_HANDLE, OptionalHandlers: *mut NDIS_OBJECT_HEADER,
        ) -> NDIS_STATUS;
        /// Asks for a pause and a restart of the module. DISPATCH.
        pub fn NdisFRestartFilter(NdisFilterHandle: NDIS_HANDLE) -> NDIS_STATUS;
        /// Of a pending restart. PASSIVE.
        pub fn NdisFRestartComplete(NdisFilterHandle: NDIS_HANDLE, Status: NDIS_STATUS);
        /// Of a pending pause. DISPATCH.
        pub fn NdisFPauseComplete(NdisFilterHandle: NDIS_HANDLE);

        /// Down. DISPATCH.
        pub fn NdisFSendNetBufferLists(
            NdisFilterHandle: NDIS_HANDLE, NetBufferLists: *mut NET_BUFFER_LIST, PortNumber: u32, SendFlags: u32,
        );
        /// Back up. DISPATCH.
        pub fn NdisFSendNetBufferListsComplete(
            NdisFilterHandle: NDIS_HANDLE, NetBufferLists: *mut NET_BUFFER_LIST, SendCompleteFlags: u32,
        );
        /// Up. DISPATCH.
        pub fn NdisFIndicateReceiveNetBufferLists(
            NdisFilterHandle: NDIS_HANDLE, NetBufferLists: *mut NET_BUFFER_LIST, PortNumber: u32,
            NumberOfNetBufferLists: u32, ReceiveFlags: u32,
        );
        /// Back down. DISPATCH.
        pub fn NdisFReturnNetBufferLists(
            NdisFilterHandle: NDIS_HANDLE, NetBufferLists: *mut NET_BUFFER_LIST, ReturnFlags: u32,
        );
        /// Passes a cancellation on. DISPATCH.
        pub fn NdisFCancelSendNetBufferLists(NdisFilterHandle: NDIS_HANDLE, CancelId: PVOID);
        /// Passes a cancellation on. DISPATCH.
        pub fn NdisFCancelOidRequest(NdisFilterHandle: NDIS_HANDLE, RequestId: PVOID);
        /// A request downwards: one at a time. DISPATCH.
        pub fn NdisFOidRequest(NdisFilterHandle: NDIS_HANDLE, OidRequest: *mut NDIS_OID_REQUEST) -> NDIS_STATUS;
        /// The end of one from above. DISPATCH.
        pub fn NdisFOidRequestComplete(
            NdisFilterHandle: NDIS_HANDLE, OidRequest: *mut NDIS_OID_REQUEST, Status: NDIS_STATUS,
        );
        /// News upwards. DISPATCH.
        pub fn NdisFIndicateStatus(NdisFilterHandle: NDIS_HANDLE, StatusIndication: *mut NDIS_STATUS_INDICATION);
        /// Downwards. PASSIVE.
        pub fn NdisFDevicePnPEventNotify(
            NdisFilterHandle: NDIS_HANDLE, NetDevicePnPEvent: *mut NET_DEVICE_PNP_EVENT,
        );
        /// Upwards. PASSIVE.
        pub fn NdisFNetPnPEvent(
            NdisFilterHandle: NDIS_HANDLE, NetPnPEventNotification: *mut NET_PNP_EVENT_NOTIFICATION,
        ) -> NDIS_STATUS;
        /// A copy of a request, to pass on. DISPATCH.
        pub fn NdisAllocateCloneOidRequest(
            SourceHandle: NDIS_HANDLE, OidRequest: *mut NDIS_OID_REQUEST, PoolTag: u32,
            ClonedOidRequest: *mut *mut NDIS_OID_REQUEST,
        ) -> NDIS_STATUS;
        /// Gives it back. DISPATCH.
        pub fn NdisFreeCloneOidRequest(SourceHandle: NDIS_HANDLE, Request: *mut NDIS_OID_REQUEST);

        /// A pool of lists; null if there is no memory. DISPATCH.
        pub fn NdisAllocateNetBufferListPool(
            NdisHandle: NDIS_HANDLE, Parameters: *const NET_BUFFER_LIST_POOL_PARAMETERS,
        ) -> NDIS_HANDLE;
        /// After its last list. DISPATCH.
        pub fn NdisFreeNetBufferListPool(PoolHandle: NDIS_HANDLE);
        /// A pool of packets; null if there is no memory. DISPATCH.
        pub fn NdisAllocateNetBufferPool(
            NdisHandle: NDIS_HANDLE, Parameters: *const NET_BUFFER_POOL_PARAMETERS,
        ) -> NDIS_HANDLE;
        /// After its last packet. DISPATCH.
        pub fn NdisFreeNetBufferPool(PoolHandle: NDIS_HANDLE);
        /// A packet, or null. DISPATCH.
        pub fn NdisAllocateNetBuffer(
            PoolHandle: NDIS_HANDLE, MdlChain: *mut MDL, DataOffset: u32, DataLength: usize,
        ) -> *mut NET_BUFFER;
        /// Gives it back. DISPATCH.
        pub fn NdisFreeNetBuffer(NetBuffer: *mut NET_BUFFER);
        /// A list, or null. DISPATCH.
        pub fn NdisAllocateNetBufferList(
            PoolHandle: NDIS_HANDLE, ContextSize: u16, ContextBackFill: u16,
        ) -> *mut NET_BUFFER_LIST;
        /// A list with a packet, or null. DISPATCH.
        pub fn NdisAllocateNetBufferAndNetBufferList(
            PoolHandle: NDIS_HANDLE, ContextSize: u16, ContextBackFill: u16, MdlChain: *mut MDL, DataOffset: u32,
            DataLength: usize,
        ) -> *mut NET_BUFFER_LIST;
        /// Gives it back. DISPATCH.
        pub fn NdisFreeNetBufferList(NetBufferList: *mut NET_BUFFER_LIST);
        /// A clone, or null. DISPATCH.
        pub fn NdisAllocateCloneNetBufferList(
            OriginalNetBufferList: *mut NET_BUFFER_LIST, NetBufferListPoolHandle: NDIS_HANDLE,
            NetBufferPoolHandle: NDIS_HANDLE, AllocateCloneFlags: u32,
        ) -> *mut NET_BUFFER_LIST;
        /// Gives it back, with the same flags. DISPATCH.
        pub fn NdisFreeCloneNetBufferList(CloneNetBufferList: *mut NET_BUFFER_LIST, FreeCloneFlags: u32);
        /// Room with a list. DISPATCH.
        pub fn NdisAllocateNetBufferListContext(
            NetBufferList: *mut NET_BUFFER_LIST, ContextSize: u16, ContextBackFill: u16, PoolTag: u32,
        ) -> NDIS_STATUS;
        /// Gives it back, in reverse order. DISPATCH.
        pub fn NdisFreeNetBufferListContext(NetBufferList: *mut NET_BUFFER_LIST, ContextSize: u16);
        /// The pool of a list. DISPATCH.
        pub fn NdisGetPoolFromNetBufferList(NetBufferList: *mut NET_BUFFER_LIST) -> NDIS_HANDLE;

        /// Moves the start of the data backwards. DISPATCH.
        pub fn NdisRetreatNetBufferDataStart(
            NetBuffer: *mut NET_BUFFER, DataOffsetDelta: u32, DataBackFill: u32, AllocateMdlHandler: *mut c_void,
        ) -> NDIS_STATUS;
        /// And forwards. DISPATCH.
        pub fn NdisAdvanceNetBufferDataStart(
            NetBuffer: *mut NET_BUFFER, DataOffsetDelta: u32, FreeMdl: BOOLEAN,
            FreeMdlHandler: Option<NET_BUFFER_FREE_MDL_HANDLER>,
        );
        /// The first bytes in one piece, or null. DISPATCH.
        pub fn NdisGetDataBuffer(
            NetBuffer: *mut NET_BUFFER, BytesNeeded: u32, Storage: PVOID, AlignMultiple: u32, AlignOffset: u32,
        ) -> PVOID;
        /// Copies data. DISPATCH.
        pub fn NdisCopyFromNetBufferToNetBuffer(
            Destination: *mut NET_BUFFER, DestinationOffset: u32, BytesToCopy: u32, Source: *mut NET_BUFFER,
            SourceOffset: u32, BytesCopied: *mut u32,
        ) -> NDIS_STATUS;
        /// An MDL for a buffer in non-paged pool, or null. DISPATCH.
        pub fn NdisAllocateMdl(NdisHandle: NDIS_HANDLE, VirtualAddress: PVOID, Length: u32) -> *mut MDL;
        /// Gives it back. DISPATCH.
        pub fn NdisFreeMdl(Mdl: *mut MDL);

        /// A lock for readers and writers, or null. DISPATCH.
        pub fn NdisAllocateRWLock(NdisHandle: NDIS_HANDLE) -> *mut NDIS_RW_LOCK_EX;
        /// Gives it back. DISPATCH.
        pub fn NdisFreeRWLock(Lock: *mut NDIS_RW_LOCK_EX);
        /// Reads; may be nested. DISPATCH, raises to it.
        pub fn NdisAcquireRWLockRead(Lock: *mut NDIS_RW_LOCK_EX, LockState: *mut LOCK_STATE_EX, Flags: u8);
        /// Writes; never from reading. DISPATCH, raises to it.
        pub fn NdisAcquireRWLockWrite(Lock: *mut NDIS_RW_LOCK_EX, LockState: *mut LOCK_STATE_EX, Flags: u8);
        /// The end of either. Exactly DISPATCH.
        pub fn NdisReleaseRWLock(Lock: *mut NDIS_RW_LOCK_EX, LockState: *mut LOCK_STATE_EX);

        /// Memory, or null. DISPATCH.
        pub fn NdisAllocateMemoryWithTagPriority(
            NdisHandle: NDIS_HANDLE, Length: u32, Tag: u32, Priority: u32,
        ) -> PVOID;
        /// Gives it back. DISPATCH.
        pub fn NdisFreeMemory(VirtualAddress: PVOID, Length: u32, MemoryFlags: u32);
        /// Makes an event. DISPATCH.
        pub fn NdisInitializeEvent(Event: *mut NDIS_EVENT);
        /// Signals it. DISPATCH.
        pub fn NdisSetEvent(Event: *mut NDIS_EVENT);
        /// Resets it. DISPATCH.
        pub fn NdisResetEvent(Event: *mut NDIS_EVENT);
        /// Waits; answers whether it was signalled. PASSIVE.
        pub fn NdisWaitEvent(Event: *mut NDIS_EVENT, MsToWait: u32) -> BOOLEAN;
        /// Sleeps. APC.
        pub fn NdisMSleep(MicrosecondsToSleep: u32);

        /// The control device. PASSIVE.
        pub fn NdisRegisterDeviceEx(
            NdisHandle: NDIS_HANDLE, DeviceObjectAttributes: *mut NDIS_DEVICE_OBJECT_ATTRIBUTES,
            pDeviceObject: *mut *mut DEVICE_OBJECT, NdisDeviceHandle: *mut NDIS_HANDLE,
        ) -> NDIS_STATUS;
        /// Its end. PASSIVE.
        pub fn NdisDeregisterDeviceEx(NdisDeviceHandle: NDIS_HANDLE);
        /// The extension of a device that `NdisRegisterDeviceEx` made: not `DeviceExtension`, whose start is NDIS'. Any.
        pub fn NdisGetDeviceReservedExtension(DeviceObject: *mut DEVICE_OBJECT) -> PVOID;
        /// The time in units of 100 ns since 1601, as coarse as the clock's ticks. Any.
        pub fn NdisGetCurrentSystemTime(pSystemTime: *mut i64);
        /// The registry. PASSIVE.
        pub fn NdisOpenConfigurationEx(
            ConfigObject: *mut NDIS_CONFIGURATION_OBJECT, ConfigurationHandle: *mut NDIS_HANDLE,
        ) -> NDIS_STATUS;
        /// Closes it. PASSIVE.
        pub fn NdisCloseConfiguration(ConfigurationHandle: NDIS_HANDLE);
        /// The system's version of NDIS: see [`crate::ndis::NdisVersion::from_runtime`]. Any.
        pub fn NdisGetVersion() -> u32;
        /// The most CPUs of a group, 0xffff for all. DISPATCH.
        pub fn NdisGroupMaxProcessorCount(Group: u16) -> u32;
    }
}
