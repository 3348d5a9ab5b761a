//! `spec/errors.md` lists exactly the codes that the library, the command line and the bindings give beside the vault's.

use rootcellar_tree::{Findings, nothing_in, page, texts_with};
use std::collections::BTreeSet;

/// Where those codes are given.
const SOURCES: &[&str] = &["client/core/src", "client/cli/src", "client/uniffi/src"];
/// What a literal code follows.
const BEFORE_A_CODE: &[&str] = &["Failure::new(", "Self::new(", "code: ", "_CODE: &'static str = "];

#[test]
fn errors_md_lists_the_codes_of_the_client() {
    let sources = texts_with("rs").filter(|(file, _)| SOURCES.iter().any(|folder| file.starts_with(folder)));
    let sources: Vec<String> = sources.map(|(_, text)| text).collect();
    let given = sources.iter().flat_map(|source| codes(source)).collect();
    nothing_in(&compare(&given, &page("spec/errors.md"), &sources.concat()));
}

fn compare(given: &BTreeSet<String>, page: &str, sources: &str) -> Findings {
    let (listed, of_the_vault) = (listed(page), codes_of_the_vault(page));
    let missing = given.difference(&listed).filter(|code| !of_the_vault.contains(*code));
    // Some are passed on before they are given, so that any literal counts.
    let is_literal = |code: &String| sources.contains(&format!("\"{code}\""));
    let invented = listed.difference(&of_the_vault).filter(|code| !is_literal(code));
    let missing = missing.map(|code| format!("spec/errors.md does not list the client's code `{code}`"));
    let invented =
        invented.map(|code| format!("spec/errors.md lists the client's code `{code}`: there is none"));
    missing.chain(invented).collect()
}

/// The codes of rows such as ``| `malformed` | 400 | …``. A test of `spec` compares them with the code.
fn codes_of_the_vault(page: &str) -> BTreeSet<String> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let of_the_vault = rows.filter(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()));
    of_the_vault.map(|(code, _)| code.to_owned()).collect()
}

/// The codes in the first cells of the tables between the client's heading and the next.
fn listed(page: &str) -> BTreeSet<String> {
    let section = page.split("\n## ").find(|section| section.starts_with("Codes of the client"));
    let rows = section.unwrap_or_default().lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('|').next())
        .flat_map(|cell| cell.split('`').step_by(2))
        .filter(|code| is_code(code))
        .map(str::to_owned)
        .collect()
}

/// The codes that a source gives: literals in functions called `code`, and those that make a failure.
fn codes(source: &str) -> BTreeSet<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = BTreeSet::new();
    for body in source.split("fn code(").skip(1).filter_map(|rest| rest.split("\n    }").next()) {
        // Of functions that give text; others are called so, too.
        if body.lines().next().is_some_and(|signature| signature.contains("str {")) {
            found.extend(body.split('"').skip(1).step_by(2).filter(|text| is_code(text)).map(str::to_owned));
        }
    }
    for before in BEFORE_A_CODE {
        for rest in source.split(before).skip(1) {
            // The code is the first literal of the call, if one precedes its message.
            let literal =
                rest.split('"').nth(1).filter(|_| is_argument(rest.split('"').next().unwrap_or_default()));
            found.extend(literal.filter(|text| is_code(text)).map(str::to_owned));
        }
    }
    found
}

/// Whether nothing but an exit code precedes a literal.
fn is_argument(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || (text.starts_with("Exit::") && text.ends_with(',') && !text.contains(['(', ';']))
}

/// Lower-case words joined by hyphens.
fn is_code(text: &str) -> bool {
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.split('-').all(word)
}

fn set(codes: &[&str]) -> BTreeSet<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

#[test]
fn codes_are_found_where_they_are_given() {
    let source = r#"
        pub fn code(&self) -> &'static str {
            match self { Self::A => "first-code", Self::B(x) => x.code() }
}
pub fn code(&self) -> Code { thing("no-code") }
        Failure::new(
            Exit::Local,
            "second-code",
            "Some text.",
        );
        Failure::new(exit(&error), error.code(), "third");
        Self::Local { code: "fourth".to_owned() }
        const NONE_CODE: &'static str = "fifth";
        #[cfg(test)]
        Failure::new(Exit::Local, "of-a-test", "")
    "#;
    assert_eq!(codes(source), set(&["first-code", "second-code", "fourth", "fifth"]));
}

#[test]
fn a_missing_and_an_invented_code_are_found() {
    let page = "# Errors\n\n## Codes of the client\n\n| codes |\n| --- |\n| `one`, `two-2` | `what` |\n\n## Exit codes\n| `three` |";
    assert_eq!(listed(page), set(&["one", "two-2"]));
    let page = format!("| `busy` | 503 | x |\n{page}");
    assert!(compare(&set(&["one", "busy"]), &page, r#""one" "two-2""#).is_empty());
    assert_eq!(compare(&set(&["one", "other"]), &page, r#""one" "other""#).len(), 2);
}
