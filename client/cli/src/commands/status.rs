//! `status`: what this device and the vault know of the account.

use crate::access::{Intent, Returning};
use crate::args::Status;
use crate::connection::Context;
use crate::device_view::ThisDevice;
use crate::enrolling::Enrolled;
use crate::entry_view::SnapshotView;
use crate::exit::Failure;
use crate::home;
use crate::text;
use crate::time_text::{date, rfc3339};
use rootcellar_client::local_state::LocalState;
use rootcellar_client::pending_code::{Ceremony, CodeNotice};
use rootcellar_client::state_store::StateStore;
use rootcellar_client::{ClientError, VaultText};
use rootcellar_spec::hex;
use rootcellar_spec::wire::account::{Account, Head};
use serde::Serialize;
use std::fmt::Write as _;

/// Most backups that are listed, the newest; `--json` lists all.
const MOST_LISTED: usize = 20;

#[derive(Serialize)]
struct StatusJson {
    vault: String,
    vault_id: Option<String>,
    account_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_name: Option<VaultText>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vault_addresses: Vec<VaultText>,
    registered_at: String,
    passphrase_changed_at: String,
    vault_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts_left: Option<u32>,
    device: ThisDevice,
    #[serde(skip_serializing_if = "Option::is_none")]
    enrolled: Option<Enrolled>,
    last_seen: Option<SeenJson>,
    head: Option<HeadJson>,
    snapshot: Option<SnapshotView>,
    snapshots_retained: usize,
    /// Newest first.
    kept: Vec<HeadJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused_head: Option<&'static str>,
    entries: usize,
    pending_save: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_recovery_code: Option<CodeJson>,
}

#[derive(Serialize)]
struct CodeJson {
    handed_out_by: &'static str,
    state: &'static str,
    generated_at: String,
}

#[derive(Serialize)]
struct SeenJson {
    number: u64,
    digest: String,
}

#[derive(Serialize)]
struct HeadJson {
    number: u64,
    digest: String,
    size: u64,
    saved_at: String,
}

#[derive(Serialize)]
struct Forgotten<'a> {
    forgotten: &'a str,
}

pub(super) async fn run(context: &Context<'_>, status: &Status) -> Result<(), Failure> {
    if let Some(said) = forget_registration(context, status)? {
        return context.output.result(&Forgotten { forgotten: &said }, &format!("{said}\n"));
    }
    let returning = Returning::prepare(context, &status.login)?;
    let (device, seen) = (returning.remembered.device.clone(), seen(&returning.remembered.local_state));
    let ready = returning.ready(context, Intent::LookAtAccount).await?;
    let (vault, is_device) = (ready.client.vault().to_string(), ready.is_device());
    let mut session = ready.sign_in(context, Intent::LookAtAccount).await?;
    if status.discard_pending_save {
        session.discard_pending().await?;
        session.dismiss_code().await?;
    }
    if status.discard_code {
        context.discard_code(&mut session).await?;
    }
    let account = context.progress.during(session.account()).await?;
    let account_name = session.account_name().map(VaultText::new);
    let vault_addresses = session.vault_addresses().iter().map(|address| VaultText::new(address)).collect();
    let (snapshot, entries) = (session.snapshot().map(SnapshotView::of), session.items().len());
    let refused_head = session.refused_head().map(ClientError::code);
    let (vault_id, failed_attempts) =
        (session.local_state().vault_id.as_ref().map(ToString::to_string), session.failed_attempts());
    let attempts_left = session.attempts_left();
    let client = session.client();
    let state_store = client.state_store();
    let pending_save = state_store.load().map_err(ClientError::from)?.is_some();
    let enrolment = state_store.enrolment().map_err(ClientError::from)?;
    let enrolled = enrolment
        .zip(client.secret_store().kind()?)
        .map(|(enrolment, kind)| Enrolled::new(enrolment.permission, kind));
    let json = StatusJson {
        vault,
        vault_id,
        account_id: account.account_id.to_string(),
        account_name,
        vault_addresses,
        registered_at: rfc3339(account.created_at),
        passphrase_changed_at: rfc3339(account.passphrase_changed_at),
        vault_time: rfc3339(account.time),
        // A device is not told.
        failed_attempts: (!is_device).then_some(failed_attempts),
        attempts_left,
        device: ThisDevice::of(&device),
        enrolled,
        last_seen: seen,
        head: account.head.as_ref().map(head),
        snapshot,
        snapshots_retained: account.snapshots.len(),
        kept: account.snapshots.iter().map(head).collect(),
        refused_head,
        entries,
        pending_save,
        pending_recovery_code: client.code_notice()?.map(code),
    };
    context.output.result(&json, &shown(&json, &account))
}

