//! A source file longer than this holds a second idea. (Functions are measured by clippy, see `clippy.toml`.)

use rootcellar_tree::{nothing_in, texts_with};

/// Most lines of a Rust file.
const LINES: usize = 500;

#[test]
fn source_files_are_short() {
    let long = texts_with("rs").map(|(file, text)| (file, text.lines().count())).filter(|(_, n)| *n > LINES);
    let findings = long.map(|(file, lines)| format!("{}: {lines} lines, at most {LINES}", file.display()));
    nothing_in(&findings.collect::<Vec<_>>());
}
