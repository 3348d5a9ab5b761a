//! Entries and snapshots as people see them, and as JSON.

use crate::entry_match::{id_text, short_id};
use crate::exit::{Exit, Failure};
use crate::marked;
use crate::output::Output;
use crate::text;
use crate::time_text::{date, rfc3339};
use rootcellar_client::VaultText;
use rootcellar_client::entry::{Entry, Kind, Secret};
use rootcellar_client::inventory::Item;
use rootcellar_client::snapshot::Snapshot;
use rootcellar_spec::hex;
use secrecy::ExposeSecret;
use serde::Serialize;
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// Which snapshot this is.
#[derive(Serialize)]
pub(crate) struct SnapshotView {
    number: u64,
    created_at: String,
    device: VaultText,
    device_id: String,
    digest: String,
    #[serde(skip)]
    created: String,
}

/// An entry without its secret.
#[derive(Serialize)]
pub(crate) struct ItemView {
    id: String,
    label: VaultText,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    created_at: String,
    changed_at: String,
    #[serde(skip)]
    short_id: String,
    #[serde(skip)]
    changed: String,
}

/// An entry with its secret, wiped on drop.
#[derive(Serialize)]
pub(crate) struct EntryView<'a> {
    #[serde(flatten)]
    item: ItemView,
    #[serde(flatten)]
    secret: SecretView<'a>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    derivation_paths: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    birthday: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum SecretView<'a> {
    Bip39 {
        #[serde(serialize_with = "as_text")]
        phrase: Zeroizing<String>,
        language: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        bip39_passphrase: Option<&'a str>,
    },
    Seed {
        #[serde(serialize_with = "as_text")]
        seed: Zeroizing<String>,
    },
    Text {
        text: &'a str,
    },
}

fn as_text<S: serde::Serializer>(text: &Zeroizing<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

impl SnapshotView {
    /// What the inventory says of its snapshot.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let inventory = &snapshot.inventory;
        Self {
            number: snapshot.header.number.0,
            created_at: rfc3339(inventory.created_at),
            device: inventory.device.label.text().clone(),
            device_id: hex::encode(&inventory.device.id.0),
            digest: hex::encode(&snapshot.digest.0),
            created: date(inventory.created_at),
        }
    }

    /// What it is, in a table.
    pub(crate) fn short(&self) -> String {
        let Self { number, created, device, .. } = self;
        text::status::LatestValue { n: number, time: created, device }.into()
    }

    /// One line for a person.
    pub(crate) fn line(&self) -> String {
        text::line(text::backup::Line { n: self.number, time: &self.created, device: &self.device })
    }
}

impl ItemView {
    /// What the inventory says of an entry.
    pub(crate) fn of(item: &Item) -> Self {
        Self {
            id: id_text(item.id),
            label: item.label.text().clone(),
            kind: Kind::from_number(item.kind).map_or("unknown", Kind::name),
            fingerprint: item.fingerprint.map(|fingerprint| hex::encode(&fingerprint)),
            created_at: rfc3339(item.created_at),
            changed_at: rfc3339(item.changed_at),
            short_id: short_id(item.id),
            changed: date(item.changed_at),
        }
    }

    /// One line for a person: short id, kind, fingerprint, date, label.
    pub(crate) fn line(&self) -> String {
        let fingerprint = self.fingerprint.as_deref().unwrap_or("-");
        format!("{}  {:<7}  {fingerprint:<11}  {}  {}\n", self.short_id, self.kind, self.changed, self.label)
    }

    /// The headings over [`ItemView::line`].
    pub(crate) const HEADINGS: &'static str = text::entry::HEADINGS;

    /// What a person reads after a change: id and fingerprint.
    pub(crate) fn summary(&self) -> String {
        let (label, id) = (&self.label, &self.short_id);
        match &self.fingerprint {
            Some(fingerprint) => text::entry::SummaryFingerprint { label, id, fingerprint }.into(),
            None => text::entry::Summary { label, id }.into(),
        }
    }
}

impl<'a> EntryView<'a> {
    /// An opened entry with what the inventory says of it.
    pub(crate) fn of(item: &Item, entry: &'a Entry) -> Result<Self, Failure> {
        let secret = match &entry.secret {
            Secret::Bip39 { phrase, passphrase } => SecretView::Bip39 {
                phrase: phrase.words(),
                language: phrase.language().name(),
                bip39_passphrase: passphrase.as_ref().map(|passphrase| passphrase.expose_secret().as_str()),
            },
            Secret::Seed(seed) => {
                SecretView::Seed { seed: Zeroizing::new(hex::encode(seed.expose_secret())) }
            }
            Secret::Text(text) => SecretView::Text { text: text.expose_secret() },
            _ => {
                return Err(Failure::new(Exit::Refused, "unsupported", text::entry::NEWER_KIND)
                    .advise(text::entry::NEWER_KIND_ADVICE));
            }
        };
        Ok(Self {
            item: ItemView::of(item),
            secret,
            derivation_paths: &entry.details.derivation_paths,
            network: entry.details.network.as_deref(),
            birthday: entry.details.birthday.as_deref(),
        })
    }

