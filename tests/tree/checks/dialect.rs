//! The English of documents, of the page's texts, and of comments and messages in source files: a list of phrases is
//! refused.

use crate::phrases::DIALECT;
use crate::prose_of_source;
use rootcellar_tree::{nothing_in, texts};
use std::collections::BTreeMap;
use std::path::Path;

/// What the page says, one text a line after its key.
const CATALOGUE: &str = "client/web/page/src/texts/en.json";

/// Files that name the phrases in order to refuse them.
const EXEMPT: [&str; 2] = ["tests/tree/checks/phrases.rs", "tests/tree/checks/dialect.rs"];

/// Folders whose sources are not read yet. The list only shrinks.
const LATER: [&str; 3] = ["client", "tests/end-to-end", "xtask"];

#[test]
fn documents_texts_and_sources_are_free_of_dialect() {
    let files = texts().filter(|(file, _)| !EXEMPT.iter().any(|path| file == Path::new(path)));
    let findings = files.flat_map(|(file, text)| {
        let english = english(&file, text);
        let found = dialect(&english)
            .map(|(line, said, better)| format!("{}:{line}: \"{said}\": say \"{better}\"", file.display()));
        found.collect::<Vec<_>>()
    });
    nothing_in(&findings.collect::<Vec<_>>());
}

/// The English in a file, with its lines where they are.
fn english(file: &Path, text: String) -> String {
    match file.extension().and_then(|extension| extension.to_str()) {
        _ if file == Path::new(CATALOGUE) => values(&text),
        Some("md") => text,
        _ if LATER.iter().any(|folder| file.starts_with(folder)) => String::new(),
        Some("rs") => prose_of_source::rust(&text),
        Some("ts" | "tsx" | "mjs") => prose_of_source::line_comments(&text, &["//", "/**", "/*", "*"]),
        Some("py" | "sh" | "toml" | "yaml" | "yml") => prose_of_source::line_comments(&text, &["#"]),
        _ => String::new(),
    }
}

/// The lines of a catalogue without their keys, which are names in the code.
fn values(catalogue: &str) -> String {
    let values = catalogue.lines().map(|line| line.split_once("\": ").map_or("", |(_, value)| value));
    values.collect::<Vec<_>>().join("\n")
}

/// The line of each phrase at fault, the phrase, and what to say instead.
fn dialect(text: &str) -> impl Iterator<Item = (usize, &'static str, &'static str)> {
    let mut by_first_word: BTreeMap<String, Vec<(&'static str, &'static str)>> = BTreeMap::new();
    for (phrase, better) in DIALECT {
        let first = phrase.split(' ').next().unwrap_or_default().to_lowercase();
        by_first_word.entry(first).or_default().push((phrase, better));
    }
    let words = words(text);
    (0..words.len()).flat_map(move |at| {
        let here = &words[at..];
        let candidates = by_first_word.get(&here[0].1.to_lowercase()).into_iter().flatten();
        let said = candidates.filter(|(phrase, _)| begins_with(here, phrase));
        said.map(|(phrase, better)| (here[0].0, *phrase, *better)).collect::<Vec<_>>()
    })
}

fn begins_with(words: &[(usize, String)], phrase: &str) -> bool {
    let any_case = phrase.chars().all(|c| !c.is_uppercase());
    let mut rest = words.iter();
    phrase.split(' ').all(|wanted| {
        rest.next().is_some_and(|(_, word)| word == wanted || any_case && word.to_lowercase() == wanted)
    })
}

/// The words of a document with their lines, without code. An empty word marks the end of a clause: no phrase goes across it.
fn words(text: &str) -> Vec<(usize, String)> {
    let (mut words, mut fenced, mut in_code) = (Vec::new(), false, false);
    for (at, line) in text.lines().enumerate() {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        if line.trim().is_empty() {
            in_code = false;
        }
        if fenced || fence {
            continue;
        }
        for (part, piece) in line.split('`').enumerate() {
            in_code ^= part > 0;
            if in_code {
                words.push((at + 1, String::new()));
                continue;
            }
            for word in piece.split_whitespace() {
                words.push((at + 1, word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()));
                if word.ends_with(['.', ',', ';', ':', '?', '!', ')']) {
                    words.push((at + 1, String::new()));
                }
            }
        }
    }
    words
}

fn found(text: &str) -> Vec<(usize, &'static str)> {
    dialect(text).map(|(line, said, _)| (line, said)).collect()
}

#[test]
fn dialect_is_found_across_lines_and_in_any_case() {
    assert_eq!(
        found("# Whoever asks\n\nIt goes\non, **for good**."),
        [(1, "whoever"), (3, "goes on"), (4, "for good")]
    );
    assert_eq!(found("| x | Who has it, may read |"), [(1, "Who has")]);
}

#[test]
fn code_links_parts_of_words_and_other_meanings_are_not_dialect() {
    let page = "`go on` [x](#lost-for-good) understands, a user who has it. Go.\nOn Linux\n```\nanew\n```\nfor `x\ny` good";
    assert_eq!(found(page), []);
}

#[test]
fn a_catalogue_is_read_without_its_keys() {
    let page =
        "{\n  \"stretching\": \"Wait.\",\n  \"again\": [\"Begin\", \"It goes on.\"],\n  \"go\": \"on\"\n}";
    assert_eq!(found(&values(page)), [(3, "goes on")]);
}

#[test]
fn every_phrase_has_something_to_say_instead() {
    for (phrase, better) in DIALECT {
        assert!(!better.is_empty() && found(better).is_empty(), "{phrase}: {better}");
        assert!(found(phrase).iter().any(|(_, said)| said == phrase), "{phrase}");
    }
}
