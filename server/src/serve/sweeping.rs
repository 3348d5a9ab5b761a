//! The background sweep. Replicas run it at different times, and it leaves time for requests.

use super::{Stop, stopped};
use crate::state::AppState;
use crate::telemetry::metrics::{SWEEP_SECONDS, SWEEP_SUCCESS, SWEPT};
use async_trait::async_trait;
use metrics::{counter, gauge};
use rootcellar_vault::sweep::{self, Finding, Report, Watch};
use std::time::Duration;

/// Pause after each object.
const PAUSE: Duration = Duration::from_millis(5);

/// Sweeps about once per `interval`. The first sweep starts at a random time in the first interval,
/// so that a server that restarts often also sweeps, and replicas that start together do not sweep
/// together.
pub(super) async fn sweep_now_and_then(state: AppState, interval: Duration, mut stop: Stop) {
    let mut wait = interval.mul_f64(random(&state));
    loop {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stopped(&mut stop) => return,
        }
        once(&state, &stop).await;
        wait = interval.mul_f64(0.75 + random(&state) / 2.0);
    }
}

/// A random number from 0 to 1.
fn random(state: &AppState) -> f64 {
    let mut bytes = [0; 2];
    state.entropy().fill(&mut bytes);
    f64::from(u16::from_be_bytes(bytes)) / f64::from(u16::MAX)
}

async fn once(state: &AppState, stop: &Stop) {
    let report = match sweep::run(state, true, &mut Pace(stop)).await {
        Ok(report) => report,
        Err(_) => {
            return tracing::warn!(event = "sweep-failed", "Skipped a sweep: the store does not respond.");
        }
    };
    for (kind, tally) in &report.removed {
        counter!(SWEPT, "kind" => kind.as_str()).increment(tally.objects);
    }
    gauge!(SWEEP_SECONDS).set(std::time::Duration::from_secs(report.seconds).as_secs_f64());
    if report.complete {
        #[expect(clippy::cast_precision_loss, reason = "a time to the second, for a graph")]
        gauge!(SWEEP_SUCCESS).set(state.now().0 as f64);
    }
    let (removed, kept) = (report.total(), report.kept.values().map(|tally| tally.objects).sum::<u64>());
    tracing::info!(
        event = "sweep",
        complete = report.complete,
        objects = report.seen.objects,
        removed = removed.objects,
        bytes = removed.bytes,
        kept,
        seconds = report.seconds,
    );
}

/// Pauses the sweep after each object, and ends it on shutdown.
struct Pace<'a>(&'a Stop);

#[async_trait]
impl Watch for Pace<'_> {
    async fn saw(&mut self, _: &Report, _: Option<&Finding>) -> bool {
        tokio::time::sleep(PAUSE).await;
        !*self.0.borrow()
    }
}
