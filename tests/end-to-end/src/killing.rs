//! Commands that are killed at each of their requests.

use crate::wire::{Fault, Wire};
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// No command has so many requests.
const REQUESTS: usize = 20;
/// How often a command is asked whether it has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// Starts a command and kills it at its `number`th request, before or after the vault acted on it. Returns whether there was
/// one.
pub fn kill_at(wire: &Wire, number: usize, acted: bool, start: impl FnOnce() -> Child) -> bool {
    let victim = Arc::new(Mutex::new(None::<Child>));
    let held = Arc::clone(&victim);
    let kill = move || {
        let mut held = held.lock().expect("no panic");
        held.as_mut().expect("it was started").kill().expect("it can be killed");
    };
    let fault = if acted { Fault::After(Box::new(kill)) } else { Fault::Instead(Box::new(kill)) };
    wire.nth(number, |_| true, fault);
    // The lock is held until the child is in its place, so that the wire finds it there.
    let mut place = victim.lock().expect("no panic");
    *place = Some(start());
    drop(place);
    loop {
        let ended = victim.lock().expect("no panic").as_mut().expect("it was started").try_wait();
        if ended.expect("it is a child").is_some() {
            return wire.heal();
        }
        std::thread::sleep(PAUSE);
    }
}

/// Calls `case` for every request, once to be killed before and once after the vault acted on it, until it says that the
/// command needs no further one. A command sends at least `fewest` requests.
pub fn kill_at_each(fewest: usize, mut case: impl FnMut(usize, bool) -> bool) {
    for acted in [false, true] {
        let mut number = 1;
        while case(number, acted) {
            number += 1;
            assert!(number < REQUESTS, "the command never ends");
        }
        assert!(number > fewest, "the command sends requests");
    }
}
