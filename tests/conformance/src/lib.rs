//! The vectors of `spec/vectors/`: one program makes them, one test walks them by directory.
//!
//! A directory is a topic, a file one behaviour; invalid cases are named by their fault and say in `result` in which of
//! the protocol's ways reading fails. Bytes are hex.

mod case;
mod seeded;
pub mod topics;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A topic: a directory of vectors.
pub struct Topic {
    /// The directory's name.
    pub name: &'static str,
    /// Makes its vectors: name and content.
    pub generate: fn() -> Vec<(String, Value)>,
    /// Checks that the client does what one vector says.
    pub check: fn(&Value) -> Result<()>,
}

/// Where the vectors are kept.
#[must_use]
pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors")
}

/// Every vector that the generator makes, by its path below [`directory`].
#[must_use]
pub fn generate() -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    for topic in topics::ALL {
        for (name, content) in (topic.generate)() {
            let path = Path::new(topic.name).join(name).with_extension("json");
            let text = serde_json::to_string_pretty(&content).expect("a vector is plain JSON") + "\n";
            assert!(files.insert(path, text).is_none(), "two vectors of one name in {}", topic.name);
        }
    }
    files
}

/// Every vector that is kept, by its path below [`directory`].
///
/// # Errors
/// If a file cannot be read.
pub fn kept() -> Result<BTreeMap<PathBuf, String>> {
    let mut files = BTreeMap::new();
    for topic in fs::read_dir(directory()).context("spec/vectors")? {
        let topic = topic?;
        if !topic.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(topic.path())? {
            let path = file?.path();
            let relative = path.strip_prefix(directory())?.to_owned();
            files.insert(relative, fs::read_to_string(&path)?);
        }
    }
    Ok(files)
}

/// Checks every kept vector; returns how many there are.
///
/// # Errors
/// The first vector that has no topic or does not hold.
pub fn check_all() -> Result<usize> {
    let files = kept()?;
    for (path, text) in &files {
        let directory = path.parent().and_then(Path::to_str).unwrap_or_default();
        let Some(topic) = topics::ALL.iter().find(|topic| topic.name == directory) else {
            bail!("{}: no topic checks this directory", path.display());
        };
        let vector = serde_json::from_str(text).with_context(|| path.display().to_string())?;
        (topic.check)(&vector).with_context(|| path.display().to_string())?;
    }
    for topic in topics::ALL {
        ensure!(files.keys().any(|path| path.starts_with(topic.name)), "{} has no vectors", topic.name);
    }
    Ok(files.len())
}
