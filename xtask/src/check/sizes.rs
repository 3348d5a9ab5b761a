//! A source file longer than this holds a second idea. (Functions are measured by clippy, see `clippy.toml`.)

use super::Findings;
use crate::workspace;
use anyhow::Result;

/// Most lines of a Rust file.
const LINES: usize = 500;

pub(super) fn check() -> Result<Findings> {
    let mut findings = Findings::new();
    for file in workspace::tracked()? {
        if file.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let lines = workspace::text(&file)?.map_or(0, |text| text.lines().count());
        if lines > LINES {
            findings.push(format!("{}: {lines} lines, at most {LINES}", file.display()));
        }
    }
    Ok(findings)
}
