//! Reads the embedded store's file while the server is down, by its documented layout (`spec/storage.md`) and without
//! the server's code: what it shows is what a thief of the file sees.

use anyhow::{Context, Result, bail};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::path::{Path, PathBuf};

const BODIES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("bodies");

/// Name and bytes of one object.
pub(super) type Object = (String, Vec<u8>);

/// Every object, in the order of names.
pub(super) fn read(data: &Path) -> Result<Vec<Object>> {
    let database = Database::open(file(data)?).context("cannot open the store's file")?;
    let read = database.begin_read()?;
    let bodies = read.open_table(BODIES)?;
    let mut objects = Vec::new();
    for row in bodies.iter()? {
        let (name, body) = row?;
        objects.push((name.value().to_owned(), body.value().to_vec()));
    }
    Ok(objects)
}

/// The one file of the data folder that is a store.
fn file(data: &Path) -> Result<PathBuf> {
    for entry in std::fs::read_dir(data)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "redb") {
            return Ok(path);
        }
    }
    bail!("no store in {}", data.display())
}

/// A line of a hex dump: sixteen bytes, and what of them is text.
pub(super) fn dump(offset: usize, bytes: &[u8]) -> String {
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let printable = |byte: &u8| if byte.is_ascii_graphic() { *byte as char } else { '.' };
    let text: String = bytes.iter().map(printable).collect();
    format!("{offset:06x}  {:<47}  {text}", hex.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_shows_bytes_and_text() {
        assert!(dump(16, b"RCSNAP\0\x01").starts_with("000010  52 43 53 4e 41 50 00 01 "));
        assert!(dump(16, b"RCSNAP\0\x01").ends_with("  RCSNAP.."));
    }
}
