//! What scenarios see of an adapter.

use snapgate_ffi::ndis::NDIS_STATUS;

use crate::ndis::ends::Delivered;
use crate::ndis::stack::AdapterId;
use crate::ndis::state::State;

impl AdapterId {
    /// How many lists rest at the miniport, and at the protocol.
    #[must_use]
    pub fn resting(self) -> (usize, usize) {
        self.stack().map_or((0, 0), |stack| (stack.miniport.end.resting(), stack.protocol.end.resting()))
    }

    /// How many lists of the protocol, and of the miniport, are not back.
    #[must_use]
    pub fn outstanding(self) -> (usize, usize) {
        self.stack().map_or((0, 0), |stack| (stack.protocol.end.out.get(), stack.miniport.end.out.get()))
    }

    /// What the protocol has received since the last call.
    #[must_use]
    pub fn take_delivered(self) -> Vec<Delivered> {
        self.stack().map_or_else(Vec::new, |stack| stack.protocol.end.take_arrived())
    }

    /// What the miniport has been given to send since the last call.
    #[must_use]
    pub fn take_transmitted(self) -> Vec<Delivered> {
        self.stack().map_or_else(Vec::new, |stack| stack.miniport.end.take_arrived())
    }

    /// How the protocol's sends have ended since the last call, one entry per list.
    #[must_use]
    pub fn take_completed(self) -> Vec<NDIS_STATUS> {
        self.stack().map_or_else(Vec::new, |stack| stack.protocol.take_completed())
    }

    /// The status indications that have reached the protocol since the last call.
    #[must_use]
    pub fn take_statuses(self) -> Vec<NDIS_STATUS> {
        self.stack().map_or_else(Vec::new, |stack| stack.protocol.take_statuses())
    }

    /// Events of the network that have reached the protocol, and of the device that have reached the miniport.
    #[must_use]
    pub fn events(self) -> (Vec<u32>, Vec<u32>) {
        self.stack()
            .map_or_else(Default::default, |stack| (stack.protocol.end.events(), stack.miniport.end.events()))
    }

    /// The packet filter of the miniport.
    #[must_use]
    pub fn packet_filter(self) -> u32 {
        self.stack().map_or(0, |stack| stack.oids.packet_filter.get())
    }

    /// The states of the driver's modules in its stack, the highest first.
    #[must_use]
    pub fn module_states(self) -> Vec<State> {
        self.stack()
            .map_or_else(Vec::new, |stack| stack.modules().iter().map(|module| module.state()).collect())
    }

    /// Whether the first module's data path handlers are installed: for sends, and for receives.
    #[must_use]
    pub fn handlers(self) -> (bool, bool) {
        let modules = self.stack().map_or_else(Vec::new, |stack| stack.modules());
        modules.first().map_or((false, false), |module| {
            let handlers = module.handlers.get();
            (handlers.send.is_some(), handlers.receive.is_some())
        })
    }
}
