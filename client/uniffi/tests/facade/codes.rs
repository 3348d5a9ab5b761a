//! Every code that the library or the facade gives is in `spec/errors.md`, and every code there is given.

use rootcellar_spec::ProblemCode;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The table's codes, but for those of the command line alone: `cargo xtask check` compares all of them.
fn listed() -> BTreeSet<String> {
    let page = fs::read_to_string(root().join("spec/errors.md")).expect("the page");
    let (_, section) = page.split_once("\n## Codes of the client\n").expect("the section");
    let section = section.split("\n## ").next().expect("its text");
    let rows = section.lines().filter(|line| !line.contains("| Command line: "));
    let cells = rows.filter_map(|line| line.strip_prefix("| `")?.split('|').next());
    cells.flat_map(|cell| cell.split(", ")).map(|code| code.trim().trim_matches('`').to_owned()).collect()
}

/// The codes in sources: what follows one of these beginnings.
fn given() -> BTreeSet<String> {
    let arm: &[&str] = &["=> \""];
    let made: &[&str] =
        &["state(", "input(", "incomplete(", "code: \"", "code = \"", "explanation) = (\"", "=> \""];
    let core = [
        "entry.rs",
        "error.rs",
        "error/incomplete.rs",
        "error/newer.rs",
        "phrase.rs",
        "recovery_code.rs",
        "secret_store.rs",
        "files/error.rs",
        "files/device_store/error.rs",
    ];
    let mut codes = BTreeSet::new();
    for file in core {
        codes.extend(after(&root().join("client/core/src").join(file), arm));
    }
    for file in sources(&root().join("client/uniffi/src")) {
        codes.extend(after(&file, made));
    }
    codes
}

fn after(file: &Path, beginnings: &[&str]) -> Vec<String> {
    let source = fs::read_to_string(file).expect("a source");
    let mut codes = Vec::new();
    for beginning in beginnings {
        for rest in source.split(beginning).skip(1) {
            let rest = rest.trim_start().trim_start_matches('"');
            let is_of_code = |next: &char| next.is_ascii_lowercase() || next.is_ascii_digit() || *next == '-';
            let code: String = rest.chars().take_while(is_of_code).collect();
            if rest[code.len().min(rest.len())..].starts_with('"') && is_code(&code) {
                codes.push(code);
            }
        }
    }
    codes
}

/// Other words follow an arrow, too: those of the history, and parts of a sentence.
fn is_code(text: &str) -> bool {
    const SINGLE: [&str; 15] = [
        "cancelled",
        "contended",
        "shut-down",
        "file",
        "fork",
        "gap",
        "local-state",
        "keyring",
        "rollback",
        "key-derivation",
        "tls",
        "unconfirmed",
        "unreachable",
        "unsupported",
        "library-bug",
    ];
    text.contains('-') || SINGLE.contains(&text)
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .filter(|path| !path.ends_with("history.rs"))
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_error_of_the_library_has_a_kind_of_its_own_here() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("a source");
    let (errors, kinds) = (read("client/core/src/error.rs"), read("client/uniffi/src/error/from.rs"));
    // Those of which the outcome is uncertain are one kind: the library lists them.
    let outcomes = read("client/core/src/error/outcome.rs");
    let (_, unconfirmed) = outcomes.split_once("pub fn outcome(").expect("the list");
    let unconfirmed = unconfirmed.split("=> Outcome::Uncertain").next().expect("its end");
    let has_kind = |variant: &str| {
        kinds.contains(&format!("ClientError::{variant}"))
            || unconfirmed.contains(&format!("Self::{variant}("))
    };
    let (_, body) = errors.split_once("pub enum ClientError {\n").expect("the enum");
    let body = body.split("\n}\n").next().expect("its end");
    let starts = body.lines().filter_map(|line| line.strip_prefix("    "));
    let starts = starts.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
    let variants: Vec<_> = starts.filter_map(|line| line.split(['(', ' ', ',']).next()).collect();
    assert!(variants.len() > 40, "{variants:?}");
    let missing: Vec<_> = variants.iter().filter(|variant| !has_kind(variant)).collect();
    // Without a kind it would be a fault of the library, after which an app gives the object up.
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn of_the_client_are_all_in_the_table() {
    let (listed, given) = (listed(), given());
    assert!(given.len() > 80, "they are found: {given:?}");
    let missing: Vec<_> = given.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&given).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not listed: {missing:?}; not given: {gone:?}");
    let vault = |code: &&String| {
        serde_json::from_str(&format!("\"{code}\""))
            .is_ok_and(|code: ProblemCode| code != ProblemCode::Unknown)
    };
    let twice: Vec<_> = listed.iter().filter(vault).collect();
    // The vault's own words mean what the vault means by them.
    assert!(twice.is_empty() || twice == ["unsupported"], "{twice:?}");
}
