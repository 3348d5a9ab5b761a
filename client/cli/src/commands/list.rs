//! `list`: what is backed up, without any secret.

use crate::access::{Intent, Returning};
use crate::args::Login;
use crate::connection::Context;
use crate::entry_view::{ItemView, SnapshotView};
use crate::exit::Failure;
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
    context.output.result(&listed, &text(&listed))
}

fn text(listed: &Listed) -> String {
    let Some(snapshot) = &listed.snapshot else {
        return "Nothing is backed up yet. 'rootcellar add --label LABEL' adds a seed phrase.\n".to_owned();
    };
    let mut text = snapshot.line();
    if !listed.entries.is_empty() {
        text.push_str(ItemView::HEADINGS);
    }
    for entry in &listed.entries {
        text.push_str(&entry.line());
    }
    text
}
