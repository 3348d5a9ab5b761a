//! Kotlin, Swift and Python for the library that wallets embed, with our changes.

use crate::patches;
use anyhow::{Context, Result, ensure};
use camino::Utf8PathBuf;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate_with_bindgen_paths};
use uniffi_bindgen::{BindgenPaths, BindgenPathsLayer};

/// The crate, as cargo calls its library.
const CRATE: &str = "rootcellar_uniffi";
/// Its folder, where its `uniffi.toml` is.
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../client/uniffi");

/// The languages, and the folder that each is generated into.
const LANGUAGES: [(TargetLanguage, &str); 3] = [
    (TargetLanguage::Kotlin, "kotlin-generated"),
    (TargetLanguage::Python, "python-generated"),
    (TargetLanguage::Swift, "swift-generated"),
];

struct Source;

impl BindgenPathsLayer for Source {
    fn get_crate_root(&self, name: &str) -> Option<Utf8PathBuf> {
        (name == CRATE).then(|| SOURCE.into())
    }
}

/// Writes the sources of each language into a separate folder below `out`.
pub(crate) fn generate(library: &str, out: &str) -> Result<()> {
    let mut holders: Vec<(&str, BTreeSet<String>)> = Vec::new();
    for (language, name) in LANGUAGES {
        let folder = Path::new(out).join(name);
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => std::fs::create_dir_all(&folder)?,
        }
        sources(language, library, &folder).with_context(|| format!("cannot generate {name}"))?;
        holders.push((name, change(&folder)?));
    }
    agree(&holders)
}

fn sources(language: TargetLanguage, library: &str, out: &Path) -> Result<()> {
    let mut paths = BindgenPaths::default();
    paths.add_layer(Source);
    let options = GenerateOptions {
        languages: vec![language],
        source: library.into(),
        out_dir: Utf8PathBuf::try_from(out.to_owned())?,
        crate_filter: Some(CRATE.to_owned()),
        ..GenerateOptions::default()
    };
    generate_with_bindgen_paths(options, paths)
}

/// Makes our changes in every file; gives the types that hold secrets.
fn change(folder: &Path) -> Result<BTreeSet<String>> {
    let mut holders = BTreeSet::new();
    for file in files(folder)? {
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

/// Every file below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    Ok(found)
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
