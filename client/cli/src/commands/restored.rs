//! Every entry of the newest backup, opened; which backup it is comes before what is in it.

use crate::connection::{Context, Native};
use crate::entry_view::{EntryView, ItemView, SnapshotView};
use crate::exit::{Exit, Failure};
use crate::output::json_line;
use crate::secret_output::SecretFile;
use crate::text;
use rootcellar_client::ClientError;
use rootcellar_client::entry::Entry;
use rootcellar_client::inventory::Item;
use rootcellar_client::session::Session;
use serde::Serialize;
use zeroize::Zeroizing;

/// The newest backup, opened.
pub(super) struct Restored {
    snapshot: Option<SnapshotView>,
    opened: Vec<(Item, Entry)>,
    /// Entries that do not open, and why.
    unopened: Vec<(Item, ClientError)>,
}

/// The JSON of it; entries with their secrets, or without where those went to a file.
#[derive(Serialize)]
pub(super) struct RestoredJson<'a> {
    snapshot: Option<&'a SnapshotView>,
    entries: Entries<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unopened: Vec<ItemView>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Entries<'a> {
    Whole(Vec<EntryView<'a>>),
    WithoutSecrets(Vec<ItemView>),
}

impl Restored {
    /// Opens everything before anything is shown. An entry that does not open withholds none of the others, and does not
    /// go unnoticed: see [`Self::complete`].
    pub(super) fn open(session: &Session<Native>) -> Self {
        let (mut opened, mut unopened) = (Vec::new(), Vec::new());
        for item in session.items() {
            match session.open_entry(item.id) {
                Ok(entry) => opened.push((item.clone(), entry)),
                Err(error) => unopened.push((item.clone(), error)),
            }
        }
        Self { snapshot: session.snapshot().map(SnapshotView::of), opened, unopened }
    }

    /// Fails where an entry did not open, once the others are delivered.
    pub(super) fn complete(&self) -> Result<(), Failure> {
        if self.unopened.is_empty() { Ok(()) } else { Err(unopened(&self.unopened)) }
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
            None => text::line(text::backup::NONE),
        })?;
        let views = self.views()?;
        let entries = text::backup::Entries { n: views.len() as u64 };
        let Some(file) = file else {
            let mut shown = Zeroizing::new(text::line(text::restore::Shown { entries }));
            for view in &views {
                view.explain_marks(output);
                shown.push('\n');
                shown.push_str(&view.text());
            }
            if self.snapshot.is_some() {
                output.first(&shown)?;
            }
            return Ok(self.json(Entries::Whole(views), None));
        };
        let path = file.path().display().to_string();
        file.write(&json_line(&self.json(Entries::Whole(views), None))?)?;
        output.first(&text::line(text::restore::Wrote { entries, file: &path }))?;
        let items = self.opened.iter().map(|(item, _)| ItemView::of(item)).collect();
        Ok(self.json(Entries::WithoutSecrets(items), Some(path)))
    }

    fn views(&self) -> Result<Vec<EntryView<'_>>, Failure> {
        self.opened.iter().map(|(item, entry)| EntryView::of(item, entry)).collect()
    }

    fn json<'a>(&'a self, entries: Entries<'a>, output: Option<String>) -> RestoredJson<'a> {
        let unopened = self.unopened.iter().map(|(item, _)| ItemView::of(item)).collect();
        RestoredJson { snapshot: self.snapshot.as_ref(), entries, output, unopened }
    }
}

/// Says which entries did not open, and why. One that a newer version saved is no sign of tampering.
fn unopened(entries: &[(Item, ClientError)]) -> Failure {
    let named = entries.iter().map(|(item, why)| format!("{}: {why}", ItemView::of(item).summary()));
    let named = named.collect::<Vec<_>>().join("; ");
    if entries.iter().all(|(_, why)| matches!(why, ClientError::Newer(_))) {
        Failure::new(Exit::Refused, "newer-entry", text::restore::Newer { entries: named })
            .advise(text::restore::NEWER_ADVICE)
    } else {
        Failure::new(Exit::Tampering, "unopened-entries", text::restore::Unopened { entries: named })
            .advise(text::restore::UNOPENED_ADVICE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rootcellar_client::OpenError;
    use rootcellar_client::entry::Kind;
    use rootcellar_client::error::Newer;
    use rootcellar_client::inventory::Label;
    use rootcellar_spec::{Digest, EntryId, Timestamp};

    fn item(label: &str) -> Item {
        let label = Label::parse(label).expect("a label");
        Item::new(EntryId([0x5f; 16]), label, Kind::Text, Timestamp(0), Digest([0; 32]), None)
    }

    #[test]
    fn an_entry_of_a_newer_version_is_told_from_one_that_is_damaged() {
        let newer = || (item("Newer"), ClientError::Newer(Newer::Entry));
        let failure = unopened(&[newer()]);
        assert_eq!((failure.exit, failure.code), (Exit::Refused, "newer-entry"));
        assert!(failure.message.contains("'Newer'"), "{}", failure.message);
        // What was shown is not denied.
        assert!(!failure.message.to_lowercase().contains("nothing was shown"), "{}", failure.message);
        let damaged = (item("Old"), ClientError::Entry(EntryId([0x5f; 16]), OpenError::Malformed("entry")));
        let failure = unopened(&[newer(), damaged]);
        assert_eq!((failure.exit, failure.code), (Exit::Tampering, "unopened-entries"));
        assert!(!failure.message.to_lowercase().contains("nothing was shown"), "{}", failure.message);
    }
}
