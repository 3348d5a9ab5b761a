//! `admin sweep`: shows the unused objects of the store, or removes them.

use super::failure::Failure;
use super::say;
use rootcellar_server::admin::{Request, Response, follow};
use rootcellar_server::config::Config;
use rootcellar_server::error_code::ErrorCode;
use rootcellar_vault::sweep::{Finding, Kept, Kind, Outcome, Report, Tally};
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// A shorter sweep shows no progress.
const SHORT: Duration = Duration::from_millis(500);

/// The flags of the command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) apply: bool,
    pub(crate) names: bool,
    pub(crate) json: bool,
}

pub(crate) fn run(config: &Config, options: Options) -> anyhow::Result<()> {
    let Options { apply, names, json } = options;
    let request = Request::Sweep { apply, names: names || json };
    let (started, shows) = (Instant::now(), io::stderr().is_terminal() && !json);
    let (mut found, mut report, mut refused) = (Vec::new(), None, None);
    follow(&config.admin_socket, &request, |answer| {
        match answer {
            Response::Found(finding) => found.push(finding),
            Response::Sweeping(so_far) if shows && started.elapsed() >= SHORT => progress(&so_far),
            Response::Sweeping(_) => {}
            Response::Swept(whole) => report = Some(whole),
            other => refused = Some(other),
        }
        report.is_none() && refused.is_none()
    })?;
    if shows {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
    if let Some(answer) = refused {
        return super::admin::refused(answer);
    }
    let early =
        || Failure::new(ErrorCode::NoResponse, "The server ended the sweep without a result. See its log.");
    let report = report.ok_or_else(early)?;
    if json {
        let mut whole = serde_json::to_value(&report)?;
        whole["objects"] = serde_json::to_value(&found)?;
        say(&whole.to_string())?;
    } else {
        say(text(&report, &found).trim_end())?;
    }
    if !report.complete {
        let text =
            "The sweep is incomplete: the server is stopping, or its store does not respond. Run it again.";
        return Err(Failure::new(ErrorCode::SweepIncomplete, text).into());
    }
    Ok(())
}

fn progress(report: &Report) {
    let (seen, found) = (report.seen.objects, report.total().objects);
    let _ = write!(io::stderr(), "\r\x1b[Kchecked {seen} objects, found {found} unused");
    let _ = io::stderr().flush();
}

fn text(report: &Report, found: &[Finding]) -> String {
    let mut out = String::new();
    for finding in found {
        let what = match finding.outcome {
            Outcome::Removed(_) => "removed",
            Outcome::Removable(_) => "would be removed",
            Outcome::Kept(_) => "kept",
        };
        let _ = writeln!(out, "{what}  {}", finding.name);
    }
    let heading = if report.applied { "Removed:" } else { "Would be removed (with --apply):" };
    let _ = writeln!(out, "{heading}");
    report.removed.iter().for_each(|(kind, tally)| line(&mut out, about(*kind), *tally));
    line(&mut out, "total", report.total());
    if !report.kept.is_empty() {
        let _ = writeln!(out, "Kept:");
        report.kept.iter().for_each(|(reason, tally)| line(&mut out, why(*reason), *tally));
    }
    let _ = writeln!(out, "Checked:");
    line(&mut out, "less than a day old, never removed", report.young);
    line(&mut out, "total", report.seen);
    out
}

fn line(out: &mut String, what: &str, tally: Tally) {
    let _ = writeln!(out, "  {what:<52} {:>9}  {:>11}", tally.objects, size(tally.bytes));
}

/// A size in B, KiB, MiB or GiB.
pub(super) fn size(bytes: u64) -> String {
    let units = [(1_u64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} B"),
    }
}

fn about(kind: Kind) -> &'static str {
    match kind {
        Kind::Snapshots => "snapshots that no account names",
        Kind::Guesses => "guess budgets that are full again",
        Kind::Registrations => "accounts of incomplete registrations",
        Kind::Pointers => "names and locators without an account",
        Kind::Invites => "expired invites",
        Kind::Pairings => "expired pairing mailboxes",
        Kind::Tombstones => "remains of deleted accounts",
        Kind::Probes => "remains of store checks",
    }
}

fn why(reason: Kept) -> &'static str {
    match reason {
        Kept::AheadOfAccount => "snapshots of a newer version of their account",
        Kept::AccountMissing => "without the account's object; see the runbook",
        Kept::FailedAttempts => "full budgets with failed attempts to report",
        Kept::Unreadable => "damaged, or from a newer version",
        Kept::Foreign => "not part of a vault; see --names",
        Kept::Changed => "changed during the sweep",
        Kept::StoreFailed => "not checked: the store failed; see the log",
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_for_people() {
        assert_eq!([size(0), size(1023), size(1536), size(5 << 30)], ["0 B", "1023 B", "1.5 KiB", "5.0 GiB"]);
    }
}
