//! `list`: what is backed up, without any secret.

use crate::access::{Intent, Returning};
use crate::args::Login;
use crate::connection::Context;
use crate::entry_view::{ItemView, SnapshotView};
use crate::exit::Failure;
use crate::text;
use serde::Serialize;

#[derive(Serialize)]
struct Listed {
    snapshot: Option<SnapshotView>,
    entries: Vec<ItemView>,
}

pub(super) async fn run(context: &Context<'_>, login: &Login) -> Result<(), Failure> {
    let ready = Returning::prepare(context, login)?.ready(context, Intent::Look).await?;
    let session = ready.sign_in(context, Intent::Look).await?;
    let listed = Listed {
        snapshot: session.snapshot().map(SnapshotView::of),
        entries: session.items().iter().map(ItemView::of).collect(),
    };
    context.output.result(&listed, &shown(&listed))
}

fn shown(listed: &Listed) -> String {
    let Some(snapshot) = &listed.snapshot else {
        return text::line(text::backup::NOTHING_ADVICE);
    };
    let mut shown = snapshot.line();
    if !listed.entries.is_empty() {
        shown.push_str(&text::line(ItemView::HEADINGS));
    }
    for entry in &listed.entries {
        shown.push_str(&entry.line());
    }
    shown
}
