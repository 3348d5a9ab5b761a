//! `store init` creates a vault in a bucket. `store check` tests whether the store is suitable for a
//! vault, and prints a table or JSON.

use super::arguments::StoreCommand;
use super::failure::Failure;
use super::{NO_THREADS, page, say};
use anyhow::Context;
use rootcellar_server::config::Config;
use rootcellar_server::error_code::ErrorCode;
use rootcellar_server::serve::{self, Begun, Checked};
use rootcellar_server::store::probe::CheckResult;
use rootcellar_spec::vault_id;
use rootcellar_vault::clock::SystemClock;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::sync::Arc;

/// Width of the last column, in characters. The table has 107.
const MEANING: usize = 76;

pub(crate) fn run(config: &Config, command: &StoreCommand) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context(NO_THREADS)?;
    let clock = Arc::new(SystemClock);
    match command {
        StoreCommand::Init => begun(&runtime.block_on(serve::init_store(config, clock))?),
        StoreCommand::Check { json } => {
            let checked = runtime.block_on(serve::check_store(config, clock))?;
            page(if *json { for_scripts(&checked) } else { for_people(&checked) }.as_bytes())?;
            if checked.report.is_usable() {
                return Ok(());
            }
            let text = "This store is not suitable for a vault. See the failed checks.";
            Err(Failure::new(ErrorCode::StoreUnfit, text).into())
        }
    }
}

fn begun(vault: &Begun) -> anyhow::Result<()> {
    let Begun { store, vault_id, fingerprint, created } = vault;
    let what = match created {
        true => format!("Created a new vault in {store}."),
        false => format!("{store} already contains the vault of this root secret. Nothing was changed."),
    };
    say(&format!("{what}\nvault ID     {vault_id}\nroot secret  {fingerprint}"))?;
    if *created && vault_id.as_str() == vault_id::LOOPBACK {
        let advice = "This vault ID is for use on this machine only, and it never changes. For a vault that others use, \
                      delete the object `vault`, then run this command again with --public-origin.";
        let _ = writeln!(io::stderr(), "{advice}");
    }
    Ok(())
}

fn for_scripts(checked: &Checked) -> String {
    let Checked { store, report } = checked;
    let value = serde_json::json!({ "store": store, "usable": report.is_usable(), "checks": report.checks });
    format!("{value}\n")
}

fn for_people(checked: &Checked) -> String {
    let mut out = format!("{}\n\n{:<22}{:<9}meaning\n", checked.store, "check", "result");
    for check in &checked.report.checks {
        let mut start = format!("{:<22}{:<9}", check.name, word(check.result));
        for line in wrapped(&check.meaning) {
            let _ = writeln!(out, "{start}{line}");
            start = " ".repeat(31);
        }
    }
    let end = if checked.report.is_usable() {
        "The store is suitable for a vault."
    } else {
        "The store is not suitable."
    };
    let _ = writeln!(out, "\n{end}");
    out
}

fn word(verdict: CheckResult) -> &'static str {
    match verdict {
        CheckResult::Ok => "ok",
        CheckResult::Note => "note",
        CheckResult::Warning => "warning",
        CheckResult::Unclear => "unclear",
        CheckResult::Failed => "FAILED",
    }
}

fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.len() + 1 + word.len() <= MEANING {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use rootcellar_server::store::probe::{Cause, Finding, Report};

    fn checked() -> Checked {
        let mut report = Report::default();
        report.add("read", Finding::new(Cause::Responds));
        report.add("create-once", Finding::new(Cause::Refused).because("Denied for a test. ".repeat(9)));
        Checked { store: "s3://b".to_owned(), report }
    }

    #[test]
    fn people_get_a_table_of_lines_that_fit() {
        let table = for_people(&checked());
        assert!(table.contains("\nread                  ok       "), "{table}");
        assert!(table.contains("\ncreate-once           FAILED   Denied"), "{table}");
        assert!(table.contains("\n                               "), "it wraps: {table}");
        assert!(table.lines().all(|line| line.len() <= 110), "{table}");
    }

    #[test]
    fn scripts_get_one_object() {
        let value: serde_json::Value = serde_json::from_str(&for_scripts(&checked())).expect("JSON");
        assert_eq!(value["usable"], false);
        assert_eq!(value["checks"][1]["check"], "create-once");
        assert_eq!(value["checks"][1]["result"], "failed");
        assert_eq!(value["checks"][1]["code"], "refused");
        assert_eq!(value["checks"][0]["code"], "responds");
    }
}
