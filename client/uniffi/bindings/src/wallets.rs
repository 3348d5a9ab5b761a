//! Kotlin, Swift and Python for the library that wallets embed, with our changes.

use crate::{patches, places};
use anyhow::{Context, Result, ensure};
use camino::Utf8PathBuf;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate_with_bindgen_paths};
use uniffi_bindgen::{BindgenPaths, BindgenPathsLayer};
use xtask_tools::workspace;

/// The crate, as cargo calls its library.
const CRATE: &str = "rootcellar_uniffi";

/// Finds `uniffi.toml` of the crate.
struct Source;

impl BindgenPathsLayer for Source {
    fn get_crate_root(&self, name: &str) -> Option<Utf8PathBuf> {
        (name == CRATE).then(|| Utf8PathBuf::try_from(places::source()).ok())?
    }
}

/// The folders of what was generated.
pub(crate) struct Sources {
    pub(crate) kotlin: PathBuf,
    pub(crate) python: PathBuf,
    pub(crate) swift: PathBuf,
}

/// Generates the sources of every language, each into a separate folder.
pub(crate) fn generate(library: &Path) -> Result<Sources> {
    let mut holders: Vec<(&str, BTreeSet<String>)> = Vec::new();
    let mut language = |target, name: &'static str| -> Result<PathBuf> {
        let folder = places::fresh(&format!("{name}-generated"))?;
        sources(target, library, &folder).with_context(|| format!("cannot generate {name}"))?;
        holders.push((name, change(&folder)?));
        Ok(folder)
    };
    let sources = Sources {
        kotlin: language(TargetLanguage::Kotlin, "kotlin")?,
        python: language(TargetLanguage::Python, "python")?,
        swift: language(TargetLanguage::Swift, "swift")?,
    };
    agree(&holders)?;
    Ok(sources)
}

fn sources(language: TargetLanguage, library: &Path, out: &Path) -> Result<()> {
    let mut paths = BindgenPaths::default();
    paths.add_layer(Source);
    let options = GenerateOptions {
        languages: vec![language],
        source: Utf8PathBuf::try_from(library.to_owned())?,
        out_dir: Utf8PathBuf::try_from(out.to_owned())?,
        crate_filter: Some(CRATE.to_owned()),
        ..GenerateOptions::default()
    };
    generate_with_bindgen_paths(options, paths)
}

/// Makes our changes in every file; gives the types that hold secrets.
fn change(folder: &Path) -> Result<BTreeSet<String>> {
    let mut holders = BTreeSet::new();
    for file in workspace::files(folder)? {
        let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let redacted = patches::apply(extension, &std::fs::read_to_string(&file)?)?;
        std::fs::write(&file, redacted.source)?;
        holders.extend(redacted.holders);
    }
    Ok(holders)
}

/// A type with a secret has it in every language: one found in a single language was missed in the others.
fn agree(holders: &[(&str, BTreeSet<String>)]) -> Result<()> {
    let Some(((first, known), others)) = holders.split_first() else { return Ok(()) };
    ensure!(!known.is_empty(), "no type with a secret was found");
    for (name, found) in others {
        let differing: Vec<_> = known.symmetric_difference(found).cloned().collect();
        ensure!(
            differing.is_empty(),
            "types with secrets in only one of {first} and {name}: {}",
            differing.join(", ")
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_that_one_language_misses_is_found() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        assert!(agree(&[("a", set(&["Entry"])), ("b", set(&["Entry"]))]).is_ok());
        assert!(agree(&[("a", set(&["Entry", "Secret"])), ("b", set(&["Entry"]))]).is_err());
        assert!(agree(&[("a", set(&[])), ("b", set(&[]))]).is_err());
    }
}
