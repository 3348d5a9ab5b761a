//! `add`: one more entry; fetched, merged, saved and read back by the library.

use crate::args::Add;
use crate::connection::{Context, Needs, Returning};
use crate::entry_input;
use crate::entry_view::{ItemView, SnapshotView};
use crate::exit::{Exit, Failure};
use crate::secret_input::only_one_standard_input;
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
    ])?;
    let returning = Returning::prepare(context, &add.login)?;
    let new = entry_input::read(add)?;
    let returning = returning.with_passphrase(context)?;
    let (mut client, login) = returning.into_parts();
    let mut session = Returning::sign_in(&mut client, context, login, Needs::Saving).await?;
    let saved = context.progress.during(session.save(Change::new().add(new.label, new.entry))).await?;
    let item = session.items().iter().find(|item| saved.added.contains(&item.id)).ok_or_else(|| {
        Failure::new(
            Exit::Internal,
            "internal",
            "The entry is not in the backup that was saved and read back.",
        )
    })?;
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
