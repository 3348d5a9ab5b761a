//! `cargo xtask deploy-check`: what stands in `deploy/`, and the script of CI, before the programs that read such files.
//!
//! `.ci/run` installs the validators, pinned, into a folder below the target folder. On a machine without them a check
//! is left out and said so; with `ROOTCELLAR_REQUIRE_ALL=1` that is a failure.

use anyhow::{Context, Result, bail};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_tools::workspace::{program, root, validators};
use xtask_tools::{Scratch, output, process};

/// `systemd-analyze security`: highest exposure, in tenths, that the unit may have.
const EXPOSURE: &str = "--threshold=15";
const UNIT: &str = "rootcellar-server.service";
/// What the unit gets beside it where the vault is on S3.
const DROP_IN: &str = "rootcellar-server-s3.conf";

/// A check, the program that it needs, if that is on this machine, and what it does with it.
type Check = (&'static str, Option<PathBuf>, fn(&Path) -> Result<()>);

pub(crate) fn run() -> Result<()> {
    let checks: [Check; 6] = [
        ("hadolint deploy/Dockerfile", program("hadolint"), |it| on(it, &["deploy/Dockerfile"])),
        ("compose config deploy/compose.yaml, compose.production.yaml", compose_program()?, compose),
        ("caddy validate deploy/Caddyfile, Caddyfile.page", program("caddy"), |it| {
            ["deploy/Caddyfile", "deploy/Caddyfile.page"].into_iter().try_for_each(|file| validate(it, file))
        }),
        ("systemd-analyze verify, security deploy/rootcellar-server.service", systemd(), unit),
        // The script brings its own checks; what it imports comes with the validators.
        ("deploy/terraform/check.py: the module and its policies", python(), |it| {
            on(it, &["-B", "deploy/terraform/check.py"])
        }),
        ("shellcheck .ci/run", program("shellcheck"), |it| on(it, &[".ci/run"])),
    ];
    let mut failed = Vec::new();
    for (name, program, check) in checks {
        let Some(program) = program else {
            process::leave_out(&format!("{name}: no such program here"))?;
            continue;
        };
        match check(&program) {
            Ok(()) => output::line(&format!("{name}: ok")),
            Err(error) => failed.push(format!("{name}: {error:#}")),
        }
    }
    if !failed.is_empty() {
        bail!("{}", failed.join("\n"));
    }
    Ok(())
}

/// Runs a validator in the workspace's root.
fn on(validator: &Path, arguments: &[&str]) -> Result<()> {
    process::run(Command::new(validator).args(arguments).current_dir(root()))
}

fn compose(compose: &Path) -> Result<()> {
    let check = |file| on(compose, &["-f", file, "config", "-q"]);
    ["deploy/compose.yaml", "deploy/compose.production.yaml"].into_iter().try_for_each(check)
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
        .current_dir(root())
        .output()
        .context("cannot start caddy")?;
    if !validated.status.success() {
        bail!("{}", String::from_utf8_lossy(&validated.stderr).trim());
    }
    Ok(())
}

/// The Python that has what the script for Terraform imports.
fn python() -> Option<PathBuf> {
    let python = validators().join("bin/python");
    let has_all =
        process::works(Command::new(&python).args(["-W", "ignore", "-c", "import hcl2, parliament"]));
    has_all.then_some(python)
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

/// The program that reads units; the folder of the system's own must be there, too.
fn systemd() -> Option<PathBuf> {
    units().and(program("systemd-analyze"))
}

fn units() -> Option<&'static Path> {
    let folders = ["/usr/lib/systemd/system", "/lib/systemd/system"].map(Path::new);
    folders.into_iter().find(|folder| folder.join("sysinit.target").is_file())
}

/// Reads the unit inside a root of its own, in which its program exists. A warning is a failure too: an unknown
/// setting is one that does not protect.
fn unit(analyze: &Path) -> Result<()> {
    let units = units().context("systemd's own units are missing")?;
    let furnished = Scratch::new()?;
    furnish(furnished.path(), units)?;
    let verified = Command::new(analyze)
        .args(["verify", "--man=no", "--root"])
        .arg(furnished.path())
        .arg(UNIT)
        .output()
        .context("cannot start systemd-analyze")?;
    let said = String::from_utf8_lossy(&verified.stderr);
    if !verified.status.success() || !said.trim().is_empty() {
        bail!("{}", said.trim());
    }
    let mut security = Command::new(analyze);
    security.args(["security", "--no-pager", "--offline=true", EXPOSURE]).arg(deployed(UNIT));
    let rated = security.output().context("cannot start systemd-analyze")?;
    if !rated.status.success() {
        bail!("{}", String::from_utf8_lossy(&rated.stdout).trim());
    }
    Ok(())
}

fn deployed(name: &str) -> PathBuf {
    root().join("deploy").join(name)
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
