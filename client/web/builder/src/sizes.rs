//! What a phone loads is bounded: the library, and script and style, as they are sent.

use anyhow::{Result, bail};
use std::path::Path;
use xtask_tools::{output, workspace};

/// Most bytes of WebAssembly, compressed.
const LIBRARY: u64 = 280_000;
/// Most bytes of script and style, compressed.
const SCRIPT_AND_STYLE: u64 = 100_000;

pub(super) fn enforce(page: &Path) -> Result<()> {
    let (mut library, mut script_and_style, mut other) = (0, 0, 0);
    for file in workspace::files(page)?.iter().filter(|file| file.extension().is_some_and(|end| end == "br"))
    {
        let size = file.metadata()?.len();
        match file.with_extension("").extension().and_then(|end| end.to_str()) {
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
