//! A vault for the tests of one language: the real server on a free port, with its data in a folder that goes away.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use xtask_tools::Scratch;

/// How the line begins that tells the address.
const LISTENING: &str = "listening on ";

/// A running server; killed when dropped.
pub(super) struct Vault {
    child: Child,
    /// Its address.
    pub(super) url: String,
    /// The server, for tests that start vaults of their own.
    program: PathBuf,
    _data: Scratch,
}

impl Vault {
    /// Starts the server of this folder of programs.
    pub(super) fn start(programs: &Path) -> Result<Self> {
        let data = Scratch::new()?;
        let program = programs.join("rootcellar-server");
        let mut command = Command::new(&program);
        // So many restores in a minute are one person's nowhere else.
        command.args(["--starts-per-address", "0", "--rate-per-address", "0"]);
        command.args(["--listen", "127.0.0.1:0", "--data"]).arg(data.path());
        for (name, _) in std::env::vars_os() {
            // The server refuses settings that it does not know.
            if name.to_string_lossy().starts_with("ROOTCELLAR_") {
                command.env_remove(name);
            }
        }
        let log = std::fs::File::create(data.path().with_extension("log"))?;
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("it is piped")?).lines();
        let url = loop {
            let Some(line) = lines.next().transpose()? else {
                bail!("rootcellar-server ended with {} before it listened", child.wait()?);
            };
            if let Some((_, url)) = line.split_once(LISTENING) {
                break url.trim().trim_end_matches('/').to_owned();
            }
        };
        // Read on, so that the server never waits for a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, url, program, _data: data })
    }

    /// Tells a test where the vault is, and the server.
    pub(super) fn tell<'c>(&self, test: &'c mut Command) -> &'c mut Command {
        test.env("VAULT", &self.url).env("SERVER", &self.program)
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        // There is nothing to do about a failure.
        self.child.kill().ok();
        self.child.wait().ok();
        std::fs::remove_file(self._data.path().with_extension("log")).ok();
    }
}
