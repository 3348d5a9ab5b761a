//! The documents say what the code does: every section of the protocol that a module names exists, and so does every test that
//! the threat model names.

use rootcellar_tree::{Findings, nothing_in, page, texts_with};
use std::collections::BTreeSet;

#[test]
fn documents_name_what_there_is() {
    let mut findings = Findings::new();
    let sections = sections(&page("spec/protocol.md"));
    let mut tests = named_tests(&page("spec/threat-model.md"));
    for (file, source) in texts_with("rs") {
        tests.retain(|test| !source.contains(&format!("fn {test}(")));
        for section in named_sections(&source) {
            if !sections.contains(&section) {
                findings.push(format!("{}: protocol.md has no section {section}", file.display()));
            }
        }
    }
    findings.extend(
        tests.iter().map(|test| format!("spec/threat-model.md names the test `{test}`: there is none")),
    );
    nothing_in(&findings);
}

/// Names of functions between backticks: words joined by at least two underscores.
fn named_tests(page: &str) -> BTreeSet<String> {
    let is_name = |text: &&str| {
        let letters =
            text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        letters && text.matches('_').count() >= 2
    };
    page.split('`').skip(1).step_by(2).filter(is_name).map(str::to_owned).collect()
}

/// The titles of a page's headings.
fn headings(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    let prose = text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    });
    prose.filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim())
}

/// The numbers of the protocol's sections.
fn sections(page: &str) -> BTreeSet<String> {
    let numbers = headings(page).filter_map(|heading| heading.split_whitespace().next());
    let numbers = numbers.map(|number| number.trim_end_matches('.'));
    numbers.filter(|number| number.starts_with(|c: char| c.is_ascii_digit())).map(str::to_owned).collect()
}

/// The numbers after `protocol.md section` or `protocol.md sections`, such as `14 to 16` or `8, 9.1 and 10`.
fn named_sections(source: &str) -> BTreeSet<String> {
    // Line breaks inside a comment are white space like any other.
    let flat = source.replace("//!", " ").replace("///", " ");
    let words: Vec<&str> = flat.split_whitespace().collect();
    let mut named = BTreeSet::new();
    for (at, word) in words.iter().enumerate() {
        let follows = words.get(at + 1).is_some_and(|next| matches!(*next, "section" | "sections"));
        if !word.trim_end_matches([',', '`']).ends_with("protocol.md") || !follows {
            continue;
        }
        for part in &words[at + 2..] {
            let number = part.trim_end_matches(|c: char| !c.is_ascii_digit());
            if number.starts_with(|c: char| c.is_ascii_digit()) {
                named.insert(number.to_owned());
                let goes_on = part.ends_with(',') || number == *part;
                if !goes_on {
                    break;
                }
            } else if !matches!(*part, "to" | "and") {
                break;
            }
        }
    }
    named
}

#[test]
fn named_sections_are_read_across_lines() {
    let source = "//! (protocol.md section 13): and 99\n/// `spec/protocol.md` sections 14 to\n/// 16, 15.3 and 2. Then 7";
    assert_eq!(named_sections(source).into_iter().collect::<Vec<_>>(), ["13", "14", "15.3", "16", "2"]);
}

#[test]
fn named_tests_are_told_from_other_code() {
    let page = "`a_test_of_it` shows, `export_key` and `cargo xtask demo` do not; `another_test_1`";
    assert_eq!(named_tests(page).into_iter().collect::<Vec<_>>(), ["a_test_of_it", "another_test_1"]);
}

#[test]
fn headings_give_the_sections() {
    let page = "# Protocol\n## 1. Conventions\n```\n# 7\n```\n### 1.1 Limits\n## Other";
    assert_eq!(sections(page).into_iter().collect::<Vec<_>>(), ["1", "1.1"]);
}
