//! Every entry of the newest backup, opened; which backup it is comes before what is in it.

use crate::connection::{Context, Native};
use crate::entry_view::{EntryView, ItemView, SnapshotView};
use crate::exit::Failure;
use crate::output::json_line;
use crate::secret_output::SecretFile;
use rootcellar_client::entry::Entry;
use rootcellar_client::inventory::Item;
use rootcellar_client::session::Session;
use serde::Serialize;
use zeroize::Zeroizing;

/// The newest backup, opened.
pub(super) struct Restored {
    snapshot: Option<SnapshotView>,
    opened: Vec<(Item, Entry)>,
}

/// The JSON of it; entries with their secrets, or without where those went to a file.
#[derive(Serialize)]
pub(super) struct RestoredJson<'a> {
    snapshot: Option<&'a SnapshotView>,
    entries: Entries<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Entries<'a> {
    Whole(Vec<EntryView<'a>>),
    WithoutSecrets(Vec<ItemView>),
}

impl Restored {
    /// Opens everything before anything is shown: one damaged entry must not go unnoticed.
    pub(super) fn open(session: &Session<'_, Native>) -> Result<Self, Failure> {
        let open = |item: &Item| Ok::<_, Failure>((item.clone(), session.open_entry(item.id)?));
        let opened = session.items().iter().map(open).collect::<Result<_, _>>()?;
        Ok(Self { snapshot: session.snapshot().map(SnapshotView::of), opened })
    }

    /// Shows the backup, or writes it to the file; gives what `--json` prints of it.
    pub(super) fn deliver(
        &self,
        context: &Context<'_>,
        file: Option<SecretFile>,
    ) -> Result<RestoredJson<'_>, Failure> {
        let output = context.output;
        output.first(&match &self.snapshot {
            Some(snapshot) => snapshot.line(),
            None => "The account holds no backup yet.\n".to_owned(),
        })?;
        let views = self.views()?;
        let count = match views.len() {
            1 => "1 entry".to_owned(),
            other => format!("{other} entries"),
        };
        let Some(file) = file else {
            let mut text = Zeroizing::new(format!("{count}:\n"));
            for view in &views {
                view.warn_if_unprintable(output);
                text.push('\n');
                text.push_str(&view.text());
            }
            if self.snapshot.is_some() {
                output.first(&text)?;
            }
            return Ok(self.json(Entries::Whole(views), None));
        };
        let path = file.path().display().to_string();
        file.write(&json_line(&self.json(Entries::Whole(views), None))?)?;
        output.first(&format!("Wrote {count} to {path}.\n"))?;
        let items = self.opened.iter().map(|(item, _)| ItemView::of(item)).collect();
        Ok(self.json(Entries::WithoutSecrets(items), Some(path)))
    }

    fn views(&self) -> Result<Vec<EntryView<'_>>, Failure> {
        self.opened.iter().map(|(item, entry)| EntryView::of(item, entry)).collect()
    }

    fn json<'a>(&'a self, entries: Entries<'a>, output: Option<String>) -> RestoredJson<'a> {
        RestoredJson { snapshot: self.snapshot.as_ref(), entries, output }
    }
}
