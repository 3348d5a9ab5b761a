//! The English of the documents and of the page's texts: a list of words refuses the dialect that they had.

use rootcellar_tree::{nothing_in, texts};
use std::path::Path;

/// What the page says, one text a line after its key.
const CATALOGUE: &str = "client/web/page/src/texts/en.json";

/// What a document never says, and what it says instead. One in lower case is found in any case. None of them is ever right
/// here: a word with a second, usual meaning does not belong in this list.
const DIALECT: &[(&str, &str)] = &[
    ("anew", "again"),
    ("anybody", "anyone"),
    ("at hand", "available, or current"),
    ("be had", "be available"),
    ("bear", "have, or contain"),
    ("bears", "has, or contains"),
    ("bore", "had"),
    ("borne", "had, or confirmed"),
    ("bring about", "cause"),
    ("brings about", "causes"),
    ("by turns", "alternately"),
    ("came about", "was established, or happened"),
    ("come about", "happen"),
    ("comes about", "happens"),
    ("everybody", "everyone"),
    ("for ever", "permanently, or always"),
    ("for good", "permanently"),
    ("for want of", "because there is no"),
    ("go on", "continue"),
    ("goes on", "continues"),
    ("gone on", "continued"),
    ("hears of", "learns of"),
    ("held against", "compared with"),
    ("hosted apart", "hosted separately"),
    ("in the place of", "instead of, or replaces"),
    ("is none of", "is not a …"),
    ("is still none", "is not valid"),
    ("keep apart", "keep separate"),
    ("kept apart", "kept separate"),
    ("lane", "login method"),
    ("lanes", "login methods"),
    ("leaps", "jumps"),
    ("lest", "so that … not"),
    ("let go of", "release, or override"),
    ("lets go of", "releases, or overrides"),
    ("letting go of", "releasing, or overriding"),
    ("lie in", "are in"),
    ("lies in", "is in"),
    ("mend", "fix, or repair"),
    ("mended", "fixed, or repaired"),
    ("mends", "fixes, or repairs"),
    ("patience", "retry policy"),
    ("sealed bytes", "encrypted data"),
    ("sealed snapshot", "encrypted snapshot"),
    ("sealed under", "encrypted under"),
    ("somebody", "someone"),
    ("stands", "is"),
    ("stood", "was"),
    ("stretching", "key derivation"),
    ("takes the place of", "replaces"),
    ("tell apart", "distinguish"),
    ("tells apart", "distinguishes"),
    ("told apart", "distinguished"),
    ("took the place of", "replaced"),
    ("under way", "in progress"),
    ("went on", "continued"),
    ("What stands", "the text"),
    ("Who has", "Anyone who has"),
    ("Who knows", "Anyone who knows"),
    ("Who takes", "Anyone who takes"),
    ("whoever", "anyone who"),
    ("whosever", "of any"),
];

#[test]
fn documents_and_texts_are_free_of_dialect() {
    let findings = texts().flat_map(|(file, text)| {
        let text = if file == Path::new(CATALOGUE) {
            values(&text)
        } else if file.extension().is_some_and(|extension| extension == "md") {
            text
        } else {
            String::new()
        };
        let found = dialect(&text)
            .map(|(line, said, better)| format!("{}:{line}: \"{said}\": say \"{better}\"", file.display()));
        found.collect::<Vec<_>>()
    });
    nothing_in(&findings.collect::<Vec<_>>());
}

/// The lines of a catalogue without their keys, which are names in the code.
fn values(catalogue: &str) -> String {
    let values = catalogue.lines().map(|line| line.split_once("\": ").map_or("", |(_, value)| value));
    values.collect::<Vec<_>>().join("\n")
}

/// The line of each phrase at fault, the phrase, and what to say instead.
fn dialect(text: &str) -> impl Iterator<Item = (usize, &'static str, &'static str)> {
    let words = words(text);
    (0..words.len()).flat_map(move |at| {
        let here = &words[at..];
        let said = DIALECT.iter().filter(|(phrase, _)| begins_with(here, phrase));
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
