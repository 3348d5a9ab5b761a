//! `show`: the secret of one entry.

use crate::access::{Intent, Returning};
use crate::args::Show;
use crate::connection::Context;
use crate::entry_match::find;
use crate::entry_view::{EntryView, ItemView};
use crate::exit::Failure;
use crate::output::json_line;
use crate::secret_output::SecretFile;
use crate::text;
use serde::Serialize;

#[derive(Serialize)]
struct Shown<T> {
    entry: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
}

pub(super) async fn run(context: &Context<'_>, show: &Show) -> Result<(), Failure> {
    let file = SecretFile::create_if(show.output.as_deref())?;
    let mut ready = Returning::prepare(context, &show.login)?.ready(context, Intent::Open).await?;
    ready.must_list(context, &show.entry).await?;
    let session = ready.sign_in(context, Intent::Open).await?;
    let item = find(session.items(), &show.entry)?;
    let entry = session.open_entry(item.id)?;
    let view = EntryView::of(item, &entry)?;
    if let Some(file) = file {
        let output = file.path().display().to_string();
        file.write(&json_line(&view)?)?;
        let item = ItemView::of(item);
        let text = text::line(text::show::Wrote { entry: item.summary(), file: &output });
        return context.output.result(&Shown { entry: item, output: Some(output) }, &text);
    }
    view.explain_marks(context.output);
    let text = view.text();
    context.output.result(&Shown { entry: view, output: None }, &text)
}
