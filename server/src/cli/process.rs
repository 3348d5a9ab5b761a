//! The limits and protections of the server's process.

use rootcellar_server::error_code::ErrorCode;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use std::io;
use std::num::NonZeroUsize;
use std::panic;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use tokio::runtime::{Builder, Runtime};

/// Maximum threads that drive connections. A vault needs no more, and the process must remain below
/// the `TasksMax` and `pids_limit` of `deploy/` on every machine.
const WORKERS: usize = 8;
/// Maximum threads that wait for the disk. One address's share of the requests is smaller, so that
/// it cannot block them all.
const BLOCKING: usize = 40;
/// Stack of each thread, in bytes.
const STACK: usize = 1 << 20;

/// The runtime with the server's threads.
pub(super) fn runtime() -> io::Result<Runtime> {
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    Builder::new_multi_thread()
        .enable_all()
        .worker_threads(processors.min(WORKERS))
        .max_blocking_threads(BLOCKING)
        .thread_stack_size(STACK)
        .build()
}

/// Disables core dumps, which would contain the root secret, and access by other processes of the
/// same user.
pub(super) fn forbid_core_dumps() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let limited = setrlimit(Resource::Core, none);
    let hidden = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    // Either is enough. A sandbox may forbid the first.
    if let (Err(error), Err(_)) = (limited, hidden) {
        tracing::warn!(
            event = "core-dumps-allowed",
            %error,
            "Core dumps cannot be disabled. A crash may write the root secret to disk."
        );
    }
}

/// Ends the process if any thread panics, until the result is dropped. While the server starts, no
/// one would notice a missing thread.
pub(super) fn end_on_panic() -> Starting {
    let is_starting = Arc::new(AtomicBool::new(true));
    let report = panic::take_hook();
    let starting = Starting(is_starting.clone());
    panic::set_hook(Box::new(move |info| {
        report(info);
        if is_starting.load(Ordering::Relaxed) {
            process::exit(i32::from(ErrorCode::Failed.exit()));
        }
    }));
    starting
}

/// While it exists, a panic ends the process.
pub(super) struct Starting(Arc<AtomicBool>);

impl Drop for Starting {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The main thread, and those of a health check in the same container.
    const OTHERS: usize = 8;

    #[test]
    fn the_threads_fit_what_deploy_allows_on_every_machine() {
        let unit = include_str!("../../../deploy/rootcellar-server.service");
        let compose = include_str!("../../../deploy/compose.yaml");
        let production = include_str!("../../../deploy/compose.production.yaml");
        for (text, name) in [(unit, "TasksMax="), (compose, "pids_limit: "), (production, "pids_limit: ")] {
            let limit = text.lines().find_map(|line| line.trim().strip_prefix(name)).expect(name);
            let limit: usize = limit.parse().expect("a number");
            assert!(WORKERS + BLOCKING + OTHERS <= limit, "{name}{limit}");
        }
    }
}
