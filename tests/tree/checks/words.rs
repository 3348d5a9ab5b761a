//! What no tracked file may hold: paths of somebody's machine, hosts of package registries, marks of unfinished work.

use rootcellar_tree::{nothing_in, texts};
use std::path::Path;

/// A text and why it must not stand anywhere. Cut in two, so that this file passes its own check.
const FORBIDDEN: &[(&str, &str, &str)] = &[
    ("/wo", "rk/", "a path of one machine"),
    ("/ro", "ot/", "a path of one machine"),
    ("/Us", "ers/", "a path of one machine"),
    ("crates", ".io", "a registry's host"),
    ("pypi", ".org", "a registry's host"),
    ("pythonhosted", ".org", "a registry's host"),
    ("npmjs", ".org", "a registry's host"),
    ("debian", ".org", "a registry's host"),
    ("rust-lang", ".org", "a registry's host"),
    ("FIX", "ME", "unfinished work"),
    ("<<<<", "<<<", "an unfinished merge"),
    (">>>>", ">>>", "an unfinished merge"),
];

#[test]
fn no_file_holds_a_forbidden_word() {
    // The lock file names the registry of each package; cargo writes it.
    let texts = texts().filter(|(file, _)| file != Path::new("Cargo.lock"));
    let findings = texts.flat_map(|(file, text)| {
        find(&text).map(|(line, why)| format!("{}:{line}: {why}", file.display())).collect::<Vec<_>>()
    });
    nothing_in(&findings.collect::<Vec<_>>());
}

/// The number of each line at fault, and why.
fn find(text: &str) -> impl Iterator<Item = (usize, String)> {
    text.lines().enumerate().flat_map(|(at, line)| {
        let forbidden = FORBIDDEN.iter().filter_map(move |(start, end, why)| {
            let word = format!("{start}{end}");
            line.contains(&word).then(|| (at + 1, format!("`{word}`: {why}")))
        });
        let cause = causeless(line).then(|| (at + 1, "unfinished work without its cause".to_owned()));
        forbidden.chain(cause)
    })
}

/// A note of work to do must say why it waits: `TO` `DO(cause)`.
fn causeless(line: &str) -> bool {
    let word = concat!("TO", "DO");
    line.split(word).skip(1).any(|rest| !rest.starts_with('('))
}

#[test]
fn forbidden_words_are_found_by_line() {
    let text = format!(
        "fine\nsee {}x\n// {}: later\n// {}(upstream has no such call)",
        "/wo\u{72}k/", "TO\u{44}O", "TO\u{44}O"
    );
    let lines: Vec<usize> = find(&text).map(|(line, _)| line).collect();
    assert_eq!(lines, [2, 3]);
}
