//! JavaScript for the module of the page.

use anyhow::{Context, Result};
use std::path::Path;
use wasm_bindgen_cli_support::Bindgen;

/// Writes the bound module, its JavaScript and its types into the folder.
pub(crate) fn bind(module: &Path, out: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .web(true)?
        .omit_default_module_path(false)
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen.generate(out).context("the library could not be bound to JavaScript")
}
