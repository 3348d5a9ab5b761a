//! What every single write and answer must keep, whatever failed around it: read off the events of a run, from the first.
//!
//! - An account moves on by one version at a time. A save puts one snapshot before those that were there; it follows the
//!   head by number and digest, and its bytes are in the store before the head names them. A save removes what has expired
//!   and what its author may thin, and nothing else does but a re-key. The bytes go when nobody names them: never two winners,
//!   never a lost entry.
//! - An evaluation is given away only while its charge is in the store; what a login opens, only once its charge was taken
//!   back for this very request. A charge is made when the waits allow it, is taken back once at most, and never returns.
//! - What changes of an account is told by its history in the same write, and nothing else is. A login by passphrase is
//!   answered only once its event is in the store, and however often it is sent makes one. Devices change with their list.
//! - A name leads to the account that it led to for as long as that account is there. An invite goes from one attempt to
//!   the next only after it was given back.

mod account;
mod budget;
mod history;
mod retention;

use crate::memory::{Event, Objects};
use bytes::Bytes;
use rootcellar_spec::{Digest, Timestamp, base64url};
use rootcellar_store::Key;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

/// Goes through a run that began with `objects`.
///
/// # Panics
/// With the invariant that was broken.
pub fn examine(objects: Objects, events: Vec<Event>) {
    let mut invariants = Invariants { objects, ..Invariants::default() };
    let begun: Vec<_> =
        invariants.objects.iter().map(|(key, (body, _))| (key.clone(), body.clone())).collect();
    for (key, body) in begun.iter().filter(|(key, _)| key.as_str().starts_with("guesses/")) {
        invariants.budgets.insert(key.clone(), budget::Seen::at_first(&read(body)));
    }
    for event in events {
        invariants.see(event);
    }
}

#[derive(Default)]
struct Invariants {
    objects: Objects,
    budgets: BTreeMap<Key, budget::Seen>,
    logins: Logins,
}

/// Logins by passphrase: those that were asked for, those that a history records, and those that got a response.
#[derive(Default)]
struct Logins {
    asked: BTreeSet<Digest>,
    told: usize,
    answered: BTreeSet<Digest>,
}

impl Invariants {
    fn see(&mut self, event: Event) {
        match event {
            Event::Wrote(key, body, at) => self.wrote(&key, body, at),
            Event::Evaluated(request) => {
                let charged = self.guesses().any(|guesses| guesses.is_charged_for(&request));
                assert!(charged, "an evaluation was given away that no charge in the store is for");
            }
            Event::LoginAsked(request) => drop(self.logins.asked.insert(request)),
            Event::LoggedIn(request) => {
                let used = self.guesses().any(|guesses| guesses.was_used_by(&request));
                assert!(used, "a login was let in before its charge was taken back");
                self.logins.answered.insert(request);
                let is_told = self.logins.answered.len() <= self.logins.told;
                assert!(is_told, "a login was released before the history recorded it");
            }
        }
    }

    fn wrote(&mut self, key: &Key, body: Option<Bytes>, at: Timestamp) {
        let before = self.objects.get(key).map(|(body, _)| body.clone());
        let (kind, rest) = key.as_str().split_once('/').unwrap_or((key.as_str(), ""));
        match kind {
            "accounts" if rest.ends_with("/account") => {
                account::changed(&self.objects, key, before.as_ref(), body.as_ref());
                self.logins.told += body.as_ref().map_or(0, |body| account::told(before.as_ref(), body));
                let is_asked = self.logins.told <= self.logins.asked.len();
                assert!(is_asked, "the history records more logins than were requested");
            }
            "accounts" => account::snapshot_changed(&self.objects, key, before.as_ref(), body.as_ref()),
            "names" => account::name_changed(&self.objects, rest, before.as_ref(), body.as_ref()),
            "invites" => invite_changed(before.as_ref(), body.as_ref()),
            "guesses" => {
                let seen = self.budgets.entry(key.clone()).or_default();
                let guesses = body.as_ref().map(read::<budget::Guesses>);
                seen.changed(guesses.as_ref(), at);
            }
            _ => {}
        }
        match body {
            Some(body) => drop(self.objects.insert(key.clone(), (body, at))),
            None => drop(self.objects.remove(key)),
        }
    }

    fn guesses(&self) -> impl Iterator<Item = budget::Guesses> {
        let of_kind = self.objects.iter().filter(|(key, _)| key.as_str().starts_with("guesses/"));
        of_kind.map(|(_, (body, _))| read(body))
    }
}

/// How many snapshots a store holds, and how many its accounts name.
pub(crate) fn snapshots(objects: &Objects) -> (usize, usize) {
    let stored = objects.keys().filter(|key| key.as_str().contains("/snapshots/")).count();
    let accounts = objects.iter().filter(|(key, _)| key.as_str().ends_with("/account"));
    (stored, accounts.map(|(_, (body, _))| account::snapshots(body)).sum())
}

fn invite_changed(before: Option<&Bytes>, after: Option<&Bytes>) {
    let claimed = |body: &Bytes| read::<serde_json::Value>(body)["claimed_by"]["request"].clone();
    if let (Some(before), Some(after)) = (before.map(claimed), after.map(claimed)) {
        let taken_over = !before.is_null() && !after.is_null() && before != after;
        assert!(!taken_over, "an invite went from one attempt to another");
    }
}

fn read<T: DeserializeOwned>(body: &Bytes) -> T {
    serde_json::from_slice(body).expect("what the vault writes can be read")
}

/// The bytes of a digest or key as object names have them.
fn hex(base64url: &str) -> String {
    let bytes = base64url::decode(base64url).expect("what the vault writes can be read");
    rootcellar_spec::hex::encode(&bytes)
}
