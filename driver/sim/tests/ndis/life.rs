//! The life of modules, as the filter sees it.

use snapgate_ffi::ndis::NdisVersion;
use snapgate_sim::ndis::{AdapterConfig, Manner, State, add_adapter, settle};
use snapgate_sim::sched::Policy;
use snapgate_sim::{Guard, Options, unload};

use crate::filter::plan;
use crate::rig::{load_filter, run_well, tour};

fn log() -> Vec<&'static str> {
    plan(|plan| plan.log.take())
}

#[test]
fn a_module_is_attached_restarted_paused_and_detached_in_order() {
    run_well(Options::default(), || {
        load_filter();
        settle();
        assert_eq!(log(), ["set options"]);
        let adapter = add_adapter(AdapterConfig::ethernet(1));
        assert_eq!(log(), ["attach", "set module options", "restart"]);
        adapter.pause();
        assert_eq!(adapter.module_states(), [State::Paused]);
        adapter.restart();
        assert_eq!(log(), ["pause", "set module options", "restart"]);
        adapter.remove(false);
        assert_eq!(log(), ["pause", "detach"]);
        assert!(!adapter.is_present());
        unload();
        assert!(log().is_empty());
    });
}

#[test]
fn a_driver_that_comes_later_is_attached_to_every_adapter_and_leaves_all_of_them() {
    run_well(Options::default(), || {
        let adapters = [add_adapter(AdapterConfig::ethernet(1)), add_adapter(AdapterConfig::ethernet(2))];
        load_filter();
        settle();
        for adapter in adapters {
            assert_eq!(adapter.module_states(), [State::Running]);
        }
        unload();
        for adapter in adapters {
            assert!(adapter.module_states().is_empty());
            assert!(adapter.send(&[vec![1; 60].into()], Default::default()));
            assert_eq!(adapter.take_transmitted().len(), 1);
        }
    });
}

#[test]
fn a_filter_that_refuses_is_left_out() {
    run_well(Options::default(), || {
        plan(|plan| plan.refuses.set(true));
        let adapter = add_adapter(AdapterConfig::ethernet(1));
        load_filter();
        settle();
        assert!(adapter.module_states().is_empty());
        assert!(adapter.receive(&[vec![1; 60].into()], Default::default()));
        assert_eq!(adapter.take_delivered().len(), 1);
        unload();
    });
}

#[test]
fn pause_and_restart_may_pend() {
    run_well(Options::default(), || {
        plan(|plan| plan.pends.set(true));
        let adapter = add_adapter(AdapterConfig::ethernet(1));
        load_filter();
        settle();
        assert_eq!(adapter.module_states(), [State::Running]);
        adapter.pause();
        assert_eq!(adapter.module_states(), [State::Paused]);
        unload();
    });
}

#[test]
fn the_tour_breaks_no_rule() {
    run_well(Options::default(), || tour(AdapterConfig::ethernet(1)));
    assert!(plan(|plan| plan.seen.get()) > 100);
    assert!(plan(|plan| plan.unmapped.get()) > 0);
}

#[test]
fn the_tour_breaks_no_rule_with_any_schedule() {
    for seed in 0..30 {
        let options = Options { seed, policy: Policy::Random { per_mille: 200 }, ..Options::default() };
        run_well(options, || tour(AdapterConfig::ethernet(1)));
    }
}

#[test]
fn the_tour_breaks_no_rule_with_guarded_pages() {
    let options = Options { guard: Guard::Pages, ..Options::default() };
    run_well(options, || tour(AdapterConfig::ethernet(1)));
}

#[test]
fn the_tour_breaks_no_rule_with_any_version() {
    for minor in [20, 30, 40, 50, 60, 70, 80, 87] {
        let options = Options { ndis_version: 0x6_0000 | minor, ..Options::default() };
        run_well(options, || tour(AdapterConfig::ethernet(1)));
    }
    // An old driver on a new system.
    run_well(Options::default(), || {
        plan(|plan| plan.version.set(Some(NdisVersion::V6_20)));
        tour(AdapterConfig::ethernet(1));
    });
}

#[test]
fn the_tour_breaks_no_rule_with_other_filters_around() {
    let manners = [Manner::Pass, Manner::Split, Manner::Delay, Manner::Lend];
    for (seed, above) in manners.into_iter().enumerate() {
        for below in manners {
            let options = Options {
                seed: seed as u64,
                policy: Policy::Random { per_mille: 100 },
                ..Options::default()
            };
            run_well(options, move || {
                let config = AdapterConfig::ethernet(1);
                tour(AdapterConfig { above: vec![above], below: vec![below, Manner::Pass], ..config });
            });
        }
    }
}
