//! The story of `cargo xtask demo`: back up, lose the device, restore; with the real programs over real HTTP.
//!
//! Succeeds only if every restored entry equals its original. Round trips are counted on the wire ([`wire`]), requests to
//! the store by the vault itself. The argument is the folder of the two programs; where `ROOTCELLAR_TEST_S3` names a running
//! S3 server, the vault is kept in its bucket.

mod bucket;
mod contents;
mod output;
mod person;
mod story;
mod vault;
mod wire;

use anyhow::{Context, Result, bail, ensure};
use bucket::Bucket;
use person::Person;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;
use story::{ACCOUNT, FIRST_DEVICE, ORIGINALS, Paper, SECOND_DEVICE};
use vault::{Places, Vault};
use wire::Wire;

const A_HOME: &str = "a device's folder";
/// The exit code of the client for a wrong passphrase.
const REFUSED: i32 = 3;
/// The vault's part of the bucket.
const PREFIX: &str = "demo";
/// Requests to the store that a restore on a new device takes.
const RESTORE: u64 = 8;

fn main() -> ExitCode {
    let Some(programs) = std::env::args_os().nth(1) else {
        output::error("Folder of programs required: run `cargo xtask demo`");
        return ExitCode::FAILURE;
    };
    match run(programs.into()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(programs: PathBuf) -> Result<()> {
    let bucket = Bucket::named()?;
    let began = Instant::now();
    let folder = tempfile::Builder::new().prefix("rootcellar-demo-").tempdir()?;
    let mut demo = Demo::open(programs, folder.path().to_path_buf(), bucket)?;
    demo.back_up()?;
    demo.look_inside()?;
    demo.lose_and_restore()?;
    demo.try_a_wrong_passphrase()?;
    demo.recover()?;
    demo.search_everywhere()?;
    output::title("Done");
    output::line(&format!(
        "Every restored entry equals its original, twice: by passphrase and by recovery code. {:.1} s.",
        began.elapsed().as_secs_f64()
    ));
    Ok(())
}

struct Demo {
    server: PathBuf,
    folder: PathBuf,
    places: Places,
    bucket: Option<Bucket>,
    wire: Wire,
    vault: Option<Vault>,
    /// What the store had been asked when the last command had ended.
    store_calls: u64,
    person: Person,
    paper: Paper,
    /// Everything that passed over the wire.
    overheard: Vec<u8>,
}

impl Demo {
    fn open(programs: PathBuf, folder: PathBuf, bucket: Option<Bucket>) -> Result<Self> {
        let wire = Wire::open()?;
        let mut places =
            Places { data: folder.join("vault"), log: folder.join("vault.log"), bucket: Vec::new() };
        std::fs::create_dir(folder.join("paper"))?;
        let paper = Paper::write(&folder.join("paper"))?;
        let person = Person::new(programs.join("rootcellar"), wire.origin(), folder.clone());
        let server = programs.join("rootcellar-server");
        output::title("An operator starts a vault");
        if let Some(bucket) = &bucket {
            places.bucket = bucket.arguments(PREFIX);
            places.make_vault(&server, &wire.origin())?;
            output::line(&format!("in the bucket {} at {}", bucket::BUCKET, bucket.endpoint));
        }
        let overheard = Vec::new();
        let (vault, store_calls) = (None, 0);
        let mut demo =
            Self { server, folder, places, bucket, wire, vault, store_calls, person, paper, overheard };
        demo.start()?;
        Ok(demo)
    }

    fn start(&mut self) -> Result<()> {
        let vault = Vault::start(&self.server, &self.places, &self.wire.origin())?;
        self.wire.lead_to(vault.address);
        output::line(&format!("listening after {} ms", vault.ready_after.as_millis()));
        self.store_calls = vault.store_calls()?;
        self.vault = Some(vault);
        Ok(())
    }

    fn stop(&mut self) -> Result<()> {
        self.vault.take().context("the vault does not run")?.stop()
    }

    /// Runs the client and shows what it printed and what passed over the wire; returns its exit code and how many
    /// requests the store had.
    fn play(&mut self, home: &str, arguments: &[&str]) -> Result<(i32, u64)> {
        let code = self.person.run(home, arguments)?;
        let record = self.wire.take();
        for exchange in &record.exchanges {
            output::line(&format!(
                "    {:<52} {}  {:>6} B up  {:>6} B down  {:>5.1} ms",
                exchange.what,
                exchange.status,
                exchange.sent,
                exchange.received,
                exchange.took.as_secs_f64() * 1000.0
            ));
        }
        self.overheard.extend_from_slice(&record.bytes);
        let calls = self.vault.as_ref().context("the vault does not run")?.store_calls()?;
        let asked = calls - std::mem::replace(&mut self.store_calls, calls);
        output::line(&format!(
            "    {}, {asked} requests to the store, {} ms in all",
            match record.exchanges.len() {
                1 => "1 round trip".to_owned(),
                several => format!("{several} round trips"),
            },
            self.person.took.as_millis()
        ));
        Ok((code, asked))
    }

    fn play_well(&mut self, home: &str, arguments: &[&str]) -> Result<u64> {
        let (code, asked) = self.play(home, arguments)?;
        ensure!(code == 0, "rootcellar {} ended with exit code {code}", arguments.first().unwrap_or(&""));
        Ok(asked)
    }

    fn back_up(&mut self) -> Result<()> {
        output::title("A person registers");
        let passphrase = path(&self.paper.passphrase);
        let code = path(&self.paper.recovery_code);
        let register = ["register", "--account", ACCOUNT, "--device-label", FIRST_DEVICE];
        let files = ["--passphrase-file", &passphrase, "--recovery-code-output", &code];
        self.play_well("first-device", &[&register[..], &files].concat())?;
        for (original, phrase) in ORIGINALS.iter().zip(self.paper.phrases.clone()) {
            let words = original.phrase.split_whitespace().count();
            output::title(&format!("They back up a phrase of {words} words"));
            let add = ["add", "--label", original.label, "--from", &path(&phrase)];
            self.play_well("first-device", &[&add[..], &["--passphrase-file", &passphrase]].concat())?;
        }
        output::title("They look at what is backed up");
        self.play_well("first-device", &["list", "--passphrase-file", &passphrase]).map(|_| ())
    }

    /// Every object of the store, whose vault is stopped.
    fn objects(&self) -> Result<Vec<contents::Object>> {
        match &self.bucket {
            Some(bucket) => bucket.objects(PREFIX),
            None => contents::read(&self.places.data),
        }
    }

    /// Shows the store as its thief sees it.
    fn look_inside(&mut self) -> Result<()> {
        output::title("What the vault stores");
        self.stop()?;
        let objects = self.objects()?;
        for (name, body) in &objects {
            output::line(&format!("    {:>6} B  {name}", body.len()));
        }
        let snapshot = objects.iter().filter(|(name, _)| name.contains("/snapshots/"));
        let (name, body) = snapshot.max_by_key(|(_, body)| body.len()).context("no snapshot is stored")?;
        output::line(&format!("the first bytes of {name}"));
        for (at, bytes) in body.chunks(16).take(16).enumerate() {
            output::line(&format!("    {}", contents::dump(at * 16, bytes)));
        }
        let (secrets, words) = (self.secrets()?, story::words());
        for (name, body) in &objects {
            // The words of a phrase one by one where only encrypted data is: "level" is an honest word in a budget.
            let sealed = name.contains("/snapshots/");
            let singly = if sealed { story::found(body, &words) } else { 0 };
            let found = story::found(name.as_bytes(), &secrets) + story::found(body, &secrets) + singly;
            ensure!(found == 0, "{found} secrets stand in the object {name}");
        }
        output::line("no account name, no label, no word of a phrase is in any of them");
        self.start()
    }

    fn lose_and_restore(&mut self) -> Result<()> {
        output::title("The device is lost");
        std::fs::remove_dir_all(self.folder.join("first-device"))?;
        output::line(
            "its folder is gone; what is left is a name and a passphrase to remember, and a code on paper",
        );
        output::title("They restore onto a second device");
        let passphrase = path(&self.paper.passphrase);
        let output = path(&self.folder.join("restored.json"));
        let restore = ["restore", "--account", ACCOUNT, "--device-label", SECOND_DEVICE, "--output", &output];
        let asked =
            self.play_well("second-device", &[&restore[..], &["--passphrase-file", &passphrase]].concat())?;
        ensure!(asked == RESTORE, "a restore took {asked} requests to the store instead of {RESTORE}");
        self.compare("restored.json")
    }

    fn try_a_wrong_passphrase(&mut self) -> Result<()> {
        output::title("Someone tries a wrong passphrase");
        let output = self.folder.join("stolen.json");
        let passphrase = path(&self.paper.wrong_passphrase);
        let restore = ["restore", "--account", ACCOUNT, "--output", &path(&output)];
        let (code, _) =
            self.play("stranger", &[&restore[..], &["--passphrase-file", &passphrase]].concat())?;
        ensure!(code == REFUSED, "a wrong passphrase ended with exit code {code} instead of {REFUSED}");
        ensure!(!output.exists(), "a wrong passphrase left a file behind");
        output::line(&format!("refused, with exit code {code}"));
        Ok(())
    }

    fn recover(&mut self) -> Result<()> {
        output::title("They recover with the recovery code alone");
        let code = path(&self.paper.recovery_code);
        let new = path(&self.paper.new_passphrase);
        let output = path(&self.folder.join("recovered.json"));
        let recover = ["recover", "--recovery-code-file", &code, "--new-passphrase-file", &new];
        self.play_well("third-device", &[&recover[..], &["--output", &output]].concat())?;
        self.compare("recovered.json")
    }

    fn compare(&self, file: &str) -> Result<()> {
        let restored = person::entries(&self.folder.join(file))?;
        if restored != story::originals() {
            bail!("what came back in {file} is not what was backed up");
        }
        output::line(&format!("{} of {} entries equal the originals", restored.len(), ORIGINALS.len()));
        Ok(())
    }

    /// Everything that is not the person's own paper: the vault's folder and log, the devices, the wire.
    fn search_everywhere(&mut self) -> Result<()> {
        output::title("Where a secret could have leaked to");
        self.stop()?;
        let secrets = self.secrets()?;
        let mut places = vec![
            ("the vault's data folder", vault::files(&self.places.data)?),
            ("the vault's log", vec![(String::new(), std::fs::read(&self.places.log)?)]),
            ("the store's objects", self.objects()?),
            ("what passed over the wire", vec![(String::new(), std::mem::take(&mut self.overheard))]),
        ];
        for home in ["second-device", "third-device"] {
            places.push((A_HOME, vault::files(&self.folder.join(home))?));
        }
        for (place, files) in places {
            // A device knows its own label.
            let is_own = |secret: &Vec<u8>| place == A_HOME && secret == SECOND_DEVICE.as_bytes();
            let secrets: Vec<_> = secrets.iter().filter(|secret| !is_own(secret)).cloned().collect();
            let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
            for (name, bytes) in &files {
                let found = story::found(bytes, &secrets);
                ensure!(found == 0, "{found} secrets stand in {place} {name}");
            }
            output::line(&format!("    {place}: {bytes} B searched, nothing found"));
        }
        Ok(())
    }

    fn secrets(&self) -> Result<Vec<Vec<u8>>> {
        let code =
            std::fs::read_to_string(&self.paper.recovery_code).context("no recovery code was written")?;
        ensure!(code.split_whitespace().count() >= 12, "the file of the recovery code holds no twelve words");
        Ok(story::secrets(&code))
    }
}

fn path(path: &std::path::Path) -> String {
    path.to_string_lossy().into_owned()
}
