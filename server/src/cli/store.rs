//! `store init`: begins a vault in a bucket. `store check`: whether the store can keep a vault, as a table for people or as
//! JSON.

use super::arguments::StoreCommand;
use super::{page, say};
use anyhow::Context;
use rootcellar_server::config::Config;
use rootcellar_server::serve::{self, Begun, Checked};
use rootcellar_server::store::probe::CheckResult;
use rootcellar_spec::vault_id;
use rootcellar_vault::clock::SystemClock;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::sync::Arc;

/// Width of the last column; the whole fits a wide terminal.
const MEANING: usize = 76;

/// The store was tried and cannot keep a vault.
#[derive(Debug, thiserror::Error)]
#[error("this store cannot keep a vault as it is: see what failed")]
pub(crate) struct Unusable;

pub(crate) fn run(config: &Config, command: &StoreCommand) -> anyhow::Result<()> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the threads")?;
    let clock = Arc::new(SystemClock);
    match command {
        StoreCommand::Init => begun(&runtime.block_on(serve::init_store(config, clock))?),
        StoreCommand::Check { json } => {
            let checked = runtime.block_on(serve::check_store(config, clock))?;
            page(if *json { for_scripts(&checked) } else { for_people(&checked) }.as_bytes())?;
            if checked.report.is_usable() { Ok(()) } else { Err(Unusable.into()) }
        }
    }
}

fn begun(vault: &Begun) -> anyhow::Result<()> {
    let Begun { store, vault_id, fingerprint, created } = vault;
    let what = match created {
        true => format!("made a new vault in {store}"),
        false => format!("there is a vault in {store} already, of this root secret; it is as it was"),
    };
    say(&format!("{what}\nvault ID     {vault_id}\nroot secret  {fingerprint}"))?;
    if *created && vault_id.as_str() == vault_id::LOOPBACK {
        let advice = "It is for this machine alone, and its vault ID stays. For a vault that others reach: delete the object \
                      `vault`, and run this again with the servers' own --public-origin.";
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
    let mut out = format!("{}\n\n{:<22}{:<9}what it means\n", checked.store, "check", "result");
    for check in &checked.report.checks {
        let mut start = format!("{:<22}{:<9}", check.name, word(check.result));
        for line in wrapped(&check.meaning) {
            let _ = writeln!(out, "{start}{line}");
            start = " ".repeat(31);
        }
    }
    let end =
        if checked.report.is_usable() { "A vault can be kept here." } else { "No vault can be kept here." };
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
        let line = lines.last_mut().expect("there is a line from the start on");
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
    use rootcellar_server::store::probe::Report;

    fn checked() -> Checked {
        let mut report = Report::default();
        report.add("read", CheckResult::Ok, "it answers");
        report.add("create-once", CheckResult::Failed, "it creates what exists already. ".repeat(5));
        Checked { store: "s3://b".to_owned(), report }
    }

    #[test]
    fn people_get_a_table_of_lines_that_fit() {
        let table = for_people(&checked());
        assert!(table.contains("read                  ok       it answers\n"), "{table}");
        assert!(table.contains("create-once           FAILED   it creates"), "{table}");
        assert!(table.lines().all(|line| line.len() <= 110), "{table}");
        assert!(table.ends_with("\nNo vault can be kept here.\n"), "{table}");
    }

    #[test]
    fn scripts_get_one_object() {
        let value: serde_json::Value = serde_json::from_str(&for_scripts(&checked())).expect("JSON");
        assert_eq!(value["usable"], false);
        assert_eq!(value["checks"][1]["check"], "create-once");
        assert_eq!(value["checks"][1]["result"], "failed");
    }
}
