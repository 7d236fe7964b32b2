//! A machine with the test filter, and the tour: everything that can happen to a filter, once.

use snapgate_ffi::ndis::*;
use snapgate_sim::fault::{Fault, Plan};
use snapgate_sim::image::Image;
use snapgate_sim::ndis::{
    AdapterConfig, AdapterId, Completion, Mode, OidQuestion, Order, Packet, PacketList, Power,
    ReceiveOptions, RestartAttributes, SendOptions, State, add_adapter, settle,
};
use snapgate_sim::{Machine, Options, Violation, load, sched, set_faults, unload};

use crate::filter::{self, ENTRY, Sin, Work, plan};

/// Loads the filter.
pub(crate) fn load_filter() {
    load(&Image::Linked(ENTRY)).unwrap();
}

/// Runs a scenario on a new machine.
pub(crate) fn run(options: Options, scenario: impl FnOnce() + 'static) -> Result<(), Box<Violation>> {
    filter::reset();
    filter::reset_requests();
    let machine = Machine::new(options);
    machine.run_thread("scenario", scenario)
}

/// Runs a scenario that must break no rule.
pub(crate) fn run_well(options: Options, scenario: impl FnOnce() + 'static) {
    if let Err(violation) = run(options, scenario) {
        panic!("{violation}");
    }
}

pub(crate) fn bytes(length: u8) -> Vec<u8> {
    (0..length).map(|byte| byte ^ 0x5a).collect()
}

/// Packets of many shapes.
pub(crate) fn shapes() -> Vec<PacketList> {
    vec![
        Packet::new(bytes(60)).into(),
        Packet::new(bytes(60)).offset(20).into(),
        Packet::new(bytes(60)).offset(20).mdls([8, 0, 4, 30]).slack(16).into(),
        Packet::new(bytes(60)).mdls([14]).into(),
        Packet::new(bytes(8)).slack(100).into(),
        PacketList::from(Packet::new(bytes(60)).mdls([0, 20, 0, 40, 0])).vlan(0xa005),
        PacketList::from(bytes(60)).loopback(),
        PacketList::from(Packet::new(bytes(61)).mdls([20]).unmapped()),
    ]
}

/// As those, but with several packets in a list: for sends.
pub(crate) fn send_shapes() -> Vec<PacketList> {
    let mut lists = shapes();
    lists.push(PacketList::new([
        Packet::new(bytes(60)),
        Packet::new(bytes(70)).mdls([1]),
        Packet::new(bytes(80)),
    ]));
    lists
}

pub(crate) const ORDERS: [Order; 4] = [Order::InOrder, Order::Reversed, Order::Random, Order::Regrouped];

/// Batches both ways, in every mode and order. Answers how many lists went each way.
pub(crate) fn traffic(adapter: AdapterId) {
    for (index, order) in ORDERS.into_iter().enumerate() {
        let dispatch = index % 2 == 0;
        for mode in [Mode::Inline, Mode::Later, Mode::Random] {
            adapter.set_send_mode(mode);
            adapter.set_receive_mode(mode);
            adapter.send(&send_shapes(), SendOptions { dispatch, ..SendOptions::default() });
            adapter.receive(&shapes(), ReceiveOptions { dispatch, ..ReceiveOptions::default() });
            let resources = ReceiveOptions { dispatch, resources: true, ..ReceiveOptions::default() };
            adapter.receive(&shapes(), resources);
            adapter.complete_sends(Completion { order, dispatch, ..Completion::default() }, usize::MAX);
            adapter.return_receives(
                Completion { order, dispatch: !dispatch, ..Completion::default() },
                usize::MAX,
            );
        }
    }
}

/// The filter's own lists, mixed with those of others.
fn own_traffic(adapter: AdapterId) {
    for mode in [Mode::Later, Mode::Inline] {
        adapter.set_send_mode(mode);
        adapter.set_receive_mode(mode);
        filter::send_own(&bytes(60), 3);
        adapter.send(&send_shapes(), SendOptions::default());
        filter::send_own(&bytes(64), 1);
        adapter.complete_sends(
            Completion { order: Order::Random, dispatch: true, ..Completion::default() },
            usize::MAX,
        );
        filter::indicate(&bytes(60), 2, false);
        filter::indicate(&bytes(60), 2, true);
        adapter.receive(&shapes(), ReceiveOptions::default());
        adapter.return_receives(
            Completion { order: Order::Regrouped, dispatch: false, ..Completion::default() },
            usize::MAX,
        );
    }
}

