//! Lists on their way, as scenarios see them: nothing is lost, changed or forgotten.

use snapgate_ffi::ndis::*;
use snapgate_sim::fault::Plan;
use snapgate_sim::ndis::{
    AdapterConfig, AdapterId, Completion, Delivered, Manner, Mode, Packet, PacketList, ReceiveOptions,
    SendOptions, State, add_adapter, settle,
};
use snapgate_sim::sched::Policy;
use snapgate_sim::{Guard, Machine, Options, sched, set_faults, unload};

use crate::filter::{self, Work, plan};
use crate::rig::{ORDERS, bytes, load_filter, run, run_well, send_shapes, shapes, traffic};

fn with_filter(scenario: impl FnOnce(AdapterId) + 'static) {
    run_well(Options::default(), || {
        let adapter = add_adapter(AdapterConfig::ethernet(1));
        load_filter();
        settle();
        scenario(adapter);
        unload();
    });
}

fn plain(bytes: Vec<u8>) -> Delivered {
    Delivered { bytes, vlan: None, flags: 0 }
}

#[test]
fn what_is_received_arrives_at_the_protocol_with_its_bytes_and_tags() {
    for guard in [Guard::Patterns, Guard::Pages] {
        let options = Options { guard, ..Options::default() };
        run_well(options, || {
            let adapter = add_adapter(AdapterConfig::ethernet(1));
            load_filter();
            settle();
            for resources in [false, true] {
                let options = ReceiveOptions { resources, ..ReceiveOptions::default() };
                assert!(adapter.receive(&shapes(), options));
                let mut expected: Vec<Delivered> =
                    [60, 60, 60, 60, 8, 60, 60, 61].into_iter().map(|length| plain(bytes(length))).collect();
                expected[5].vlan = Some(0xa005);
                expected[6].flags = NDIS_NBL_FLAGS_IS_LOOPBACK_PACKET;
                assert_eq!(adapter.take_delivered(), expected);
            }
            assert_eq!(adapter.outstanding(), (0, 0));
            unload();
        });
    }
}

#[test]
fn what_is_sent_arrives_at_the_miniport_and_comes_back_with_a_status_each() {
    with_filter(|adapter| {
        for order in ORDERS {
            adapter.set_send_mode(Mode::Later);
            adapter.set_send_status(NDIS_STATUS_MEDIA_DISCONNECTED);
            assert!(adapter.send(&send_shapes(), SendOptions::default()));
            assert_eq!(adapter.resting(), (9, 0));
            assert_eq!(adapter.complete_sends(Completion { order, ..Completion::default() }, 4), 4);
            assert_eq!(adapter.resting(), (5, 0));
            assert_eq!(
                adapter.complete_sends(Completion { order, dispatch: true, ..Completion::default() }, 99),
                5
            );
            assert_eq!(adapter.take_transmitted().len(), 11);
            assert_eq!(adapter.take_completed(), [NDIS_STATUS_MEDIA_DISCONNECTED; 9]);
        }
    });
}

#[test]
fn cancelled_sends_are_aborted_and_no_others() {
    with_filter(|adapter| {
        adapter.set_send_mode(Mode::Later);
        for work in [Work::Pass, Work::Queue] {
            plan(|plan| plan.work.set(work));
            let batch = [
                PacketList::from(bytes(60)).cancel_id(5),
                bytes(61).into(),
                PacketList::from(bytes(62)).cancel_id(6),
            ];
            adapter.send(&batch, SendOptions::default());
            adapter.cancel_sends(5);
            assert_eq!(adapter.take_completed(), [NDIS_STATUS_SEND_ABORTED]);
            filter::flush();
            adapter.complete_sends(Completion::default(), 99);
            assert_eq!(adapter.take_completed(), [NDIS_STATUS_SUCCESS; 2]);
        }
    });
}

#[test]
fn nothing_flows_while_an_adapter_is_paused_or_gone() {
    with_filter(|adapter| {
        adapter.pause();
        assert!(!adapter.send(&send_shapes(), SendOptions::default()));
        assert!(!adapter.receive(&shapes(), ReceiveOptions::default()));
        adapter.restart();
        assert!(adapter.send(&send_shapes(), SendOptions::default()));
        adapter.remove(true);
        assert!(!adapter.send(&send_shapes(), SendOptions::default()));
        assert!(adapter.module_states().is_empty());
    });
}

#[test]
fn a_surprise_removal_brings_back_what_is_out() {
    with_filter(|adapter| {
        adapter.set_send_mode(Mode::Later);
        adapter.set_receive_mode(Mode::Later);
        adapter.send(&send_shapes(), SendOptions::default());
        adapter.receive(&shapes(), ReceiveOptions::default());
        filter::send_own(&bytes(60), 2);
        assert_eq!(adapter.outstanding(), (9, 8));
        adapter.remove(true);
        assert!(!adapter.is_present());
    });
}

