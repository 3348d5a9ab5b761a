//! `copy`: moves a vault from one store to another, or compares two.

use super::failure::Failure;
use super::sweep::size;
use super::{NO_THREADS, say};
use anyhow::Context;
use async_trait::async_trait;
use rootcellar_server::config::{Merged, StoreAccess};
use rootcellar_server::error_code::ErrorCode;
use rootcellar_server::serve::StoreLocation;
use rootcellar_server::store::cas::RetryPolicy;
use rootcellar_spec::OperationId;
use rootcellar_vault::clock::SystemClock;
use rootcellar_vault::copy::{self, Progress, Report, Unlike, Watch};
use rootcellar_vault::entropy::{Entropy, SystemEntropy};
use serde_json::json;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A shorter copy shows no progress.
const SHORT: Duration = Duration::from_millis(500);
/// Pause between two updates of the progress.
const BEAT: Duration = Duration::from_millis(100);

pub(crate) fn run(merged: &Merged, from: &str, to: &str, as_json: bool) -> anyhow::Result<()> {
    let access = StoreAccess::read(merged)?;
    let location = |flag: &str, text: &str| {
        StoreLocation::read(text, &access).map_err(|why| Failure::argument(format!("{flag}: {why}")))
    };
    let (from, to) = (location("--from", from)?, location("--to", to)?);
    if from == to {
        let text = "--from and --to are the same location. Choose two different ones.";
        return Err(Failure::argument(text).into());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let report = runtime.context(NO_THREADS)?.block_on(async {
        let clock = Arc::new(SystemClock);
        let source = from.open_for_reading(clock.clone()).await?;
        copy::look(&*source).await?;
        let target = to.open(access.reserve, clock).await?;
        let mut beat = Beat::new(!as_json && io::stderr().is_terminal());
        let operation = OperationId(SystemEntropy.bytes());
        let report = copy::run(&*source, &*target, operation, RetryPolicy::default(), &mut beat).await;
        beat.end();
        anyhow::Ok(report?)
    })?;
    let differs = report.different > 0;
    say(&if as_json { in_json(&report) } else { text(&report) })?;
    if differs {
        let text = "The target already contains a vault, and it differs from the source. Nothing was written. Choose \
                    an empty target.";
        return Err(Failure::new(ErrorCode::CopyDiffers, text).into());
    }
    Ok(())
}

/// Shows the progress on a terminal.
struct Beat {
    shows: bool,
    started: Instant,
    last: Instant,
    shown: bool,
}

impl Beat {
    fn new(shows: bool) -> Self {
        Self { shows, started: Instant::now(), last: Instant::now(), shown: false }
    }

    fn end(&self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

#[async_trait]
impl Watch for Beat {
    async fn saw(&mut self, progress: Progress) -> bool {
        if self.shows && self.started.elapsed() >= SHORT && self.last.elapsed() >= BEAT {
            let verb = if progress.verifying { "verified" } else { "copied" };
            let (objects, bytes) = (progress.objects, size(progress.bytes));
            let _ = write!(io::stderr(), "\r\x1b[K{verb} {objects} objects, {bytes}");
            let _ = io::stderr().flush();
            (self.last, self.shown) = (Instant::now(), true);
        }
        true
    }
}

fn text(report: &Report) -> String {
    let (objects, bytes) = (report.objects, size(report.bytes));
    let mut out = String::new();
    if report.compared {
        let _ = match report.different {
            0 => writeln!(
                out,
                "The target already contains this vault: {objects} objects, {bytes}, all identical."
            ),
            different => writeln!(out, "Compared {objects} objects, {bytes}: {different} differ."),
        };
    } else {
        let (written, removed) = (report.written, report.removed);
        let _ = writeln!(
            out,
            "Copied and verified {objects} objects, {bytes}: {written} written, {removed} removed."
        );
    }
    for difference in &report.differences {
        let how = match difference.unlike {
            Unlike::Missing => "missing in the target",
            Unlike::Other => "different contents",
            Unlike::Extra => "only in the target",
        };
        let _ = writeln!(out, "  {how}: {}", difference.name);
    }
    let named = report.differences.len() as u64;
    if report.different > named {
        let _ = writeln!(out, "  and {} more", report.different - named);
    }
    let _ = write!(
        out,
        "vault ID     {}\nroot secret  {} (not copied: copy it to the target's server yourself)",
        report.vault_id, report.fingerprint
    );
    out
}

fn in_json(report: &Report) -> String {
    let differences = report.differences.iter().map(|difference| {
        let how = match difference.unlike {
            Unlike::Missing => "missing",
            Unlike::Other => "other",
            Unlike::Extra => "extra",
        };
        json!({ "name": difference.name, "how": how })
    });
    json!({
        "compared": report.compared,
        "vault_id": report.vault_id.to_string(),
        "fingerprint": report.fingerprint.to_string(),
        "objects": report.objects,
        "bytes": report.bytes,
        "written": report.written,
        "removed": report.removed,
        "different": report.different,
        "differences": differences.collect::<Vec<_>>(),
    })
    .to_string()
}