    /// The entry for a person, a few lines.
    pub(crate) fn text(&self) -> Zeroizing<String> {
        let mut out = Zeroizing::new(String::with_capacity(64 * 1024));
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}", self.item.summary());
        let mut line = |name: &str, value: &str| {
            let _ = writeln!(out, "    {name:<18} {value}");
        };
        match &self.secret {
            SecretView::Bip39 { phrase, language, bip39_passphrase } => {
                line(text::entry::PHRASE, phrase);
                line(text::entry::LANGUAGE, language);
                if let Some(passphrase) = bip39_passphrase {
                    line(text::entry::BIP39_PASSPHRASE, &marked::line(passphrase).text);
                }
            }
            SecretView::Seed { seed } => line(text::entry::SEED, seed),
            SecretView::Text { text } if text.contains('\n') => {
                line(text::entry::TEXT, &Zeroizing::new(format!("\n{}", *marked::free_text(text).text)))
            }
            SecretView::Text { text } => line(text::entry::TEXT, &marked::free_text(text).text),
        }
        for path in self.derivation_paths {
            line(text::entry::PATH, &VaultText::new(path).to_string());
        }
        for (name, value) in [(text::entry::NETWORK, self.network), (text::entry::BIRTHDAY, self.birthday)] {
            if let Some(value) = value {
                line(name, &VaultText::new(value).to_string());
            }
        }
        out
    }

    /// Says what the marks in [`EntryView::text`] mean. JSON has none.
    pub(crate) fn explain_marks(&self, output: &Output) {
        let marked = match &self.secret {
            SecretView::Bip39 { bip39_passphrase: Some(passphrase), .. } => marked::line(passphrase),
            SecretView::Text { text } => marked::free_text(text),
            _ => return,
        };
        for mark in marked.notes.into_iter().filter(|_| !output.is_json()) {
            output.warn(mark.note_code(), mark.text(&self.item.summary()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rootcellar_client::entry::Details;
    use rootcellar_client::inventory::Label;
    use rootcellar_client::phrase::{Language, Phrase};
    use rootcellar_spec::{Digest, EntryId, Timestamp};
    use secrecy::SecretBox;

    fn item(kind: Kind) -> Item {
        let label = Label::parse("Wallet").expect("a label");
        Item::new(
            EntryId([0x5f; 16]),
            label,
            kind,
            Timestamp(0),
            Digest([0; 32]),
            Some([0x73, 0xc5, 0xda, 0x0a]),
        )
    }

    fn phrase() -> Entry {
        let phrase = Phrase::from_entropy(&[0; 16], Language::English).expect("16 bytes");
        let passphrase = Some(SecretBox::new(Box::new("x".to_owned())));
        let details = Details { network: Some("bitcoin".to_owned()), ..Details::default() };
        Entry::new(Secret::Bip39 { phrase, passphrase }, details).expect("an entry")
    }

    #[test]
    fn json_of_an_entry_is_stable() {
        let entry = phrase();
        let item = item(Kind::Bip39);
        let view = EntryView::of(&item, &entry).expect("a view");
        let expected = serde_json::json!({
            "id": "5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f", "label": "Wallet", "kind": "bip39", "fingerprint": "73c5da0a",
            "created_at": "1970-01-01T00:00:00Z", "changed_at": "1970-01-01T00:00:00Z",
            "phrase": format!("{}about", "abandon ".repeat(11)), "language": "english", "bip39_passphrase": "x",
            "network": "bitcoin",
        });
        assert_eq!(serde_json::to_value(&view).expect("serializes"), expected);
    }

    #[test]
    fn the_list_shows_no_secret() {
        let line = ItemView::of(&item(Kind::Bip39)).line();
        assert_eq!(line, "5f5f5f5f  bip39    73c5da0a     1970-01-01 00:00 UTC  Wallet\n");
        assert_eq!(line.find("Wallet"), ItemView::HEADINGS.find("LABEL"));
    }

    #[test]
    fn text_says_when_it_cannot_show_everything() {
        let entry = |text: &str| {
            Entry::new(Secret::Text(SecretBox::new(Box::new(text.to_owned()))), Details::default())
                .expect("an entry")
        };
        let (plain, steering) = (entry("two\nlines"), entry("a\u{1b}[2Jb"));
        let item = item(Kind::Text);
        let view = EntryView::of(&item, &plain).expect("a view");
        assert!(view.text().contains("two\nlines"));
        let view = EntryView::of(&item, &steering).expect("a view");
        let text = view.text();
        assert!(!text.contains('\u{1b}') && text.contains("a<U+001B>[2Jb"), "{}", *text);
    }

    #[test]
    fn a_passphrase_shows_its_spaces() {
        let phrase = Phrase::from_entropy(&[0; 16], Language::English).expect("16 bytes");
        let passphrase = Some(SecretBox::new(Box::new(" x ".to_owned())));
        let entry = Entry::new(Secret::Bip39 { phrase, passphrase }, Details::default()).expect("an entry");
        let item = item(Kind::Bip39);
        let view = EntryView::of(&item, &entry).expect("a view");
        assert!(view.text().contains(" \u{2423}x\u{2423}\n"), "{}", *view.text());
        assert_eq!(serde_json::to_value(&view).expect("JSON")["bip39_passphrase"], " x ");
    }
}
