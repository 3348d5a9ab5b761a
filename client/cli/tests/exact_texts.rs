//! What a vault or another device wrote is shown through `Display` of `VaultText`, which has nothing that steers a terminal or a
//! page. Its exact text is for comparisons: each place that takes it is listed here. So is each place that takes what a user gives:
//! a secret becomes text by its `Shape` alone, wherever it comes from.

use std::fs;
use std::path::{Path, PathBuf};

/// The files that compare labels with what a user typed.
const COMPARE: [&str; 2] = ["cli/src/device_view.rs", "cli/src/entry_match.rs"];
/// The files of the command line that read a terminal, a file, standard input or a variable, and what else they read than secrets.
const INPUTS: [(&str, &str); 9] = [
    ("access.rs", ""),
    ("commands/register.rs", ""),
    ("connection.rs", "certificates"),
    ("new_passphrase.rs", ""),
    ("new_recovery_code.rs", ""),
    ("secret_input.rs", ""),
    ("secret_output.rs", "the folder of an output file"),
    ("terminal.rs", "keys, for `RawInput`"),
    ("word_input.rs", ""),
];
const READS: [&str; 8] = [
    "stdin()",
    "File::open(",
    "fs::read(",
    "fs::read_to_string(",
    "BufReader::new(",
    "env::var(",
    "ask_secret(",
    "ask_words(",
];
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

#[test]
fn whatever_a_user_gives_becomes_a_secret_by_its_shape() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&source, &mut files);
    let mut reading = Vec::new();
    for path in &files {
        let text = fs::read_to_string(path).expect("a source");
        let code = text.split("#[cfg(test)]").next().expect("a beginning");
        if !READS.iter().any(|read| code.contains(read)) {
            continue;
        }
        let name = path.strip_prefix(&source).expect("below").to_str().expect("text").to_owned();
        let (_, else_reads) = INPUTS.iter().find(|(known, _)| *known == name).unwrap_or_else(|| {
            panic!("{name} reads what a user gives: secrets by `secret_input`, and list it here")
        });
        assert!(!else_reads.is_empty() || code.contains("Shape::") || code.contains("shape."), "{name}");
        reading.push(name);
    }
    reading.sort();
    assert_eq!(reading, INPUTS.map(|(name, _)| name), "no longer reads: take it off the list");
}
