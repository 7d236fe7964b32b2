//! Chains that drivers hand over: every list in them is known, theirs to give, and sane.

use std::collections::HashSet;
use std::rc::Rc;

use snapgate_ffi::ndis::{NET_BUFFER_LIST, NdisMedium802_3};

use super::layout::{self, nbl};
use super::lists::{Birth, Gone, Holder, List, Way, lists};
use super::module::Module;
use super::rest;
use crate::machine::{violate, violate_with};
use crate::verify::Rule;

/// What a link in freed memory looks like.
const FREED: usize = 0xdddd_dddd_dddd_dddd;

/// What a driver does with a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Down: `NdisFSendNetBufferLists`.
    Send,
    /// Up: `NdisFIndicateReceiveNetBufferLists`.
    Indicate,
    /// Back up: `NdisFSendNetBufferListsComplete`.
    Complete,
    /// Back down: `NdisFReturnNetBufferLists`.
    Return,
}

impl Act {
    pub(crate) fn function(self) -> &'static str {
        match self {
            Self::Send => "NdisFSendNetBufferLists",
            Self::Indicate => "NdisFIndicateReceiveNetBufferLists",
            Self::Complete => "NdisFSendNetBufferListsComplete",
            Self::Return => "NdisFReturnNetBufferLists",
        }
    }

    /// Gives lists of others back to them.
    pub(crate) fn gives_back(self) -> bool {
        matches!(self, Self::Complete | Self::Return)
    }

    /// On the way of lists that are sent.
    fn sends(self) -> bool {
        matches!(self, Self::Send | Self::Complete)
    }
}

/// The list at an address that a driver gave; whatever else is there is a violation.
pub(crate) fn known(function: &str, memory: *mut NET_BUFFER_LIST) -> Rc<List> {
    if let Some(list) = lists().find(memory) {
        return list;
    }
    if let Some(number) = rest::marked(memory.addr()) {
        violate(
            Rule::N1,
            format!("{function}: a link of NBL {number} was followed, which somebody else holds"),
        );
    }
    if memory.addr() == FREED {
        violate(Rule::N1, format!("{function}: a link of a list was followed that is gone"));
    }
    let key = memory.cast_const().cast();
    match lists().find_gone(memory) {
        Some((number, Gone::LentOver)) => violate_with(
            Rule::N4,
            key,
            format!("{function}: NBL {number} was lent (RESOURCES), and that call is over"),
        ),
        Some((number, Gone::Home)) => {
            violate_with(Rule::N3, key, format!("{function}: NBL {number} was given back, and is gone"))
        }
        Some((number, Gone::Freed)) => {
            violate_with(Rule::P1, key, format!("{function}: NBL {number} was freed"))
        }
        None => violate(Rule::P1, format!("{function}: {memory:p} is no NET_BUFFER_LIST of NDIS")),
    }
}

/// The lists of a chain.
pub(crate) fn parse(function: &str, first: *mut NET_BUFFER_LIST) -> Vec<Rc<List>> {
    if first.is_null() {
        violate(Rule::N1, format!("{function}: an empty chain"));
    }
    let mut seen = HashSet::new();
    let mut chain = Vec::new();
    let mut memory = first;
    while !memory.is_null() {
        let list = known(function, memory);
        if !seen.insert(memory.addr()) {
            violate_with(Rule::N1, list.key(), format!("{function}: the chain comes back to {list:?}"));
        }
        if list.rest.borrow().is_some() {
            let rule = if function.ends_with("Complete") || function.contains("Return") {
                Rule::N3
            } else {
                Rule::N1
            };
            violate_with(rule, list.key(), format!("{function}: {list:?} is held by {}", list.held_by()));
        }
        memory = nbl::Next(memory);
        chain.push(list);
    }
    chain
}

/// Checks that the module may do this with every list of a chain.
pub(crate) fn check(act: Act, module: &Module, chain: &[Rc<List>], lends: bool) {
    for list in chain {
        check_holder(act, module, list);
        if list.birth.is_drivers() {
            check_own(act, module, list, lends);
        } else {
            check_foreign(act, module, list, lends);
        }
        check_packets(act, module, list);
    }
}

fn check_holder(act: Act, module: &Module, list: &List) {
    if list.is_held_by(module.number) {
        return;
    }
    let rule = if act.gives_back() { Rule::N3 } else { Rule::N1 };
    violate_with(
        rule,
        list.key(),
        format!(
            "{}: {} does not hold {list:?}; it is held by {}",
            act.function(),
            module.name(),
            list.held_by()
        ),
    );
}

