//! `cargo xtask deploy-check`: what stands in `deploy/`, and the script of CI, before the programs that read such files.
//!
//! `.ci/run` installs the validators, pinned, into a folder below the target folder. On a machine without them a check
//! is left out and said so; with `ROOTCELLAR_REQUIRE_ALL=1` that is a failure.

use crate::scratch::Scratch;
use crate::{output, process, workspace};
use anyhow::{Context, Result, bail};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// `systemd-analyze security`: highest exposure, in tenths, that the unit may have.
const EXPOSURE: &str = "--threshold=15";
const UNIT: &str = "rootcellar-server.service";
/// What the unit gets beside it where the vault is on S3.
const DROP_IN: &str = "rootcellar-server-s3.conf";

/// How a check ended that did not fail.
enum Validity {
    Passed,
    /// The validator is not on this machine.
    NoProgram,
}

type Check = fn() -> Result<Validity>;

pub(crate) fn run() -> Result<()> {
    let checks: [(&str, Check); 6] = [
        ("hadolint deploy/Dockerfile", dockerfile),
        ("compose config deploy/compose.yaml, compose.production.yaml", compose),
        ("caddy validate deploy/Caddyfile, Caddyfile.page", proxies),
        ("systemd-analyze verify, security deploy/rootcellar-server.service", unit),
        ("deploy/terraform/check.py: the module and its policies", terraform),
        ("shellcheck .ci/run", script),
    ];
    let mut failed = Vec::new();
    for (name, check) in checks {
        match check() {
            Ok(Validity::Passed) => output::line(&format!("{name}: ok")),
            Ok(Validity::NoProgram) if !process::require_all() => {
                output::line(&format!("{name}: left out, no such program here"))
            }
            Ok(Validity::NoProgram) => failed.push(format!("{name}: no such program here")),
            Err(error) => failed.push(format!("{name}: {error:#}")),
        }
    }
    if !failed.is_empty() {
        bail!("{}", failed.join("\n"));
    }
    Ok(())
}

/// Where `.ci/run` puts the validators.
pub(crate) fn validators() -> PathBuf {
    workspace::target().join("validators")
}

/// A validator of that folder, or else of the machine.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let own = validators().join("bin").join(name);
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::iter::once(own)
        .chain(std::env::split_paths(&path).map(|folder| folder.join(name)))
        .find(|at| at.is_file())
}

fn dockerfile() -> Result<Validity> {
    let Some(hadolint) = program("hadolint") else { return Ok(Validity::NoProgram) };
    process::run(Command::new(hadolint).arg("deploy/Dockerfile").current_dir(workspace::root()))
        .map(|()| Validity::Passed)
}

fn script() -> Result<Validity> {
    let Some(shellcheck) = program("shellcheck") else { return Ok(Validity::NoProgram) };
    process::run(Command::new(shellcheck).arg(".ci/run").current_dir(workspace::root()))
        .map(|()| Validity::Passed)
}

fn compose() -> Result<Validity> {
    let Some(compose) = compose_program()? else { return Ok(Validity::NoProgram) };
    for file in ["deploy/compose.yaml", "deploy/compose.production.yaml"] {
        let arguments = ["-f", file, "config", "-q"];
        process::run(Command::new(&compose).args(arguments).current_dir(workspace::root()))?;
    }
    Ok(Validity::Passed)
}

fn proxies() -> Result<Validity> {
    let Some(caddy) = program("caddy") else { return Ok(Validity::NoProgram) };
    validate(&caddy, "deploy/Caddyfile")?;
    validate(&caddy, "deploy/Caddyfile.page")?;
    Ok(Validity::Passed)
}

