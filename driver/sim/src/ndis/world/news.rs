//! Status, events and requests.

use snapgate_ffi::ndis::{
    NDIS_LINK_STATE, NDIS_OBJECT_HEADER, NDIS_OBJECT_TYPE_DEFAULT, NDIS_STATUS, NDIS_STATUS_LINK_STATE,
    Revision,
};

use crate::ndis::events;
use crate::ndis::oid::{self, OidOutcome, OidQuestion};
use crate::ndis::stack::AdapterId;
use crate::ndis::status;

impl AdapterId {
    /// The link comes or goes: modules are told.
    pub fn set_link(self, connected: bool) {
        let Some(stack) = self.stack() else { return };
        stack.connected.set(connected);
        let speed = if connected { stack.config.link_speed } else { u64::MAX };
        let state = NDIS_LINK_STATE {
            Header: NDIS_OBJECT_HEADER::new(NDIS_OBJECT_TYPE_DEFAULT, Revision { number: 1, size: 40 }),
            MediaConnectState: if connected { 1 } else { 2 },
            MediaDuplexState: 2,
            XmitLinkSpeed: speed,
            RcvLinkSpeed: speed,
            PauseFunctions: 0,
            AutoNegotiationFlags: 0,
        };
        status::indicate_value(&stack, NDIS_STATUS_LINK_STATE, &state);
    }

    /// The miniport indicates a status; modules may pass it on.
    pub fn indicate_status(self, code: NDIS_STATUS, buffer: &[u8]) {
        if let Some(stack) = self.stack() {
            status::indicate(&stack, code, buffer);
        }
    }

    /// An event of the network goes up; answers what the protocol or a module said.
    pub fn net_event(self, event: u32, parameter: u32) -> Option<NDIS_STATUS> {
        self.stack().map(|stack| events::net_event(&stack, event, parameter))
    }

    /// An event of the device goes down.
    pub fn device_event(self, event: u32) {
        if let Some(stack) = self.stack() {
            events::device_event(&stack, event);
        }
    }

    /// The protocol asks, and waits for the answer.
    pub fn ask(self, question: &OidQuestion) -> Option<OidOutcome> {
        self.stack().map(|stack| oid::ask(&stack, question))
    }

    /// Whether the miniport answers requests later, from a thread of its own.
    pub fn set_oids_pend(self, pend: bool) {
        if let Some(stack) = self.stack() {
            stack.oids.pend.set(pend);
        }
    }

    /// The protocol cancels the request that it waits for.
    pub fn cancel_ask(self) {
        if let Some(stack) = self.stack() {
            oid::cancel_current(&stack);
        }
    }
}