#[test]
fn traffic_and_changes_at_once_break_no_rule() {
    for seed in 0..40 {
        let options = Options { seed, policy: Policy::Random { per_mille: 150 }, ..Options::default() };
        run_well(options, || {
            let above = vec![Manner::Split, Manner::Delay];
            let adapter = add_adapter(AdapterConfig { above, ..AdapterConfig::ethernet(1) });
            load_filter();
            let threads = [
                sched::spawn("sender", move || (0..3).for_each(|_| traffic(adapter))),
                sched::spawn("owner", move || {
                    for _ in 0..20 {
                        filter::send_own(&bytes(60), 2);
                        filter::indicate(&bytes(60), 1, false);
                        sched::sleep(3_000);
                    }
                }),
                sched::spawn("changer", move || {
                    for _ in 0..4 {
                        sched::sleep(7_000);
                        adapter.pause();
                        adapter.restart();
                        filter::restart();
                    }
                }),
            ];
            threads.into_iter().for_each(sched::join);
            settle();
            unload();
        });
    }
}

/// What can happen, without expectations: for runs in which calls fail.
fn storm() {
    let adapter = add_adapter(AdapterConfig::ethernet(1));
    if snapgate_sim::load(&snapgate_sim::image::Image::Linked(filter::ENTRY)).is_err() {
        return;
    }
    settle();
    for work in [Work::Pass, Work::Clone] {
        plan(|plan| plan.work.set(work));
        adapter.send(&send_shapes(), SendOptions::default());
        adapter.receive(&shapes(), ReceiveOptions::default());
        filter::send_own(&bytes(60), 2);
        filter::restart();
        settle();
    }
    let question = snapgate_sim::ndis::OidQuestion {
        kind: NdisRequestQueryInformation,
        oid: OID_GEN_MAXIMUM_FRAME_SIZE,
        buffer: vec![0; 4],
    };
    adapter.ask(&question);
    adapter.remove(false);
    unload();
}

#[test]
fn every_call_that_fails_alone_is_survived() {
    let machine = Machine::new(Options::default());
    filter::reset();
    machine.run_thread("storm", storm).unwrap();
    let (calls, _) = machine.faults();
    drop(machine);
    assert!(calls > 30, "{calls}");
    for number in 1..=calls {
        run_well(Options::default(), move || {
            set_faults(Plan::Nth(number));
            storm();
        });
    }
}

#[test]
fn calls_that_fail_now_and_then_are_survived() {
    for seed in 0..40 {
        let options = Options { seed, policy: Policy::Random { per_mille: 100 }, ..Options::default() };
        run_well(options, || {
            // What the makers of XDP for Windows test with.
            set_faults(Plan::Rate(60));
            storm();
        });
    }
}

#[test]
fn equal_seeds_make_equal_runs() {
    let digest = |seed| {
        filter::reset();
        let options = Options { seed, policy: Policy::Random { per_mille: 100 }, ..Options::default() };
        let machine = Machine::new(options);
        machine.run_thread("storm", storm).unwrap();
        machine.trace()
    };
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}

#[test]
fn a_broken_rule_is_told_with_the_history_of_the_list() {
    let caught = run(Options::default(), || {
        plan(|plan| plan.sin.set(Some(filter::Sin::WritesAfterSend)));
        let adapter = add_adapter(AdapterConfig::ethernet(1));
        load_filter();
        settle();
        adapter.set_send_mode(Mode::Later);
        adapter.send(&[Packet::new(bytes(60)).into()], SendOptions::default());
        adapter.complete_sends(Completion::default(), 1);
    });
    let violation = caught.unwrap_err();
    let told = violation.to_string();
    for part in [
        "rule N1 broken: offset 112 of the list was written while NBL 1 was held by the miniport",
        "NBL 1 made: Protocol",
        "NBL 1 given to filter module 1",
        "NBL 1 NdisFSendNetBufferLists by filter module 1",
        "NBL 1 sent to the miniport",
    ] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
}

#[test]
fn a_module_whose_restart_failed_answers_requests_and_passes_news_on() {
    with_filter(|adapter| {
        adapter.pause();
        plan(|plan| plan.fails_restart.set(true));
        adapter.restart();
        assert_eq!(adapter.module_states(), [State::Paused]);
        adapter.set_link(false);
        assert_eq!(adapter.take_statuses(), [NDIS_STATUS_LINK_STATE]);
        assert_eq!(filter::ask_filter(), Some((NDIS_STATUS_SUCCESS, 1500)));
        adapter.send(&send_shapes(), SendOptions::default());
        assert_eq!(adapter.take_completed(), [NDIS_STATUS_PAUSED; 9]);
        plan(|plan| plan.fails_restart.set(false));
    });
}
