//! `remove`: one entry less in the newest backup.

use super::add::Changed;
use crate::access::{Intent, Returning};
use crate::args::Remove;
use crate::connection::Context;
use crate::entry_match::find;
use crate::entry_view::{ItemView, SnapshotView};
use crate::exit::Failure;
use crate::secret_input::terminal;
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
    let text = format!("Removed {}; the newest backup is number {}.\n", entry.summary(), saved.number.0);
    let snapshot = session.snapshot().map(SnapshotView::of);
    context.output.result(&Changed { entry, snapshot, merged: saved.merged }, &text)
}

/// A removal is typed out: 'y' is too easily hit.
fn confirm(entry: &ItemView) -> Result<(), Failure> {
    let mut terminal = terminal("Confirmation", "--yes")?;
    let answer = terminal.ask(&format!("Remove {}? Type 'remove' to confirm: ", entry.summary()))?;
    if answer.eq_ignore_ascii_case("remove") { Ok(()) } else { Err(Failure::cancelled()) }
}
