//! `cargo xtask vectors`: one program makes all of `spec/vectors`; a vector that changed unasked fails the check.

use crate::{output, process, workspace};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) fn run(check: bool) -> Result<()> {
    let kept = workspace::root().join("spec/vectors");
    if !check {
        return generate(&kept);
    }
    let fresh = tempfile::tempdir()?;
    generate(fresh.path())?;
    let differing = differing(&read_tree(&kept)?, &read_tree(fresh.path())?);
    for name in &differing {
        output::line(&format!("spec/vectors/{name} is not what the generator writes"));
    }
    if !differing.is_empty() {
        bail!("{} vectors differ: a format changed, or `cargo xtask vectors` was not run", differing.len());
    }
    output::line("every vector is what the generator writes");
    Ok(())
}

/// The generator's only argument is the folder that it writes into.
fn generate(folder: &Path) -> Result<()> {
    let mut command = process::cargo([
        "run",
        "--locked",
        "-p",
        "rootcellar-conformance",
        "--bin",
        "generate-vectors",
        "--",
    ]);
    process::run(command.arg(folder))
}

/// Every file below a folder, by its path within it.
fn read_tree(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut waiting: Vec<PathBuf> = vec![folder.to_path_buf()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(&next).with_context(|| format!("cannot list {}", next.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
                files.insert(name, std::fs::read(&path)?);
            }
        }
    }
    Ok(files)
}

fn differing(kept: &BTreeMap<String, Vec<u8>>, fresh: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let names: std::collections::BTreeSet<_> = kept.keys().chain(fresh.keys()).collect();
    names.into_iter().filter(|name| kept.get(*name) != fresh.get(*name)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_a_missing_and_a_new_vector_are_named() {
        let tree = |files: &[(&str, &str)]| -> BTreeMap<String, Vec<u8>> {
            files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
        };
        let kept = tree(&[("same", "1"), ("changed", "1"), ("missing", "1")]);
        let fresh = tree(&[("same", "1"), ("changed", "2"), ("new", "1")]);
        assert_eq!(differing(&kept, &fresh), ["changed", "missing", "new"]);
    }
}