/// Caddy reads the file with every module in it set up. It says much while it does, which is of use where it fails.
fn validate(caddy: &Path, file: &str) -> Result<()> {
    let home = Scratch::new()?;
    let validated = Command::new(caddy)
        .args(["validate", "--adapter", "caddyfile", "--config", file])
        .env("ROOTCELLAR_PUBLIC_ORIGIN", "https://vault.example.org")
        .env("PAGE_ORIGIN", "https://backup.example.org")
        .env("VAULT_ORIGIN", "https://vault.example.org")
        .env("XDG_DATA_HOME", home.path())
        .env("XDG_CONFIG_HOME", home.path())
        .current_dir(workspace::root())
        .output()
        .context("cannot start caddy")?;
    if !validated.status.success() {
        bail!("{}", String::from_utf8_lossy(&validated.stderr).trim());
    }
    Ok(())
}

/// The script brings its own checks; what it imports comes with the validators.
fn terraform() -> Result<Validity> {
    let python = validators().join("bin/python");
    if !process::works(Command::new(&python).args(["-W", "ignore", "-c", "import hcl2, parliament"])) {
        return Ok(Validity::NoProgram);
    }
    process::run(
        Command::new(python).args(["-B", "deploy/terraform/check.py"]).current_dir(workspace::root()),
    )
    .map(|()| Validity::Passed)
}

/// The binary inside the package: the package's own start script hides the exit code.
fn compose_program() -> Result<Option<PathBuf>> {
    let libraries = validators().join("lib");
    if libraries.is_dir() {
        for python in std::fs::read_dir(libraries)? {
            let binary = python?.path().join("site-packages/compose/docker-compose");
            if binary.is_file() {
                return Ok(Some(binary));
            }
        }
    }
    Ok(None)
}

/// Reads the unit inside a root of its own, in which its program exists. A warning is a failure too: an unknown
/// setting is one that does not protect.
fn unit() -> Result<Validity> {
    let Some(analyze) = program("systemd-analyze") else { return Ok(Validity::NoProgram) };
    let units = ["/usr/lib/systemd/system", "/lib/systemd/system"].map(Path::new);
    let Some(units) = units.into_iter().find(|folder| folder.join("sysinit.target").is_file()) else {
        return Ok(Validity::NoProgram);
    };
    let root = Scratch::new()?;
    furnish(root.path(), units)?;
    let verified = Command::new(&analyze)
        .args(["verify", "--man=no", "--root"])
        .arg(root.path())
        .arg(UNIT)
        .output()
        .context("cannot start systemd-analyze")?;
    let said = String::from_utf8_lossy(&verified.stderr);
    if !verified.status.success() || !said.trim().is_empty() {
        bail!("{}", said.trim());
    }
    let mut security = Command::new(&analyze);
    security.args(["security", "--no-pager", "--offline=true", EXPOSURE]).arg(deployed(UNIT));
    let rated = security.output().context("cannot start systemd-analyze")?;
    if !rated.status.success() {
        bail!("{}", String::from_utf8_lossy(&rated.stdout).trim());
    }
    Ok(Validity::Passed)
}

fn deployed(name: &str) -> PathBuf {
    workspace::root().join("deploy").join(name)
}

/// Puts the unit, its program and the system's own targets and slices into an empty root.
fn furnish(root: &Path, units: &Path) -> Result<()> {
    let system = root.join("usr/lib/systemd/system");
    std::fs::create_dir_all(&system)?;
    for entry in std::fs::read_dir(units)? {
        let path = entry?.path();
        let wanted = path.extension().is_some_and(|extension| extension == "target" || extension == "slice");
        if let (true, Some(name)) = (wanted && path.is_file(), path.file_name()) {
            std::fs::copy(&path, system.join(name))?;
        }
    }
    let own = root.join("etc/systemd/system");
    std::fs::create_dir_all(&own)?;
    std::fs::copy(deployed(UNIT), own.join(UNIT))?;
    let beside = own.join(format!("{UNIT}.d"));
    std::fs::create_dir_all(&beside)?;
    std::fs::copy(deployed(DROP_IN), beside.join(DROP_IN))?;
    let programs = root.join("usr/local/bin");
    std::fs::create_dir_all(&programs)?;
    let program = programs.join("rootcellar-server");
    std::fs::write(&program, "#!/bin/sh\n")?;
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
    // Newer systems look for what lies in /bin below /usr.
    symlink("usr/bin", root.join("bin")).context("cannot furnish the root")
}
