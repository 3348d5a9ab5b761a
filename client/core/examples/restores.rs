//! Restores the same account again and again, each time as a new device with a folder of its own, and prints the CPU time of one
//! in milliseconds: what the bindings are held against (`cargo xtask bindings`).
//!
//! `VAULT`, `NAME`, `PASSPHRASE` and `COUNT` say which account, and how often.

use rootcellar_client::SystemRandomness;
use rootcellar_client::client::{Client, Injected, Login, LoginOptions, Platform, Silent, VaultUrl};
use rootcellar_client::files::{Device, Folder, FolderStateStore};
use rootcellar_client::inventory::{self, Label};
use rootcellar_client::secret_store::MemorySecretStore;
use rootcellar_client::text::{AccountName, Passphrase};
use rootcellar_client::transport::{NativeClock, NativeOptions, NativeTransport};
use rootcellar_spec::DeviceId;
use std::error::Error;
use std::path::Path;

enum Program {}

impl Platform for Program {
    type Transport = NativeTransport;
    type Clock = NativeClock;
    type Randomness = SystemRandomness;
    type StateStore = FolderStateStore;
    type SecretStore = MemorySecretStore;
    type Observer = Silent;
}

fn main() -> Result<(), Box<dyn Error>> {
    let setting = |name: &str| std::env::var(name);
    let vault = VaultUrl::parse(&setting("VAULT")?)?;
    let (name, passphrase, count) =
        (setting("NAME")?, setting("PASSPHRASE")?, setting("COUNT")?.parse::<u32>()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let folder = tempfile::tempdir()?;
    let once = |number: u32| -> Result<(), Box<dyn Error>> {
        let place = folder.path().join(number.to_string());
        runtime.block_on(restore(
            &vault,
            &place,
            AccountName::parse(&name)?,
            &Passphrase::parse(&passphrase)?,
        ))
    };
    once(count)?;
    let before = cpu_milliseconds()?;
    (0..count).try_for_each(once)?;
    let spent = cpu_milliseconds()? - before;
    #[expect(clippy::print_stdout, reason = "a program prints its result")]
    {
        println!("{:.3}", spent / f64::from(count));
    }
    Ok(())
}

async fn restore(
    vault: &VaultUrl,
    folder: &Path,
    name: AccountName,
    passphrase: &Passphrase,
) -> Result<(), Box<dyn Error>> {
    let device = Device { id: DeviceId([7; 16]), label: "New phone".to_owned() };
    let own = inventory::Device { id: device.id, label: Label::parse(&device.label)? };
    let injected = Injected {
        transport: NativeTransport::new(&NativeOptions::default())?,
        clock: NativeClock::new(),
        randomness: SystemRandomness,
        state_store: Folder::open(folder)?.into_state_store(vault.to_string(), device),
        secrets: MemorySecretStore::default(),
        observer: Silent,
    };
    let client = Client::<Program>::new(vault.clone(), own, injected);
    let session = client
        .login(
            Login::new_device(name).with(LoginOptions { to_restore: true, ..LoginOptions::default() }),
            passphrase,
        )
        .await?;
    for item in session.items() {
        session.open_entry(item.id)?;
    }
    Ok(())
}

/// User and system time of this process, all threads, in steps of 10 ms (Linux).
fn cpu_milliseconds() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit_once(") ").ok_or("no process name")?.1;
    let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks * 10.0)
}