fn question(kind: u32, oid: u32, buffer: Vec<u8>) -> OidQuestion {
    OidQuestion { kind, oid, buffer }
}

/// Requests of the protocol and of the filter, answered at once and later.
fn requests(adapter: AdapterId) {
    let frame_size = question(NdisRequestQueryInformation, OID_GEN_MAXIMUM_FRAME_SIZE, vec![0; 4]);
    for pend in [false, true] {
        adapter.set_oids_pend(pend);
        let answer = adapter.ask(&frame_size).unwrap();
        assert_eq!(
            (answer.status, answer.bytes, answer.buffer),
            (NDIS_STATUS_SUCCESS, 4, vec![0xdc, 5, 0, 0])
        );
        let short = adapter
            .ask(&question(NdisRequestQueryInformation, OID_GEN_MAXIMUM_FRAME_SIZE, vec![0; 2]))
            .unwrap();
        assert_eq!((short.status, short.needed), (NDIS_STATUS_BUFFER_TOO_SHORT, 4));
    }
    let asked = frame_size.clone();
    let asker = sched::spawn("asker", move || {
        let aborted = adapter.ask(&asked).unwrap();
        assert_eq!(aborted.status, NDIS_STATUS_REQUEST_ABORTED);
    });
    sched::sleep(10_000);
    adapter.cancel_ask();
    sched::join(asker);
    adapter.set_oids_pend(false);
    let filter = NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_BROADCAST;
    let set =
        question(NdisRequestSetInformation, OID_GEN_CURRENT_PACKET_FILTER, filter.to_le_bytes().to_vec());
    assert_eq!(adapter.ask(&set).unwrap().status, NDIS_STATUS_SUCCESS);
    assert_eq!(filter::set_filter(NDIS_PACKET_TYPE_PROMISCUOUS), Some(NDIS_STATUS_SUCCESS));
    assert_eq!(adapter.packet_filter(), filter | NDIS_PACKET_TYPE_PROMISCUOUS);
    assert_eq!(adapter.ask(&set).unwrap().status, NDIS_STATUS_SUCCESS);
    assert_eq!(adapter.packet_filter(), filter | NDIS_PACKET_TYPE_PROMISCUOUS);
    assert_eq!(filter::ask_filter(), Some((NDIS_STATUS_SUCCESS, 1500)));
}

fn news(adapter: AdapterId) {
    adapter.set_link(false);
    adapter.set_link(true);
    adapter.indicate_status(NDIS_STATUS_NETWORK_CHANGE, &[]);
    assert_eq!(
        adapter.take_statuses(),
        [NDIS_STATUS_LINK_STATE, NDIS_STATUS_LINK_STATE, NDIS_STATUS_NETWORK_CHANGE]
    );
    adapter.device_event(NdisDevicePnPEventPowerProfileChanged);
    assert_eq!(adapter.net_event(NetEventReconfigure, 0), Some(0));
    adapter.set_power(Power::Low);
    assert_eq!(adapter.module_states(), [State::Paused]);
    adapter.set_power(Power::On);
    assert_eq!(adapter.module_states(), [State::Running]);
    let (network, device) = adapter.events();
    assert_eq!(network, [NetEventReconfigure, NetEventQueryPower, NetEventSetPower, NetEventSetPower]);
    assert_eq!(device, [NdisDevicePnPEventPowerProfileChanged]);
}

/// Data comes while a module is paused, in a stack that runs: its restart failed.
fn traffic_while_paused(adapter: AdapterId) {
    adapter.pause();
    plan(|plan| plan.fails_restart.set(true));
    adapter.restart();
    assert_eq!(adapter.module_states(), [State::Paused]);
    let _ = adapter.take_completed();
    traffic(adapter);
    filter::send_own(&bytes(60), 1);
    assert!(adapter.take_completed().iter().all(|status| *status == NDIS_STATUS_PAUSED));
    plan(|plan| plan.fails_restart.set(false));
    adapter.pause();
    adapter.restart();
    assert_eq!(adapter.module_states(), [State::Running]);
}