/// A registration that came to nothing leaves no account to log in to.
fn forget_registration(context: &Context<'_>, status: &Status) -> Result<Option<String>, Failure> {
    let folder = home::folder(context.global.home.as_deref())?;
    if !folder.exists() {
        return Ok(None);
    }
    context.forget_registration(&context.home()?, status)
}

fn seen(local_state: &LocalState) -> Option<SeenJson> {
    local_state.last_seen.map(|seen| SeenJson { number: seen.number.0, digest: hex::encode(&seen.digest.0) })
}

fn code(notice: CodeNotice) -> CodeJson {
    let handed_out_by = match notice.ceremony {
        Ceremony::Registration => "register",
        Ceremony::RecoveryCode => "recovery-code new",
        Ceremony::Rekey => "rekey",
    };
    CodeJson { handed_out_by, state: notice.state.as_str(), generated_at: rfc3339(notice.generated_at) }
}

fn head(head: &Head) -> HeadJson {
    HeadJson {
        number: head.number.0,
        digest: hex::encode(&head.digest.0),
        size: head.size,
        saved_at: rfc3339(head.created_at),
    }
}

/// How many backups the vault stores, and the numbers of the oldest and the newest.
fn stored(account: &Account) -> String {
    let count = account.snapshots.len();
    match (account.snapshots.last(), account.snapshots.first()) {
        (Some(oldest), Some(latest)) if count > 1 => {
            text::status::StoredValue { count, oldest: oldest.number, latest: latest.number }.into()
        }
        _ => count.to_string(),
    }
}

fn shown(status: &StatusJson, account: &Account) -> String {
    use text::status as say;
    let mut out = String::new();
    let mut line = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{name:<20} {value}");
    };
    let yes_or_no = |yes: bool| if yes { say::YES } else { say::NO };
    line(say::VAULT, &status.vault);
    line(say::ACCOUNT_ID, &status.account_id);
    if let Some(name) = &status.account_name {
        line(say::ACCOUNT_NAME, &name.to_string());
    }
    for address in &status.vault_addresses {
        line(say::ADDRESS, &address.to_string());
    }
    line(say::REGISTERED, &date(account.created_at));
    line(say::PASSPHRASE_SET, &date(account.passphrase_changed_at));
    if let Some(n) = status.failed_attempts {
        line(say::FAILED_ATTEMPTS, &say::FailedSince { n }.to_string());
    }
    if let Some(n) = status.attempts_left {
        line(say::ATTEMPTS_LEFT, &say::AttemptsLeftValue { n }.to_string());
    }
    line(say::DEVICE, &status.device.label.to_string());
    line(say::ENROLLED, &status.enrolled.as_ref().map_or_else(|| say::NO.to_owned(), Enrolled::short));
    match &status.last_seen {
        Some(seen) => line(say::SEEN, &say::SeenValue { n: seen.number }.to_string()),
        None => line(say::SEEN, say::SEEN_NONE),
    }
    latest(status, account, &mut line);
    line(say::STORED, &stored(account));
    for head in account.snapshots.iter().take(MOST_LISTED) {
        let stored = say::StoredLine { n: head.number, time: date(head.created_at), bytes: head.size };
        line("", &stored.to_string());
    }
    if status.refused_head.is_none() {
        line(say::ENTRIES, &status.entries.to_string());
    }
    line(say::PENDING_SAVE, yes_or_no(status.pending_save));
    if let Some(code) = &status.pending_recovery_code {
        let time = &code.generated_at;
        let state: String = match code.state {
            "waiting" => say::CodeWaiting { time }.into(),
            _ => say::CodeInactive { time }.into(),
        };
        line(say::CODE, &state);
    }
    out
}

/// What is known of the latest backup.
fn latest(status: &StatusJson, account: &Account, line: &mut impl FnMut(&str, &str)) {
    use text::status as say;
    match (&status.snapshot, &account.head) {
        (Some(snapshot), Some(head)) => {
            line(say::LATEST, &snapshot.short());
            let saved = say::SavedValue { time: date(head.created_at), bytes: head.size };
            line(say::SAVED, &saved.to_string());
        }
        (None, Some(head)) if status.refused_head.is_some() => {
            let refused = say::LatestRefused { n: head.number, time: date(head.created_at) };
            line(say::LATEST, &refused.to_string());
        }
        _ => line(say::LATEST, say::LATEST_NONE),
    }
}
