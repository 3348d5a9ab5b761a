//! `add`: one more entry; fetched, merged, saved and read back by the library.

use crate::access::{Intent, Returning};
use crate::args::Add;
use crate::connection::Context;
use crate::entry_input;
use crate::entry_view::{ItemView, SnapshotView};
use crate::exit::{Exit, Failure};
use crate::secret_input::only_one_standard_input;
use crate::text;
use rootcellar_client::inventory::{Item, Label};
use rootcellar_client::session::Change;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Changed {
    pub(super) entry: ItemView,
    pub(super) snapshot: Option<SnapshotView>,
    pub(super) merged: bool,
}

pub(super) async fn run(context: &Context<'_>, add: &Add) -> Result<(), Failure> {
    only_one_standard_input(&[
        ("--from", add.from.as_deref()),
        ("--bip39-passphrase-file", add.bip39_passphrase_file.as_deref()),
        ("--passphrase-file", context.global.passphrase_file.as_deref()),
        ("--device-passphrase-file", context.global.device_passphrase_file.as_deref()),
    ])?;
    let returning = Returning::accepting(context, &add.login)?;
    let new = entry_input::read(add)?;
    if let Some(oddities) = &new.oddities {
        let message = text::add::OddPassphrase { oddities };
        context.output.warn("unusual-passphrase", message);
    }
    let ready = returning.ready(context, Intent::Save).await?;
    let mut session = ready.sign_in(context, Intent::Save).await?;
    if !add.again {
        refuse_double(session.items(), &new.label)?;
    }
    let saved = context.progress.during(session.save(Change::new().add(new.label, new.entry))).await?;
    let item = session
        .items()
        .iter()
        .find(|item| saved.added.contains(&item.id))
        .ok_or_else(|| Failure::new(Exit::Internal, "internal", text::add::MISSING))?;
    let same = |other: &&Item| {
        other.id != item.id && other.kind == item.kind && other.fingerprint == item.fingerprint
    };
    if let Some(other) = session.items().iter().filter(|_| item.fingerprint.is_some()).find(same) {
        let message = text::add::SameFingerprint { entry: ItemView::of(other).summary() };
        context.output.warn("same-secret", message);
    }
    let changed = Changed {
        entry: ItemView::of(item),
        snapshot: session.snapshot().map(SnapshotView::of),
        merged: saved.merged,
    };
    let saved_as = text::add::Saved { entry: changed.entry.summary(), n: saved.number.0 };
    if saved.merged {
        context.output.note("merged", text::add::MERGED);
    }
    context.output.result(&changed, &text::line(saved_as))
}

/// A label that is there twice names neither entry.
fn refuse_double(items: &[Item], label: &Label) -> Result<(), Failure> {
    let Some(item) = items.iter().find(|item| item.label == *label) else { return Ok(()) };
    let message = text::add::LabelInUse { entry: ItemView::of(item).summary() };
    Err(Failure::new(Exit::Input, "label-in-use", message).advise(text::add::LABEL_IN_USE_ADVICE))
}
