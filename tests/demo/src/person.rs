//! The person of the demo: runs the real client on one of several devices, each a `--home` folder of its own.

use crate::output;
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub(super) struct Person {
    program: PathBuf,
    vault: String,
    folder: PathBuf,
    /// How long the last command took.
    pub(super) took: Duration,
}

impl Person {
    pub(super) fn new(program: PathBuf, vault: String, folder: PathBuf) -> Self {
        Self { program, vault, folder, took: Duration::ZERO }
    }

    /// Runs the client, shows the command and what it printed, and returns its exit code.
    pub(super) fn run(&mut self, home: &str, arguments: &[&str]) -> Result<i32> {
        output::line(&format!("$ rootcellar {}", self.shown(arguments)));
        let mut command = Command::new(&self.program);
        command.args(arguments).stdin(Stdio::null());
        command.env("ROOTCELLAR_VAULT", &self.vault).env("ROOTCELLAR_HOME", self.folder.join(home));
        let began = Instant::now();
        let output = command.output().context("cannot start rootcellar")?;
        self.took = began.elapsed();
        for stream in [&output.stdout, &output.stderr] {
            for line in String::from_utf8_lossy(stream).lines() {
                output::line(&format!("    {}", self.without_folder(line)));
            }
        }
        output.status.code().context("rootcellar was killed")
    }

    /// The command as a person would type it.
    fn shown(&self, arguments: &[&str]) -> String {
        let quote = |argument: &&str| {
            let argument = self.without_folder(argument);
            if argument.contains(' ') { format!("'{argument}'") } else { argument }
        };
        arguments.iter().map(quote).collect::<Vec<_>>().join(" ")
    }

    fn without_folder(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.folder.display()), "")
    }
}

/// The phrases of a file that `--output` wrote, by label.
pub(super) fn entries(file: &Path) -> Result<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let value: Value = serde_json::from_str(&text).context("the output is no JSON")?;
    let entries = value["entries"].as_array().context("the output has no entries")?;
    let text = |entry: &Value, member: &str| {
        let text = entry[member].as_str().map(str::to_owned);
        text.with_context(|| format!("an entry has no `{member}`"))
    };
    entries.iter().map(|entry| Ok((text(entry, "label")?, text(entry, "phrase")?))).collect()
}
