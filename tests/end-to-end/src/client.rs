//! A person's device: a home folder and the real command line.

use crate::clock::Clock;
use crate::programs::client_program;
use crate::texts::Text;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// A device with a home of its own.
pub struct Client {
    folder: TempDir,
    vault: String,
    passphrase: String,
    clock: Option<Clock>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Run {
    /// Its exit code; -1 where a signal ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Client {
    /// A device that has never seen the vault at this origin; types this passphrase.
    #[must_use]
    pub fn new(vault: &str, passphrase: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("passphrase"), passphrase).expect("a file");
        Self { folder, vault: vault.to_owned(), passphrase: passphrase.to_owned(), clock: None }
    }

    /// Registers an account; returns the device and the recovery code.
    #[must_use]
    pub fn registered(vault: &str, account: &str, passphrase: &str) -> (Self, String) {
        let device = Self::new(vault, passphrase);
        let code = device.register(account, &["--device-label", "first device"]);
        (device, code)
    }

    /// Registers an account with more options; returns the recovery code.
    #[must_use]
    pub fn register(&self, account: &str, more: &[&str]) -> String {
        let file = self.file("recovery-code");
        let path = file.to_str().expect("a path of text");
        self.json(&[&["register", "--account", account, "--recovery-code-output", path], more].concat());
        let code = fs::read_to_string(&file).expect("the recovery code");
        fs::remove_file(file).expect("it can be removed");
        code.trim().to_owned()
    }

    /// Runs a registration to its end, whose recovery code goes to a file.
    #[must_use]
    pub fn try_register(&self, account: &str, more: &[&str]) -> Run {
        let file = self.file("recovery-code");
        let path = file.to_str().expect("a path of text");
        self.run(&[&["register", "--account", account, "--recovery-code-output", path], more].concat())
    }

    /// Leads later commands to another origin.
    pub fn turn_to(&mut self, vault: &str) {
        vault.clone_into(&mut self.vault);
    }

    /// Types another passphrase from now on.
    pub fn set_passphrase(&mut self, passphrase: &str) {
        passphrase.clone_into(&mut self.passphrase);
        fs::write(self.folder.path().join("passphrase"), passphrase).expect("a file");
    }

    /// Gives later commands this clock.
    pub fn set_clock(&mut self, clock: &Clock) {
        self.clock = Some(clock.clone());
    }

    /// The home folder.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A file beside the home folder.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file beside the home folder; returns its path as text.
    #[must_use]
    pub fn write(&self, name: &str, content: &str) -> String {
        fs::write(self.file(name), content).expect("a file");
        self.file(name).to_str().expect("a path of text").to_owned()
    }

    /// A command without a passphrase; no keyring of whoever runs the tests is ever touched.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = client_program();
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
        if let Some(clock) = &self.clock {
            clock.set(&mut command);
        }
        command.args(arguments).arg("--home").arg(self.home()).args(["--vault", &self.vault]);
        command
    }

    /// Starts a command that reads the passphrase from a file.
    #[must_use]
    pub fn spawn(&self, arguments: &[&str]) -> Child {
        let file = self.folder.path().join("passphrase");
        let mut command = self.command(arguments);
        // A recovery needs no passphrase, and refuses one that it would not heed.
        if arguments.first() != Some(&"recover") {
            command.arg("--passphrase-file").arg(file);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs")
    }

    /// Runs a command to its end that is given no passphrase and has no terminal to ask for it.
    #[must_use]
    pub fn run_alone(&self, arguments: &[&str]) -> Run {
        let program = self.command(arguments);
        // A session of its own has no terminal, whatever the tests run in.
        let mut detached = Command::new("setsid");
        detached.arg("--wait").arg(program.get_program()).args(program.get_args());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => detached.env(name, value),
                None => detached.env_remove(name),
            };
        }
        Run::from(detached.stdin(Stdio::null()).output().expect("the program runs"))
    }

    /// As [`Self::run_alone`], of a command that must succeed, with `--json`; returns what it printed.
    pub fn json_alone(&self, arguments: &[&str]) -> Value {
        let run = self.run_alone(&[arguments, &["--json"]].concat());
        assert_eq!(run.code, 0, "{arguments:?}: {run:?}");
        serde_json::from_str(&run.stdout).expect("a JSON object")
    }

    /// Runs a command to its end.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::from(self.spawn(arguments).wait_with_output().expect("it ends"))
    }

    /// Runs a command that must succeed, with `--json`; returns what it printed.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let run = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(run.code, 0, "{arguments:?}: {run:?}");
        serde_json::from_str(&run.stdout).expect("a JSON object")
    }

    /// Adds a phrase.
    #[must_use]
    pub fn add(&self, label: &str, phrase: &str) -> Run {
        let file = self.write("phrase", phrase);
        self.run(&["add", "--label", label, "--from", &file])
    }

    /// The labels in the newest backup.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        let list = self.json(&["list"]);
        let entries = list["entries"].as_array().expect("an array of entries");
        entries.iter().map(|entry| entry["label"].as_str().expect("a label").to_owned()).collect()
    }

    /// The number of the newest backup.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.json(&["list"])["snapshot"]["number"].as_u64().unwrap_or(0)
    }

    /// Forgets everything, as a lost device.
    pub fn lose(&self) {
        fs::remove_dir_all(self.home()).expect("there is a home");
    }

    /// Copies what another device remembers.
    pub fn remember_as(&self, other: &Self) {
        copy(&other.home(), &self.home());
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for (path, bytes) in crate::files_below(from) {
        let target = to.join(path.strip_prefix(from).expect("it lies below"));
        fs::write(&target, bytes).expect("a file");
        let permissions = fs::metadata(&path).expect("a file").permissions();
        fs::set_permissions(&target, permissions).expect("the same mode");
    }
    let permissions = fs::metadata(from).expect("a folder").permissions();
    fs::set_permissions(to, permissions).expect("the same mode");
}

impl Run {
    /// Whether this text is on standard output or standard error.
    #[must_use]
    pub fn says(&self, text: &Text) -> bool {
        text.is_in(&self.stdout) || text.is_in(&self.stderr)
    }

    /// The error of a command with `--json` that failed.
    #[must_use]
    pub fn error(&self) -> Value {
        let whole: Value = serde_json::from_str(&self.stderr).unwrap_or_else(|_| panic!("no JSON: {self:?}"));
        whole["error"].clone()
    }

    /// The code of that error.
    #[must_use]
    pub fn error_code(&self) -> String {
        self.error()["code"].as_str().expect("a code").to_owned()
    }
}

/// The notes in the result of a command with `--json`: code and message.
#[must_use]
pub fn notes(result: &Value) -> Vec<(String, String)> {
    let text = |note: &Value, member: &str| note[member].as_str().expect("text").to_owned();
    let notes = result["notes"].as_array().cloned().unwrap_or_default();
    notes.iter().map(|note| (text(note, "code"), text(note, "message"))).collect()
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}
