//! A store that never fails, and writes down what it was made to do.
//!
//! Like S3's, its etags are digests of the bytes: identical bytes have the same etag again, so that an object whose body
//! lacked a nonce would be found out.

use crate::time::Time;
use async_trait::async_trait;
use bytes::Bytes;
use rootcellar_spec::{Digest, Timestamp, base64url};
use rootcellar_store::{Condition, Etag, Key, Listed, Object, Page, Read, Store, StoreError, WriteError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// Bytes and time of writing, by name.
pub type Objects = BTreeMap<Key, (Bytes, Timestamp)>;

/// Most objects in one page of a listing.
const PAGE: usize = 1000;

/// Something that took place and that an invariant is about, in the order in which it did.
#[derive(Clone, Debug)]
pub enum Event {
    /// A write was applied; `None` where the object was removed.
    Wrote(Key, Option<Bytes>, Timestamp),
    /// The vault gave away an evaluation; digest of what it was charged for.
    Evaluated(Digest),
    /// The vault got a login's second request; digest of its body.
    LoginAsked(Digest),
    /// The vault released what the passphrase opens in response to a login's second request; digest of its body.
    LoggedIn(Digest),
}

/// A conditional write.
#[derive(Clone, Debug)]
pub enum Write {
    /// Of these bytes.
    Put(Key, Bytes, Condition),
    /// Of none.
    Delete(Key, Etag),
}

/// A store that is gone with the process. Copies share it.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    shared: Arc<Mutex<Shared>>,
    time: Time,
}

#[derive(Debug)]
struct Shared {
    objects: Objects,
    events: Vec<Event>,
}

impl MemoryStore {
    /// A store that holds these.
    #[must_use]
    pub fn holding(objects: Objects, time: Time) -> Self {
        Self { shared: Arc::new(Mutex::new(Shared { objects, events: Vec::new() })), time }
    }

    /// What it holds.
    #[must_use]
    pub fn objects(&self) -> Objects {
        self.shared().objects.clone()
    }

    /// What has taken place since it was made.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.shared().events.clone()
    }

    /// Writes down what took place elsewhere.
    pub fn note(&self, event: Event) {
        self.shared().events.push(event);
    }

    /// Applies a write, if its condition holds.
    ///
    /// # Errors
    /// [`WriteError::ConditionFailed`] and [`WriteError::Gone`], and no others.
    pub fn apply(&self, write: &Write) -> Result<Etag, WriteError> {
        let mut shared = self.shared();
        let found = shared.objects.get(write.key()).map(|(body, _)| etag(body));
        let now = self.time.now();
        match (write.condition(), found) {
            (Condition::Absent, None) => {}
            (Condition::Matches(expected), Some(found)) if expected == found => {}
            (Condition::Matches(_), None) => return Err(WriteError::Gone),
            _ => return Err(WriteError::ConditionFailed),
        }
        let (key, body) = match write {
            Write::Put(key, body, _) => (key, Some(body.clone())),
            Write::Delete(key, _) => (key, None),
        };
        match &body {
            Some(body) => drop(shared.objects.insert(key.clone(), (body.clone(), now))),
            None => drop(shared.objects.remove(key)),
        }
        let new = body.as_ref().map_or_else(|| Etag(String::new()), etag);
        shared.events.push(Event::Wrote(key.clone(), body, now));
        Ok(new)
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().expect("nobody panics while holding it")
    }
}

impl Write {
    /// The object's name.
    #[must_use]
    pub fn key(&self) -> &Key {
        match self {
            Self::Put(key, ..) | Self::Delete(key, _) => key,
        }
    }

    /// What must hold.
    #[must_use]
    pub fn condition(&self) -> Condition {
        match self {
            Self::Put(.., condition) => condition.clone(),
            Self::Delete(_, etag) => Condition::Matches(etag.clone()),
        }
    }
}

fn etag(body: &Bytes) -> Etag {
    Etag(base64url::encode(&Digest::of(body).0))
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, key: &Key) -> Result<Read, StoreError> {
        let found = self.shared().objects.get(key).cloned();
        let object = found.map(|(body, _)| Object { etag: etag(&body), body });
        Ok(Read { object, time: self.time.now() })
    }

    async fn put(&self, key: &Key, body: Bytes, condition: Condition) -> Result<Etag, WriteError> {
        self.apply(&Write::Put(key.clone(), body, condition))
    }

    async fn delete(&self, key: &Key, etag: &Etag) -> Result<(), WriteError> {
        self.apply(&Write::Delete(key.clone(), etag.clone())).map(drop)
    }

    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError> {
        let shared = self.shared();
        let fits = |key: &Key| key.as_str().starts_with(prefix) && after.is_none_or(|after| key > after);
        let listed = |(key, (body, modified)): (&Key, &(Bytes, Timestamp))| Listed {
            key: key.clone(),
            size: body.len() as u64,
            modified: *modified,
        };
        let found = shared.objects.iter().filter(|(key, _)| fits(key));
        let mut objects: Vec<Listed> = found.take(PAGE + 1).map(listed).collect();
        let more = objects.len() > PAGE;
        objects.truncate(PAGE);
        Ok(Page { objects, more })
    }
}
