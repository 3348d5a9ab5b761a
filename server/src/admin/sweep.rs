//! A sweep that an administrator requests. It reports its progress, and ends early if the client goes away.

use super::{Response, server::tell};
use crate::error_code::ErrorCode;
use crate::serve::Stop;
use crate::state::AppState;
use async_trait::async_trait;
use rootcellar_vault::sweep::{self, Finding, Report, Watch};
use std::io;
use std::time::Duration;
use tokio::net::unix::WriteHalf;
use tokio::time::Instant;

/// Pause between two progress reports.
const PROGRESS: Duration = Duration::from_millis(500);

/// Sweeps, and writes the result as the last line.
pub(super) async fn run(
    write: &mut WriteHalf<'_>,
    state: &AppState,
    apply: bool,
    names: bool,
    stop: &Stop,
) -> io::Result<()> {
    let mut listener = Listener { write, names, stop, told: Instant::now(), result: Ok(()) };
    let report = sweep::run(state, apply, &mut listener).await;
    let Listener { write, result, .. } = listener;
    result?;
    let answer = match report {
        Ok(report) => {
            let total = report.total();
            tracing::info!(
                apply,
                removed = total.objects,
                bytes = total.bytes,
                event = "admin-sweep",
                "An administrator swept the store."
            );
            Response::Swept(report)
        }
        Err(error) => Response::Refused { code: ErrorCode::StoreUnavailable, reason: error.to_string() },
    };
    tell(write, &answer).await
}

/// The client at the other end of the socket.
struct Listener<'a, 'b> {
    write: &'a mut WriteHalf<'b>,
    names: bool,
    stop: &'a Stop,
    told: Instant,
    result: io::Result<()>,
}

impl Listener<'_, '_> {
    async fn tell(&mut self, report: &Report, finding: Option<&Finding>) -> io::Result<()> {
        if let Some(finding) = finding.filter(|_| self.names) {
            tell(self.write, &Response::Found(finding.clone())).await?;
        }
        if self.told.elapsed() >= PROGRESS {
            self.told = Instant::now();
            tell(self.write, &Response::Sweeping(report.clone())).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Watch for Listener<'_, '_> {
    async fn saw(&mut self, report: &Report, finding: Option<&Finding>) -> bool {
        self.result = self.tell(report, finding).await;
        self.result.is_ok() && !*self.stop.borrow()
    }
}
