//! Known sinners: each breaks one rule, on the tour, and must be caught with its id.

use snapgate_sim::ndis::AdapterConfig;
use snapgate_sim::sched::Policy;
use snapgate_sim::{Guard, Options, Rule, Violation};

use crate::filter::{Sin, plan};
use crate::rig::{run, tour};

/// What must be caught as what.
const SINNERS: &[(Rule, Sin)] = &[
    (Rule::I1, Sin::OpensConfigurationAtDispatch),
    (Rule::I2, Sin::SleepsAtDispatch),
    (Rule::I3, Sin::LiesAboutDispatch),
    (Rule::L1, Sin::CompletesRestartTwice),
    (Rule::L1, Sin::RestartsInAttach),
    (Rule::L2, Sin::StaysRegistered),
    (Rule::L2, Sin::DeregistersTwice),
    (Rule::L2, Sin::DeregistersEarly),
    (Rule::L3, Sin::SetsNoAttributes),
    (Rule::L3, Sin::SetsAttributesTwice),
    (Rule::L4, Sin::PauseFails),
    (Rule::L4, Sin::PauseIgnoresOwn),
    (Rule::L4, Sin::PauseCompletesTwice),
    (Rule::L4, Sin::PauseNeverEnds),
    (Rule::L4, Sin::PauseKeepsForeign),
    (Rule::L5, Sin::PassesSendsWhilePaused),
    (Rule::L5, Sin::PassesReceivesWhilePaused),
    (Rule::L5, Sin::OriginatesWhilePaused),
    (Rule::L5, Sin::SucceedsWhilePaused),
    (Rule::L5, Sin::KeepsWhilePaused),
    (Rule::L6, Sin::ChangesUnknownAttribute),
    (Rule::L6, Sin::AddsAttribute),
    (Rule::L6, Sin::ChangesAttributesAndFails),
    (Rule::L7, Sin::LeavesPool),
    (Rule::L7, Sin::UsesHandleAfterDetach),
    (Rule::L8, Sin::AsksInAttach),
    (Rule::L9, Sin::SetsHandlersInRestart),
    (Rule::L9, Sin::SetsHalfAPair),
    (Rule::N1, Sin::WritesAfterSend),
    (Rule::N1, Sin::FollowsAfterSend),
    (Rule::N1, Sin::SendsNothing),
    (Rule::N1, Sin::SendsALoop),
    (Rule::N1, Sin::MiscountsLists),
    (Rule::N3, Sin::SendsTwice),
    (Rule::N2, Sin::WritesSource),
    (Rule::N2, Sin::CompletesOwnUpwards),
    (Rule::N2, Sin::FreesForeign),
    (Rule::N2, Sin::HidesItsOwn),
    (Rule::N3, Sin::CompletesTwice),
    (Rule::L4, Sin::DropsAReceive),
    (Rule::N3, Sin::DropsASend),
    (Rule::N3, Sin::ChangesLength),
    (Rule::N3, Sin::SetsNoStatus),
    (Rule::N3, Sin::HoldsTooLong),
    (Rule::N4, Sin::ReturnsLent),
    (Rule::N4, Sin::ClearsResources),
    (Rule::N4, Sin::UnlinksLent),
    (Rule::N4, Sin::ReturnsLentLater),
    (Rule::N5, Sin::SendsWithoutCompletion),
    (Rule::N6, Sin::IndicatesTwoPackets),
    (Rule::N7, Sin::FreesCloneAsList),
    (Rule::N7, Sin::FreesCloneWithOtherFlags),
    (Rule::N7, Sin::GivesOriginalBackFirst),
    (Rule::N8, Sin::WritesData),
    (Rule::B1, Sin::SendsBeyondMdls),
    (Rule::B2, Sin::AdvancesTooFar),
    (Rule::B2, Sin::KeepsHeader),
    (Rule::B3, Sin::IgnoresNoBuffer),
    (Rule::B4, Sin::IgnoresNoMapping),
    (Rule::P1, Sin::MakesListsItself),
    (Rule::P1, Sin::FreesTwice),
    (Rule::P1, Sin::FreesPoolEarly),
    (Rule::P1, Sin::FreesPacketOfList),
    (Rule::P2, Sin::AllocatesFromWrongPool),
    (Rule::P3, Sin::TakesOddContext),
    (Rule::P3, Sin::FreesContextsInOrder),
    (Rule::P3, Sin::LeavesContext),
    (Rule::P4, Sin::ReusesDirty),
    (Rule::P4, Sin::FreesWithOtherPackets),
    (Rule::O1, Sin::ForwardsOriginal),
    (Rule::O1, Sin::CompletesRequestTwice),
    (Rule::O1, Sin::NeverCompletesRequest),
    (Rule::O1, Sin::SendsTwoRequests),
    (Rule::O2, Sin::CompletesCloneUpwards),
    (Rule::O2, Sin::ForgetsResults),
    (Rule::O2, Sin::WritesSourceReserved),
    (Rule::O2, Sin::AsksWithBadHeader),
    (Rule::O3, Sin::ForgetsUpperFilter),
    (Rule::O3, Sin::ForgetsOwnFilter),
    (Rule::O4, Sin::SwallowsCancel),
    (Rule::O4, Sin::SwallowsRequestCancel),
];

