//! `add`: one more entry; fetched, merged, saved and read back by the library.

use crate::access::{Intent, Returning};
use crate::args::Add;
use crate::connection::Context;
use crate::entry_input;
use crate::entry_view::{ItemView, SnapshotView};
use crate::exit::{Exit, Failure};
use crate::secret_input::only_one_standard_input;
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
        let message = format!("The BIP-39 passphrase {oddities}. It is saved exactly as given.");
        context.output.warn("unusual-passphrase", message);
    }
    let ready = returning.ready(context, Intent::Save).await?;
    let mut session = ready.sign_in(context, Intent::Save).await?;
    if !add.again {
        refuse_double(session.items(), &new.label)?;
    }
    let saved = context.progress.during(session.save(Change::new().add(new.label, new.entry))).await?;
    let item = session.items().iter().find(|item| saved.added.contains(&item.id)).ok_or_else(|| {
        Failure::new(
            Exit::Internal,
            "internal",
            "The entry is not in the backup that was saved and read back.",
        )
    })?;
    let same = |other: &&Item| {
        other.id != item.id && other.kind == item.kind && other.fingerprint == item.fingerprint
    };
    if let Some(other) = session.items().iter().filter(|_| item.fingerprint.is_some()).find(same) {
        let message =
            format!("The backup holds a phrase of the same fingerprint: {}.", ItemView::of(other).summary());
        context.output.warn("same-secret", message);
    }
    let changed = Changed {
        entry: ItemView::of(item),
        snapshot: session.snapshot().map(SnapshotView::of),
        merged: saved.merged,
    };
    let text = format!("Saved {} in backup number {}.\n", changed.entry.summary(), saved.number.0);
    if saved.merged {
        context
            .output
            .note("merged", "Another device had saved first; its entries and this one are saved together.");
    }
    context.output.result(&changed, &text)
}

/// A label that is there twice names neither entry.
fn refuse_double(items: &[Item], label: &Label) -> Result<(), Failure> {
    let Some(item) = items.iter().find(|item| item.label == *label) else { return Ok(()) };
    let message = format!("The backup holds an entry of this label: {}.", ItemView::of(item).summary());
    Err(Failure::new(Exit::Input, "label-in-use", message)
        .advise("Choose another label, or give --again to have both. Nothing was saved."))
}
