//! What a vault or another device wrote is shown through `Display` of `VaultText`, which has nothing that steers a terminal or a
//! page. Its exact text is for comparisons: each place that takes it is listed here.

use std::fs;
use std::path::{Path, PathBuf};

/// The files that compare labels with what a user typed.
const COMPARE: [&str; 2] = ["cli/src/device_view.rs", "cli/src/entry_match.rs"];
/// The programs around the library.
const SHELLS: [&str; 3] = ["cli", "uniffi", "web"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn only_comparisons_take_the_exact_text() {
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for shell in SHELLS {
        sources(&client.join(shell).join("src"), &mut files);
    }
    assert!(files.len() > 80, "only {} files", files.len());
    let takes = |path: &&PathBuf| fs::read_to_string(path).expect("a source").contains(".exact()");
    let mut taking: Vec<_> =
        files.iter().filter(takes).filter_map(|path| path.strip_prefix(&client).ok()).collect();
    taking.sort();
    assert_eq!(taking, COMPARE.map(Path::new), "show a label or a vault's text by Display");
}
