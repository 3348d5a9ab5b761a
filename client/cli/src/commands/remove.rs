//! `remove`: one entry less in the newest backup.

use super::add::Changed;
use crate::access::{Intent, Returning};
use crate::args::Remove;
use crate::connection::Context;
use crate::entry_match::find;
use crate::entry_view::{ItemView, SnapshotView};
use crate::exit::Failure;
use crate::secret_input::terminal;
use crate::text;
use rootcellar_client::session::Change;

pub(super) async fn run(context: &Context<'_>, remove: &Remove) -> Result<(), Failure> {
    let ready = Returning::accepting(context, &remove.login)?.ready(context, Intent::Save).await?;
    let mut session = ready.sign_in(context, Intent::Save).await?;
    let item = find(session.items(), &remove.entry)?;
    let (id, entry) = (item.id, ItemView::of(item));
    if !remove.yes {
        confirm(&entry)?;
    }
    let saved = context.progress.during(session.save(Change::new().remove(id))).await?;
    let text = text::line(text::remove::Removed { entry: entry.summary(), n: saved.number.0 });
    let snapshot = session.snapshot().map(SnapshotView::of);
    context.output.result(&Changed { entry, snapshot, merged: saved.merged }, &text)
}

/// A removal is typed out: 'y' is too easily hit.
fn confirm(entry: &ItemView) -> Result<(), Failure> {
    let word = text::typed::REMOVE;
    let prompt = text::confirm::Remove { entry: entry.summary(), word }.to_string();
    let mut terminal = terminal(text::what::CONFIRMATION, "--yes")?;
    if terminal.is_confirmed(&prompt, word)? { Ok(()) } else { Err(Failure::cancelled()) }
}
