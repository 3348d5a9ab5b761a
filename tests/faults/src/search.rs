//! Runs an operation with every fault at every step, and with as many pairs of faults as there is time for.

use crate::check;
use crate::draws::Draws;
use crate::fault::{Fault, Verb};
use crate::faulty::{Call, Faulty, Plan};
use crate::invariants;
use crate::operations::Operation;
use crate::simulation::{Prepared, Simulation};
use crate::time;
use std::any::Any;
use std::collections::BTreeSet;
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How many pairs of faults an operation is run with.
const PAIRS: usize = 60;
/// How many failed runs are shown.
const SHOWN: usize = 5;
/// However badly things go, everyone has given up by then. A sweep waits for two days before it begins.
const LONGEST: Duration = Duration::from_secs(3 * 86_400);

/// One run.
struct Run {
    plan: Plan,
    calls: Vec<Call>,
    /// Whether the person was told that all went well; or what was broken.
    result: Result<bool, String>,
}

/// Runs an operation of the product with faults.
///
/// # Panics
/// With what was broken, and how to do it again.
#[expect(clippy::print_stdout, reason = "how much was tried is what a reader of the tests wants to know")]
pub fn search<O: Operation>(operation: &O) {
    let prepared = prepare(operation);
    let clean = once(operation, &prepared, Plan::default());
    assert_eq!(clean.result, Ok(true), "without faults, after {:#?}", clean.calls);
    let only = variable("ROOTCELLAR_FAULTS_RUN");
    let seed = variable("ROOTCELLAR_FAULTS_SEED").unwrap_or(1);
    let most = variable("ROOTCELLAR_FAULTS_PAIRS").unwrap_or(PAIRS);

    let singles = following(&clean.calls, &Plan::default());
    let mut pairs = Vec::new();
    let mut runs = Vec::new();
    for plan in singles {
        let run = once(operation, &prepared, plan);
        pairs.extend(following(&run.calls, &run.plan));
        runs.push(run);
    }
    for plan in pick(pairs, most, seed) {
        runs.push(once(operation, &prepared, plan));
    }
    assert!(
        only.is_none_or(|only| only < runs.len()),
        "ROOTCELLAR_FAULTS_RUN: there are {} runs",
        runs.len()
    );
    let well = runs.iter().filter(|run| run.result == Ok(true)).count();
    let (steps, all) = (clean.calls.len(), runs.len());
    println!("{}: {steps} store calls, {all} runs, {well} done in spite of them; seed {seed}", O::NAME);

    let failed: Vec<String> = runs
        .iter()
        .enumerate()
        .filter(|(at, _)| only.is_none_or(|only| only == *at))
        .filter_map(|(at, run)| Some(describe::<O>(at, seed, run, run.result.as_ref().err()?)))
        .collect();
    let shown = failed.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
    assert!(failed.is_empty(), "{} of {} runs of {} failed\n{shown}", failed.len(), runs.len(), O::NAME);
}

/// Runs an operation with one fault, at the first call of this verb to an object whose name begins so.
///
/// # Panics
/// With what was broken.
pub fn run_with<O: Operation>(operation: &O, verb: Verb, name: &str, fault: Fault) {
    let prepared = prepare(operation);
    let clean = once(operation, &prepared, Plan::default());
    let at = clean.calls.iter().position(|call| call.verb == verb && call.name.starts_with(name));
    let plan = Plan::default().and(at.expect("the operation makes such a call"), fault, false);
    let run = once(operation, &prepared, plan);
    assert!(run.result.is_ok(), "{:?} after {:#?}", run.result, run.calls);
}

fn prepare<O: Operation>(operation: &O) -> Prepared {
    time::run(async {
        let mut simulation = Simulation::resume(&Prepared::nothing(O::MODE)).await;
        operation.prepare(&mut simulation).await;
        simulation.rest()
    })
}

/// Runs an operation in a world of its own.
fn once<O: Operation>(operation: &O, prepared: &Prepared, plan: Plan) -> Run {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let (noted, faults) = (calls.clone(), plan.clone());
    let run = async {
        let mut simulation = Simulation::resume(prepared).await;
        let store = simulation.vault.store().clone();
        // Noted also where the operation ends in a panic.
        let noting = Noting { store: store.clone(), calls: noted };
        store.begin(faults);
        let done = tokio::time::timeout(LONGEST, operation.perform(&mut simulation)).await;
        drop(noting);
        let done = done.expect("an operation ends");
        check::meanwhile(&simulation).await;
        operation.again(&mut simulation).await;
        check::whole(&mut simulation).await;
        invariants::examine(prepared.objects.clone(), simulation.vault.truth().events());
        done
    };
    let result = catch_unwind(AssertUnwindSafe(|| time::run(run))).map_err(|panic| message(&*panic));
    let calls = calls.lock().expect("one thread").clone();
    Run { plan, calls, result }
}

/// Ends a plan, and keeps the calls that were made under it.
struct Noting {
    store: Faulty,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Drop for Noting {
    fn drop(&mut self) {
        *self.calls.lock().expect("one thread") = self.store.end();
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

fn describe<O: Operation>(at: usize, seed: usize, run: &Run, broken: &str) -> String {
    let calls = run.calls.iter().map(|call| match call.fault {
        Some(fault) => format!("    {:?} {} <- {fault:?}\n", call.verb, call.name),
        None => format!("    {:?} {}\n", call.verb, call.name),
    });
    let calls: String = calls.collect();
    format!("run {at} of {} (seed {seed}): {:?}\n  {broken}\n{calls}", O::NAME, run.plan)
}

fn variable(name: &str) -> Option<usize> {
    env::var(name).ok().map(|value| value.parse().expect("a number"))
}

/// The plans that add one fault to those of `plan`, in a run that made these calls, with a store that is well after it;
/// and with one that is gone, where that is not the same as another plan.
fn following(calls: &[Call], plan: &Plan) -> Vec<Plan> {
    if plan.down {
        return Vec::new();
    }
    let later = calls.iter().enumerate().skip(plan.last().map_or(0, |last| last + 1));
    let steps = later.flat_map(|(at, call)| call.verb.faults().map(move |fault| (at, fault)));
    let ends = |fault: Fault| if fault.can_be_last() { &[false, true][..] } else { &[false] };
    steps.flat_map(|(at, fault)| ends(fault).iter().map(move |down| plan.and(at, fault, *down))).collect()
}

/// Some of these plans, in their order.
fn pick(plans: Vec<Plan>, most: usize, seed: usize) -> Vec<Plan> {
    if plans.len() <= most {
        return plans;
    }
    let draws = Draws::from(seed as u64);
    let mut chosen = BTreeSet::new();
    while chosen.len() < most {
        chosen.insert(draws.below(plans.len()));
    }
    plans.into_iter().enumerate().filter(|(at, _)| chosen.contains(at)).map(|(_, plan)| plan).collect()
}