fn check_own(act: Act, module: &Module, list: &List, lends: bool) {
    let function = act.function();
    if act.gives_back() {
        violate_with(
            Rule::N2,
            list.key(),
            format!("{function}: {list:?} is the driver's own, and must stop at {}", module.name()),
        );
    }
    if nbl::SourceHandle(list.nbl) != module.handle() {
        violate_with(
            Rule::N2,
            list.key(),
            format!(
                "{function}: SourceHandle of {list:?} is not the handle of {}, which originates it",
                module.name()
            ),
        );
    }
    if !module.may_originate() {
        violate_with(
            Rule::L5,
            list.key(),
            format!("{function}: {} is {:?}, and originates {list:?}", module.name(), module.state()),
        );
    }
    let handlers = module.handlers.get();
    if act == Act::Send && handlers.send_complete.is_none() {
        violate_with(
            Rule::N5,
            list.key(),
            format!("{function}: {} has no handler for the completion", module.name()),
        );
    }
    if act == Act::Indicate && !lends && handlers.return_lists.is_none() {
        violate_with(
            Rule::N5,
            list.key(),
            format!("{function}: {} has no handler for the return", module.name()),
        );
    }
    if list.trips.get() > 0 && layout::info(list.nbl, super::ends::DIRTY_SLOT) == super::ends::DIRTY {
        violate_with(
            Rule::P4,
            list.key(),
            format!("{function}: {list:?} is used again with the information of its last trip"),
        );
    }
}

fn check_foreign(act: Act, module: &Module, list: &List, lends: bool) {
    let function = act.function();
    let Holder::Module { call, way, .. } = list.holder.get() else { return };
    let strict = module.is_strict_call(call);
    let sent = matches!(list.birth, Birth::Protocol(_));
    if sent != act.sends() {
        violate_with(Rule::N3, list.key(), format!("{function}: {list:?} goes the other way"));
    }
    match (act, way) {
        (Act::Return, Way::Lent) => {
            violate_with(Rule::N4, list.key(), format!("{function}: {list:?} is only lent (RESOURCES)"))
        }
        (Act::Indicate, Way::Lent) if !lends => violate_with(
            Rule::N4,
            list.key(),
            format!("{function}: {list:?} is lent (RESOURCES), and the flag was cleared"),
        ),
        (Act::Send | Act::Indicate, Way::Back) => {
            violate_with(Rule::N3, list.key(), format!("{function}: {list:?} is on its way back"))
        }
        (Act::Send | Act::Indicate, _) if strict => violate_with(
            Rule::L5,
            list.key(),
            format!("{function}: {} is {:?}, and passes {list:?} on", module.name(), module.state()),
        ),
        (Act::Complete, Way::There) => {
            let status = nbl::Status(list.nbl);
            if status == super::ends::NO_STATUS {
                violate_with(Rule::N3, list.key(), format!("{function}: Status of {list:?} was not set"));
            }
            if strict && status != snapgate_ffi::ndis::NDIS_STATUS_PAUSED {
                violate_with(
                    Rule::L5,
                    list.key(),
                    format!(
                        "{function}: {} is {:?}; {list:?} has status {status:#x}, not PAUSED",
                        module.name(),
                        module.state()
                    ),
                );
            }
        }
        _ => {}
    }
    if act.gives_back() && list.clones.get() > 0 {
        violate_with(Rule::N7, list.key(), format!("{function}: {list:?} has a clone that is not freed"));
    }
}

fn check_packets(act: Act, module: &Module, list: &List) {
    let function = act.function();
    let packets = layout::packets(list.nbl);
    if packets.is_empty() {
        violate_with(Rule::N1, list.key(), format!("{function}: {list:?} has no packet"));
    }
    let ethernet = module.stack().config.media == NdisMedium802_3;
    if act == Act::Indicate && ethernet && packets.len() != 1 {
        let message = format!(
            "{function}: {list:?} has {} packets; on Ethernet each list that is received has one",
            packets.len()
        );
        violate_with(Rule::N6, list.key(), message);
    }
    for packet in packets {
        if let Some(wrong) = layout::inconsistency(packet) {
            violate_with(Rule::B1, list.key(), format!("{function}: a packet of {list:?}: {wrong}"));
        }
    }
}