/// The rules of this half of the simulator.
const RULES: [Rule; 32] = [
    Rule::I1,
    Rule::I2,
    Rule::I3,
    Rule::L1,
    Rule::L2,
    Rule::L3,
    Rule::L4,
    Rule::L5,
    Rule::L6,
    Rule::L7,
    Rule::L8,
    Rule::L9,
    Rule::N1,
    Rule::N2,
    Rule::N3,
    Rule::N4,
    Rule::N5,
    Rule::N6,
    Rule::N7,
    Rule::N8,
    Rule::B1,
    Rule::B2,
    Rule::B3,
    Rule::B4,
    Rule::P1,
    Rule::P2,
    Rule::P3,
    Rule::P4,
    Rule::O1,
    Rule::O2,
    Rule::O3,
    Rule::O4,
];

fn commit(sin: Sin, options: Options) -> Result<(), Box<Violation>> {
    run(options, move || {
        plan(|plan| plan.sin.set(Some(sin)));
        tour(AdapterConfig::ethernet(1));
    })
}

#[test]
fn every_sinner_is_caught_with_the_rule_that_it_breaks() {
    let mut wrong = Vec::new();
    for (rule, sin) in SINNERS {
        match commit(*sin, Options::default()) {
            Err(violation) if violation.rule == *rule => {}
            Err(violation) => {
                wrong
                    .push(format!("{sin:?}: {rule:?} expected, {:?}: {}", violation.rule, violation.message));
            }
            Ok(()) => wrong.push(format!("{sin:?}: {rule:?} expected, nothing was seen")),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn no_sinner_gets_away_with_any_schedule() {
    for seed in 0..5 {
        for (_, sin) in SINNERS {
            let policy = Policy::Random { per_mille: 150 };
            let caught = commit(*sin, Options { seed, policy, ..Options::default() });
            assert!(caught.is_err(), "{sin:?} with seed {seed}");
        }
    }
}

#[test]
fn a_byte_behind_the_data_is_out_of_reach_with_guarded_pages() {
    let options = Options { guard: Guard::Pages, ..Options::default() };
    let violation = commit(Sin::ReadsBeyondData, options).unwrap_err();
    assert_eq!(violation.rule, Rule::B1, "{violation}");
    assert_eq!(violation.message, "access to byte 38 of 38 bytes of a packet's data");
}

#[test]
fn every_rule_has_a_sinner() {
    for rule in RULES {
        assert!(SINNERS.iter().any(|(broken, _)| *broken == rule), "{rule:?} has no sinner");
    }
}
