//! Entries of a newer version of this program: they are shown as such, carried over, and withhold nothing else.

use super::{Fake, adding, error, log_in, registered};
use crate::client::Client;
use crate::client::session::Session;
use crate::entry;
use crate::error::{ClientError, Newer};
use crate::recovery_code::RecoveryCode;
use rootcellar_spec::EntryId;
use rootcellar_spec::wire::paths;

async fn two_saved(client: &Client<Fake>) -> Session<Fake> {
    let mut session = log_in(client).await.expect("logs in");
    for text in ["one", "two"] {
        session.save(adding(text)).await.expect("saves");
    }
    session
}

/// Puts this plaintext in the place of the first entry's.
fn replace_first(session: &mut Session<Fake>, plaintext: &[u8]) -> EntryId {
    let mut randomness = crate::SystemRandomness;
    let opened = session.opened_mut();
    let key = opened.keys.entry_public().expect("the owner's");
    let snapshot = &mut opened.newest.as_mut().expect("a snapshot").snapshot;
    let id = snapshot.inventory.items[0].id;
    let place = snapshot.entry_place(id);
    snapshot.sealed_entries[0] = entry::seal_plaintext(plaintext, key, place, &mut randomness);
    id
}

#[tokio::test]
async fn an_entry_of_a_newer_kind_is_said_to_be_newer_and_withholds_no_other() {
    let (vault, client, _) = registered().await;
    let mut session = two_saved(&client).await;
    // Kind 4, whose key 2 is a text and whose key 9 is a map.
    let newer = [0xa3, 0x01, 0x04, 0x02, 0x61, 0x78, 0x09, 0xa0];
    let id = replace_first(&mut session, &newer);
    let refused = error(session.open_entry(id));
    assert!(matches!(refused, ClientError::Newer(Newer::Entry)), "{refused}");
    assert_eq!((refused.code(), refused.is_tampering()), ("newer-entry", false));
    let other = session.items()[1].id;
    session.open_entry(other).expect("the other one opens");
    // A change of keys takes it along: the vault is asked for it, whose answer does not matter here.
    vault.take_sent();
    let _ = session.rekey(&RecoveryCode::from_entropy(&[1; 16]), None).await;
    assert!(vault.take_sent().iter().any(|(_, path, _)| path == paths::REKEY));
}

#[tokio::test]
async fn an_entry_of_a_newer_format_is_not_to_be_removed_for_a_change_of_keys() {
    let (_vault, client, _) = registered().await;
    let mut session = two_saved(&client).await;
    let id = replace_first(&mut session, &[0xa1, 0x01, 0x04]);
    session.opened_mut().newest.as_mut().expect("a snapshot").snapshot.sealed_entries[0][0] = 2;
    let refused = error(session.open_entry(id));
    assert!(matches!(refused, ClientError::Newer(Newer::Entry)), "{refused}");
    let refused = error(session.rekey(&RecoveryCode::from_entropy(&[1; 16]), None).await);
    assert!(matches!(refused, ClientError::Newer(Newer::EntryToRekey(named)) if named == id), "{refused}");
    assert!(!refused.to_string().contains("remove"), "{refused}");
}

#[tokio::test]
async fn a_damaged_entry_is_not_said_to_be_newer() {
    let (_vault, client, _) = registered().await;
    let mut session = two_saved(&client).await;
    // A text of kind 3 that is no text.
    let id = replace_first(&mut session, &[0xa2, 0x01, 0x03, 0x09, 0x00]);
    let refused = error(session.open_entry(id));
    assert!(matches!(refused, ClientError::Entry(named, _) if named == id), "{refused}");
    assert!(!refused.to_string().to_lowercase().contains("nothing was shown"), "{refused}");
}
