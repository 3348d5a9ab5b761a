//! The tables of the file: an index of all objects, their bodies, and a counter of writes.

use super::{Etag, Failure, Key, Object, Page};
use crate::store::{Condition, Listed, WriteError};
use bytes::Bytes;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, TableError};
use rootcellar_spec::Timestamp;
use std::ops::Bound;

/// By name: number of the write, a random number, time in seconds, and size of the body in bytes.
const INDEX: TableDefinition<'_, &str, Entry> = TableDefinition::new("index");
/// By name: the object's bytes.
const BODIES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("bodies");
/// One row: the number of writes so far.
const WRITES: TableDefinition<'_, (), u64> = TableDefinition::new("writes");

type Entry = (u64, u64, u64, u64);
type Outcome<T> = Result<Result<T, WriteError>, Failure>;

fn failure(error: impl Into<redb::Error>) -> Failure {
    Box::new(error.into())
}

fn etag((number, random, ..): Entry) -> Etag {
    Etag(format!("{number:x}-{random:016x}"))
}

/// Whether the write with the random number `random` created this version.
pub(super) fn bears(etag: &Etag, random: u64) -> bool {
    etag.0.split_once('-').is_some_and(|(_, hex)| hex == format!("{random:016x}"))
}

/// Creates the tables of a new file, so that later reads find them. Does not write to an existing
/// file.
pub(super) fn prepare(database: &Database) -> Result<(), Failure> {
    let read = database.begin_read().map_err(failure)?;
    match read.open_table(WRITES) {
        Ok(_) => return Ok(()),
        Err(TableError::TableDoesNotExist(_)) => {}
        Err(other) => return Err(failure(other)),
    }
    let write = database.begin_write().map_err(failure)?;
    write.open_table(INDEX).map_err(failure)?;
    write.open_table(BODIES).map_err(failure)?;
    write.open_table(WRITES).map_err(failure)?;
    write.commit().map_err(failure)
}

/// Whether the database can still be read. After a failed write it cannot.
pub(super) fn is_sound(database: &Database) -> bool {
    let read = || {
        let write = database.begin_write().map_err(failure)?;
        write.open_table(WRITES).map_err(failure)?.get(()).map_err(failure)?;
        write.abort().map_err(failure)
    };
    read().is_ok()
}

pub(super) fn get(database: &impl ReadableDatabase, key: &Key) -> Result<Option<Object>, Failure> {
    let read = database.begin_read().map_err(failure)?;
    let index = read.open_table(INDEX).map_err(failure)?;
    let Some(entry) = index.get(key.as_str()).map_err(failure)? else { return Ok(None) };
    let bodies = read.open_table(BODIES).map_err(failure)?;
    let body = bodies.get(key.as_str()).map_err(failure)?;
    Ok(body.map(|body| Object { body: Bytes::copy_from_slice(body.value()), etag: etag(entry.value()) }))
}

pub(super) fn put(
    database: &Database,
    key: &Key,
    body: &[u8],
    condition: &Condition,
    random: u64,
    now: Timestamp,
) -> Outcome<Etag> {
    let write = database.begin_write().map_err(failure)?;
    let entry;
    {
        let mut index = write.open_table(INDEX).map_err(failure)?;
        let found = index.get(key.as_str()).map_err(failure)?.map(|found| etag(found.value()));
        match (condition, found) {
            (Condition::Absent, None) => {}
            (Condition::Matches(expected), Some(found)) if *expected == found => {}
            (Condition::Matches(_), None) => return Ok(Err(WriteError::Gone)),
            _ => return Ok(Err(WriteError::ConditionFailed)),
        }
        let mut writes = write.open_table(WRITES).map_err(failure)?;
        let number = writes.get(()).map_err(failure)?.map_or(0, |last| last.value()) + 1;
        writes.insert((), number).map_err(failure)?;
        entry = (number, random, now.0, body.len() as u64);
        index.insert(key.as_str(), entry).map_err(failure)?;
        let mut bodies = write.open_table(BODIES).map_err(failure)?;
        bodies.insert(key.as_str(), body).map_err(failure)?;
    }
    write.commit().map_err(failure)?;
    Ok(Ok(etag(entry)))
}

pub(super) fn delete(database: &Database, key: &Key, expected: &Etag) -> Outcome<()> {
    let write = database.begin_write().map_err(failure)?;
    {
        let mut index = write.open_table(INDEX).map_err(failure)?;
        let found = index.get(key.as_str()).map_err(failure)?.map(|found| etag(found.value()));
        match found {
            None => return Ok(Err(WriteError::Gone)),
            Some(found) if found != *expected => return Ok(Err(WriteError::ConditionFailed)),
            Some(_) => {}
        }
        index.remove(key.as_str()).map_err(failure)?;
        write.open_table(BODIES).map_err(failure)?.remove(key.as_str()).map_err(failure)?;
    }
    write.commit().map_err(failure)?;
    Ok(Ok(()))
}

pub(super) fn list(
    database: &impl ReadableDatabase,
    prefix: &str,
    after: Option<&Key>,
    limit: usize,
) -> Result<Page, Failure> {
    let read = database.begin_read().map_err(failure)?;
    let index = read.open_table(INDEX).map_err(failure)?;
    let start = match after {
        Some(after) if after.as_str() >= prefix => Bound::Excluded(after.as_str()),
        _ => Bound::Included(prefix),
    };
    let mut objects = Vec::new();
    for found in index.range::<&str>((start, Bound::Unbounded)).map_err(failure)? {
        let (key, entry) = found.map_err(failure)?;
        if !key.value().starts_with(prefix) {
            break;
        }
        if objects.len() == limit {
            return Ok(Page { objects, more: true });
        }
        let (.., modified, size) = entry.value();
        objects.push(Listed { key: Key::new(key.value()), size, modified: Timestamp(modified) });
    }
    Ok(Page { objects, more: false })
}
