//! Kotlin, Swift and Python for the library that wallets embed.

use anyhow::{Context, Result, bail};
use camino::Utf8PathBuf;
use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate_with_bindgen_paths};
use uniffi_bindgen::{BindgenPaths, BindgenPathsLayer};

/// The crate, as cargo calls its library.
const CRATE: &str = "rootcellar_uniffi";
/// Its folder, where its `uniffi.toml` is.
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../client/uniffi");

struct Source;

impl BindgenPathsLayer for Source {
    fn get_crate_root(&self, name: &str) -> Option<Utf8PathBuf> {
        (name == CRATE).then(|| SOURCE.into())
    }
}

/// Writes the sources of a language (`kotlin`, `swift`, `python`) into the folder.
pub(crate) fn generate(language: &str, library: &str, out: &str) -> Result<()> {
    let language = match language {
        "kotlin" => TargetLanguage::Kotlin,
        "python" => TargetLanguage::Python,
        "swift" => TargetLanguage::Swift,
        other => bail!("nothing is generated for {other}"),
    };
    let mut paths = BindgenPaths::default();
    paths.add_layer(Source);
    let options = GenerateOptions {
        languages: vec![language],
        source: library.into(),
        out_dir: out.into(),
        crate_filter: Some(CRATE.to_owned()),
        ..GenerateOptions::default()
    };
    generate_with_bindgen_paths(options, paths).context("no sources could be generated")
}
