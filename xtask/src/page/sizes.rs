//! What a phone loads is bounded: the library, and script and style, as they are sent.

use crate::output;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;

/// Most bytes of WebAssembly, compressed.
const LIBRARY: u64 = 280_000;
/// Most bytes of script and style, compressed.
const SCRIPT_AND_STYLE: u64 = 100_000;

pub(super) fn enforce(page: &Path) -> Result<()> {
    let (mut library, mut script_and_style, mut other) = (0, 0, 0);
    for file in compressed(page)?.iter().chain(&compressed(&page.join("assets"))?) {
        let (name, size) = file;
        match name.trim_end_matches(".br").rsplit('.').next() {
            Some("wasm") => library += size,
            Some("js" | "css") => script_and_style += size,
            _ => other += size,
        }
    }
    output::line(&format!(
        "compressed: WebAssembly {library} of {LIBRARY} bytes, script and style {script_and_style} of {SCRIPT_AND_STYLE}, other {other}"
    ));
    if library == 0 || script_and_style == 0 {
        bail!("the page has no compressed files");
    }
    if library > LIBRARY || script_and_style > SCRIPT_AND_STYLE {
        bail!("the page is larger than a phone should have to load");
    }
    Ok(())
}

/// Names and sizes of the compressed files of a folder.
fn compressed(folder: &Path) -> Result<Vec<(String, u64)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".br") {
            files.push((name, entry.metadata()?.len()));
        }
    }
    Ok(files)
}
