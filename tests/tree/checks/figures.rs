//! Figures in the documents are those of the code: defaults of settings in the runbook's tables, limits and times elsewhere.

use rootcellar_tree::{Findings, flat, nothing_in, page, texts_with};

const RUNBOOK: &str = "deploy/README.md";

/// A document, what it says, and the code that makes it true. If one of them changes, so must the other, and this list.
const HELD: &[(&str, &str, &str)] = &[
    (RUNBOOK, "8 for a restore", "fn a_restore_takes_eight_store_calls_in_four_steps"),
    (RUNBOOK, "4 for a save", "fn a_save_takes_four_store_calls_and_is_read_back"),
    (RUNBOOK, "gives requests in progress 15 seconds to finish", "DRAIN: Duration = Duration::from_secs(15)"),
    (
        "spec/storage.md",
        "makes eight calls in four steps",
        "fn a_restore_takes_eight_store_calls_in_four_steps",
    ),
    ("spec/storage.md", "oldest first, at most 128", "HISTORY_EVENTS: usize = 128"),
    ("spec/threat-model.md", "up to 256 ancestors", "ANCESTORS: usize = 256"),
    ("spec/threat-model.md", "a 250 ms grid", "TICK: Duration = Duration::from_millis(250)"),
    ("spec/errors.md", "older than 120 seconds", "LOGIN_LIFETIME: Duration = Duration::from_secs(120)"),
    (
        "spec/errors.md",
        "expired (after 900 seconds)",
        "SESSION_LIFETIME: Duration = Duration::from_secs(900)",
    ),
    ("spec/errors.md", "more than 300 seconds from", "SIGNATURE_WINDOW: Duration = Duration::from_secs(300)"),
    (
        "spec/errors.md",
        "its 600 seconds have passed",
        "PAIRING_LIFETIME: Duration = Duration::from_secs(600)",
    ),
    ("spec/errors.md", "1 MiB for a snapshot", "SNAPSHOT_BYTES: usize = 1 << 20"),
    ("spec/errors.md", "32 KiB for a JSON body", "JSON_BODY_BYTES: usize = 32 * 1024"),
    ("spec/errors.md", "128 KiB for one that lists devices", "DEVICES_BODY_BYTES: usize = 128 * 1024"),
    ("client/web/README.md", "above 280 kB of WebAssembly", "LIBRARY: u64 = 280_000"),
    ("client/web/README.md", "or 100 kB of script and style", "SCRIPT_AND_STYLE: u64 = 100_000"),
];

#[test]
fn documents_give_the_figures_of_the_code() {
    // Not this file, which quotes the code.
    let sources = texts_with("rs").filter(|(file, _)| !file.ends_with("checks/figures.rs"));
    let sources = sources.map(|(_, text)| flat(&text)).collect::<Vec<_>>().join(" ");
    let mut findings = Findings::new();
    for (document, figure, code) in HELD {
        if !flat(&page(document)).contains(figure) {
            findings
                .push(format!("{document} does not say \"{figure}\": correct it, or the list in figures.rs"));
        }
        if !sources.contains(code) {
            findings.push(format!("{document} says \"{figure}\", but no source has `{code}`"));
        }
    }
    findings.extend(defaults(&page(RUNBOOK)).filter_map(|(setting, value)| {
        let is_default = is_default(&sources, &setting, &value);
        (!is_default).then(|| format!("{RUNBOOK}: {value} is not the default of `{setting}`"))
    }));
    nothing_in(&findings);
}

/// Settings and their defaults in tables whose header begins with these two.
fn defaults(page: &str) -> impl Iterator<Item = (String, String)> {
    let mut of_settings = false;
    page.lines().filter_map(move |line| {
        of_settings = line.starts_with("| setting | default |") || of_settings && line.starts_with('|');
        let (setting, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
        let (value, _) = rest.split_once(" |")?;
        of_settings.then(|| (setting.to_owned(), value.replace(' ', "")))
    })
}

/// Whether a source declares the setting with this default: its name, a placeholder, then `Some("…")`.
fn is_default(sources: &str, setting: &str, value: &str) -> bool {
    let (name, default) = (format!("\"{setting}\", \""), format!(", Some(\"{value}\")"));
    let mut declared = sources.split(&name).skip(1).filter_map(|rest| rest.split_once('"'));
    declared.any(|(_, rest)| rest.starts_with(&default))
}

#[test]
fn defaults_are_read_from_tables_of_settings_only() {
    let page = "| setting | default | limits |\n| --- | --- | --- |\n| `a-b` | 32 MiB | x |\n\n| check | y |\n| `c` | 1 |";
    assert_eq!(defaults(page).collect::<Vec<_>>(), [("a-b".to_owned(), "32MiB".to_owned())]);
}

#[test]
fn a_default_is_told_from_another_one() {
    let source = flat("setting!(\n    \"keep-days\",\n    \"DAYS\",\n    Some(\"30\"),\n    \"Help\"\n)");
    assert!(is_default(&source, "keep-days", "30"));
    assert!(!is_default(&source, "keep-days", "3"));
    assert!(!is_default(&source, "days", "30"));
}
