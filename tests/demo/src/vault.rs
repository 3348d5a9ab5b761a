//! The vault of the demo: the real server on a free port, with its data in a folder that goes away, or in a bucket.

use crate::bucket;
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How the line begins that tells the address; the first thing on standard output that matters.
const LISTENING: &str = "listening on http://";

/// A running server; killed when dropped.
pub(super) struct Vault {
    child: Child,
    pub(super) address: SocketAddr,
    metrics: SocketAddr,
    /// From the start of the process to the line that says it listens.
    pub(super) ready_after: Duration,
}

/// Where the server keeps things.
pub(super) struct Places {
    /// `--data`.
    pub(super) data: PathBuf,
    /// What the server logs.
    pub(super) log: PathBuf,
    /// What leads to the bucket, if there is one.
    pub(super) bucket: Vec<String>,
}

impl Places {
    /// The server's program with these places, and with none of the settings that steer the tests: it refuses what it
    /// does not know.
    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).arg("--data").arg(&self.data).args(&self.bucket);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("ROOTCELLAR_") {
                command.env_remove(name);
            }
        }
        command
    }

    /// Makes root secret and vault, as an operator has to in a bucket. `origin` is where clients will find it.
    pub(super) fn make_vault(&self, program: &Path, origin: &str) -> Result<()> {
        for arguments in [&["root-secret", "new"][..], &["store", "init", "--public-origin", origin]] {
            printed(&mut self.command(program, arguments))?;
        }
        Ok(())
    }

    /// Where the running server serves its metrics.
    fn metrics(&self, program: &Path) -> Result<SocketAddr> {
        let status = printed(&mut self.command(program, &["admin", "status", "--json"]))?;
        let status: serde_json::Value = serde_json::from_slice(&status)?;
        let address = status["metrics_address"].as_str().context("the server serves no metrics")?;
        address.parse().context("not an address")
    }
}

impl Vault {
    /// Starts the server and waits for the line that names its address. `origin` is where clients find it.
    pub(super) fn start(program: &Path, places: &Places, origin: &str) -> Result<Self> {
        let began = Instant::now();
        let log = File::options().create(true).append(true).open(&places.log)?;
        let listen =
            ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--public-origin", origin];
        let mut command = places.command(program, &listen);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().context("cannot start rootcellar-server")?;
        let stdout = child.stdout.take().context("the server has no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let address = loop {
            let Some(line) = lines.next().transpose()? else {
                let status = child.wait()?;
                let log = std::fs::read_to_string(&places.log).unwrap_or_default();
                bail!("rootcellar-server ended with {status} before it listened:\n{log}");
            };
            if let Some((_, address)) = line.split_once(LISTENING) {
                break address.trim().trim_end_matches('/').parse().context("not an address")?;
            }
        };
        let ready_after = began.elapsed();
        // Read on, so that the server never waits for a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let mut vault = Self { child, address, metrics: address, ready_after };
        vault.metrics = places.metrics(program)?;
        Ok(vault)
    }

    /// How many requests the store has had since the start.
    pub(super) fn store_calls(&self) -> Result<u64> {
        let page = String::from_utf8(bucket::get(self.metrics.port(), "/metrics").context("no metrics")?)?;
        let counts = page.lines().filter(|line| line.starts_with("rootcellar_store_calls_total{"));
        counts.map(|line| line.rsplit(' ').next().unwrap_or("").parse::<u64>().context("no number")).sum()
    }

    /// Ends the server as an operator does, and waits until it has closed its store.
    pub(super) fn stop(mut self) -> Result<()> {
        let asked = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status()?;
        if !asked.success() {
            bail!("cannot signal the server");
        }
        let status = self.child.wait()?;
        if !status.success() {
            bail!("the server ended with {status} when it was asked to stop");
        }
        Ok(())
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        // After `stop` there is nothing to kill, and otherwise nothing to do about a failure.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What a program prints that succeeds.
fn printed(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.stdin(Stdio::null()).output().context("cannot start rootcellar-server")?;
    if !output.status.success() {
        bail!("rootcellar-server ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}

/// Every file below a folder, with its bytes, in the order of names.
pub(super) fn files(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(&next).with_context(|| format!("cannot list {}", next.display()))? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                waiting.push(entry.path());
            } else if kind.is_file() {
                let name = entry.path().strip_prefix(folder)?.to_string_lossy().into_owned();
                found.push((name, std::fs::read(entry.path())?));
            }
        }
    }
    found.sort();
    Ok(found)
}
