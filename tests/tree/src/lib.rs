//! Reads the source tree for its tests.

use std::path::{Path, PathBuf};
use xtask_tools::workspace;

/// What a test found; empty if all is well.
pub type Findings = Vec<String>;

/// Fails if something was found.
///
/// # Panics
///
/// With every finding in a separate line.
pub fn nothing_in(findings: &[String]) {
    assert!(findings.is_empty(), "\n  {}", findings.join("\n  "));
}

/// Every tracked text: its path from the root, and its content. Files that are not UTF-8 are left out.
pub fn texts() -> impl Iterator<Item = (PathBuf, String)> {
    let files = workspace::tracked().expect("git lists the files");
    files.into_iter().filter_map(|file| {
        let bytes = std::fs::read(workspace::root().join(&file)).expect("a tracked file is readable");
        Some((file, String::from_utf8(bytes).ok()?))
    })
}

/// Every tracked text whose name ends like this.
pub fn texts_with(extension: &str) -> impl Iterator<Item = (PathBuf, String)> {
    texts().filter(move |(file, _)| file.extension().is_some_and(|found| found == extension))
}

/// One document.
///
/// # Panics
///
/// If there is none.
#[must_use]
pub fn page(name: &str) -> String {
    let (_, text) = texts().find(|(file, _)| file == Path::new(name)).expect("it is tracked, and UTF-8");
    text
}

/// A text with single spaces: lines are broken differently in documents and code.
#[must_use]
pub fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
