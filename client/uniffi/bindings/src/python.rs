//! Python: a wheel, packed twice to see that it is the same, installed into an environment of its own, and tested there.

use crate::guide;
use crate::places::{folder, fresh, source};
use crate::vault::Vault;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_tools::{output, process};

/// The environment's Python, in the folder of the bindings.
pub(crate) const PYTHON: &str = "venv/bin/python";

/// What is in every exception of the tests' own code, and must be printed by nobody.
pub(super) const UNSAID: &str = "never to be said";

/// Packs, installs and tests.
pub(super) fn check(generated: &Path, library: &Path, programs: &Path, full: bool) -> Result<()> {
    let wheel = pack(generated, library, "wheel-of-tests")?;
    if full && std::fs::read(&wheel)? != std::fs::read(pack(generated, library, "wheel-again")?)? {
        bail!("the wheel is another one when it is packed again");
    }
    let python = install(&wheel)?;
    let tests = source().join("python/tests");
    for name in super::chosen(full) {
        let vault = Vault::start(programs)?;
        run(vault.tell(Command::new(&python).arg(tests.join(format!("{name}.py")))))?;
    }
    follow_guide(&python, programs)
}

/// Runs the guide.
pub(super) fn follow_guide(python: &Path, programs: &Path) -> Result<()> {
    let guide_folder = fresh("python-guide")?;
    std::fs::write(guide_folder.join("guide.py"), guide::code("python")?)?;
    let vault = Vault::start(programs)?;
    let mut command = Command::new(python);
    guide::restores(vault.tell(command.arg("guide.py").current_dir(&guide_folder)))
}

/// Packs the wheel into a folder of this name.
pub(super) fn pack(generated: &Path, library: &Path, folder: &str) -> Result<PathBuf> {
    let tag = format!("py3-none-linux_{}", std::env::consts::ARCH);
    let mut command = Command::new("python3");
    command.arg(source().join("python/wheel.py")).arg(generated.join("rootcellar.py")).arg(library);
    command.args([env!("CARGO_PKG_VERSION"), &tag]).arg(fresh(folder)?);
    Ok(PathBuf::from(process::read(&mut command)?.trim()))
}

/// A virtual environment that holds the wheel and nothing else.
pub(super) fn install(wheel: &Path) -> Result<PathBuf> {
    let environment = folder().join("venv");
    let python = folder().join(PYTHON);
    if !process::works(Command::new(&python).args(["-m", "pip", "--version"])) {
        process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
    }
    let arguments =
        ["-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-index", "--force-reinstall"];
    process::run(Command::new(&python).args(arguments).arg(wheel))?;
    Ok(python)
}

/// Runs a test, shows what it prints, and fails where that holds what nobody may say.
pub(super) fn run(command: &mut Command) -> Result<()> {
    let result = command.env_remove("PYTHONPATH").output().context("cannot start the test")?;
    let said = [result.stdout, result.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    said.lines().for_each(output::line);
    if !result.status.success() {
        bail!("the test ended with {}", result.status);
    }
    if said.contains(UNSAID) {
        bail!("the text of an exception of the app's own code was printed");
    }
    Ok(())
}