/// A pause begins while lists are out.
fn pause_with_lists_out(adapter: AdapterId) {
    adapter.set_send_mode(Mode::Later);
    adapter.set_receive_mode(Mode::Later);
    filter::send_own(&bytes(60), 2);
    filter::indicate(&bytes(60), 2, false);
    adapter.send(&send_shapes(), SendOptions::default());
    adapter.receive(&shapes(), ReceiveOptions::default());
    plan(|plan| plan.work.set(Work::Queue));
    adapter.send(&send_shapes(), SendOptions::default());
    adapter.receive(&shapes(), ReceiveOptions::default());
    plan(|plan| plan.work.set(Work::Pass));
    // The protocol waits for its sends before any module pauses.
    let flusher = sched::spawn("flusher", || {
        sched::sleep(15_000);
        plan(|plan| plan.sends_only.set(true));
        filter::flush();
        plan(|plan| plan.sends_only.set(false));
    });
    adapter.pause();
    sched::join(flusher);
    adapter.restart();
}

/// The module takes itself out of the data path, and back in.
fn bypassed(adapter: AdapterId) {
    plan(|plan| plan.bypass.set(true));
    filter::restart();
    settle();
    assert_eq!(adapter.handlers(), (false, false));
    let seen = plan(|plan| plan.seen.get());
    traffic(adapter);
    assert_eq!(plan(|plan| plan.seen.get()), seen);
    if filter::sins(Sin::SendsWithoutCompletion) {
        filter::send_own(&bytes(60), 1);
    }
    plan(|plan| plan.bypass.set(false));
    filter::restart();
    filter::restart();
    settle();
    assert_eq!(adapter.handlers(), (true, true));
}

/// Each kind of work that the filter can do with lists of others.
fn works(adapter: AdapterId) {
    for work in [Work::Clone, Work::Mark, Work::Queue] {
        let until = sched::now() + 10_000_000;
        plan(|plan| plan.work.set(work));
        adapter.set_send_mode(Mode::Later);
        adapter.send(&[PacketList::from(bytes(60)).cancel_id(77), bytes(70).into()], SendOptions::default());
        adapter.send(&send_shapes(), SendOptions { dispatch: true, ..SendOptions::default() });
        if work == Work::Queue {
            adapter.receive(&shapes(), ReceiveOptions::default());
            adapter.cancel_sends(77);
        }
        while adapter.outstanding() != (0, 0) {
            filter::flush();
            adapter.return_receives(Completion::default(), usize::MAX);
            adapter.complete_sends(
                Completion { order: Order::Random, dispatch: true, ..Completion::default() },
                usize::MAX,
            );
            sched::sleep(20_000);
            if sched::now() > until {
                break;
            }
        }
        plan(|plan| plan.work.set(Work::Pass));
    }
}

/// Mapping fails, always.
fn mapping_fails(adapter: AdapterId) {
    set_faults(Plan::Of(Fault::Mapping, 1000));
    adapter.set_receive_mode(Mode::Inline);
    adapter.receive(&shapes(), ReceiveOptions::default());
    set_faults(Plan::None);
}

/// Everything that can happen to a filter, once.
pub(crate) fn tour(config: AdapterConfig) {
    let adapter = add_adapter(config);
    load_filter();
    settle();
    if adapter.module_states().is_empty() {
        unload();
        return;
    }
    assert_eq!(adapter.module_states(), [State::Running]);
    traffic(adapter);
    own_traffic(adapter);
    requests(adapter);
    news(adapter);
    mapping_fails(adapter);
    works(adapter);
    traffic_while_paused(adapter);
    pause_with_lists_out(adapter);
    bypassed(adapter);
    let second = add_adapter(AdapterConfig {
        restart_attributes: RestartAttributes::Missing,
        ..AdapterConfig::ethernet(2)
    });
    let third = add_adapter(AdapterConfig {
        restart_attributes: RestartAttributes::Unknown,
        ..AdapterConfig::ethernet(3)
    });
    traffic(second);
    second.remove(false);
    third.remove(true);
    sched::sleep(40 * 10_000_000);
    settle();
    unload();
}
