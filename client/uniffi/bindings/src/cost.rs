//! What crossing the border costs: the same restores by the Rust library and through Python, by turns, as a ratio of CPU time.

use crate::places::{fresh, source};
use crate::vault::Vault;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;
use xtask_tools::{output, process};

/// Restores of one turn, beside one that warms up.
const RESTORES: &str = "5";
const TURNS: usize = 6;
/// A busy machine blurs a measurement, and does not make one better than it is.
const MEASUREMENTS: usize = 4;
/// The most that the border may cost, in percent of the library's CPU time.
const MOST: f64 = 5.0;
const NAME: &str = "cost";
const PASSPHRASE: &str = "seven quiet lanterns under the orchard wall";

/// Measures, prints the ratio, and fails where the border costs too much.
pub(super) fn check(python: &Path, programs: &Path, restores: &Path) -> Result<()> {
    let vault = Vault::start(programs)?;
    account(programs, &vault)?;
    for _ in 0..MEASUREMENTS {
        let (mut rust, mut through) = (0.0, 0.0);
        for _ in 0..TURNS {
            rust += spent(&mut Command::new(restores), &vault)?;
            let script = source().join("python/tests/cost.py");
            through += spent(Command::new(python).arg(script), &vault)?;
        }
        let more = (through / rust - 1.0) * 100.0;
        let (rust, through) = (rust / TURNS as f64, through / TURNS as f64);
        output::line(&format!(
            "a restore: {rust:.0} ms CPU by the library, {through:.0} ms through Python: {more:+.1} %, at most {MOST} %"
        ));
        if more <= MOST {
            return Ok(());
        }
    }
    bail!("crossing the border costs more than {MOST} % of a restore's CPU time")
}

/// The CPU time of one restore in milliseconds, as the program prints it.
fn spent(program: &mut Command, vault: &Vault) -> Result<f64> {
    let settings =
        [("VAULT", vault.url.as_str()), ("NAME", NAME), ("PASSPHRASE", PASSPHRASE), ("COUNT", RESTORES)];
    let printed = program.envs(settings).output().context("cannot start the program")?;
    let text = String::from_utf8_lossy(&printed.stdout).trim().to_owned();
    text.parse().with_context(|| format!("no time: {}", String::from_utf8_lossy(&printed.stderr)))
}

/// An account with one entry, made by the command line.
fn account(programs: &Path, vault: &Vault) -> Result<()> {
    let folder = fresh("cost")?;
    std::fs::write(folder.join("passphrase"), PASSPHRASE)?;
    std::fs::write(
        folder.join("phrase"),
        "legal winner thank year wave sausage worth useful legal winner thank yellow",
    )?;
    for arguments in [
        &["register", "--account", NAME, "--recovery-code-output", "recovery-code"][..],
        &["add", "--label", "Savings", "--from", "phrase"],
    ] {
        let mut command = Command::new(programs.join("rootcellar"));
        command.current_dir(&folder).args(["--home", "home", "--vault", &vault.url]).args(arguments);
        process::read(command.args(["--passphrase-file", "passphrase"]))?;
    }
    Ok(())
}
