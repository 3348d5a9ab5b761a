//! JavaScript for the module of the page.

use crate::panics;
use anyhow::{Context, Result};
use std::path::Path;
use wasm_bindgen_cli_support::Bindgen;

/// Writes the bound module, its JavaScript and its types into the folder.
pub(crate) fn bind(module: &Path, out: &Path) -> Result<()> {
    let name = module.file_stem().context("the module has no name")?.to_string_lossy();
    let mut bindgen = Bindgen::new();
    bindgen
        .input_bytes(&name, panics::silence(module)?)
        .web(true)?
        .omit_default_module_path(false)
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen.generate(out).context("the library could not be bound to JavaScript")
}
