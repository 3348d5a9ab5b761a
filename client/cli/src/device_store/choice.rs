//! Who is to keep a device's secrets: as asked for, else the platform's keyring where it works, else a sealed file.

use super::platform::{Keyring, PlatformKeyring};
use crate::connection::Context;
use crate::exit::{Exit, Failure};
use crate::new_passphrase::Source;
use crate::secret_input;
use clap::ValueEnum;
use rootcellar_client::text::Passphrase;
use serde::{Deserialize, Serialize};

/// A place for a device's secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Keeper {
    /// The platform's keyring
    Keyring,
    /// A file, sealed under a passphrase of its own
    Sealed,
    /// A file, as they are: whoever can read it can act as this device
    Plain,
}

/// A keeper with what it needs.
pub(crate) enum Chosen {
    /// The platform's keyring, which was tried.
    Keyring,
    /// A file under this passphrase.
    Sealed(Passphrase),
    /// A plain file.
    Plain,
}

impl Keeper {
    /// Its name, as in the option.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::Sealed => "sealed",
            Self::Plain => "plain",
        }
    }
}

impl Chosen {
    /// Which keeper.
    pub(crate) fn keeper(&self) -> Keeper {
        match self {
            Self::Keyring => Keeper::Keyring,
            Self::Sealed(_) => Keeper::Sealed,
            Self::Plain => Keeper::Plain,
        }
    }
}

const OPTION: &str = "--device-passphrase-file FILE";
const WANTED: &str = "The secrets of this device are kept in a file, sealed under a passphrase of their own, which is asked for \
                      from now on. It is not the account's: choose another.\n";

/// Chooses before anything is asked of the vault.
pub(crate) fn choose(context: &Context<'_>, wanted: Option<Keeper>) -> Result<Chosen, Failure> {
    let file = context.global.device_passphrase_file.as_deref();
    match wanted {
        Some(Keeper::Sealed) => sealed(context),
        Some(other) if file.is_some() => {
            let message =
                format!("--device-passphrase-file has no effect with --device-secrets {}.", other.as_str());
            Err(Failure::usage(message))
        }
        Some(Keeper::Plain) => {
            context.output.warn(
                "plain-device-secrets",
                "The secrets of this device are kept in a file as they are: whoever can read it can do what the device may.",
            );
            Ok(Chosen::Plain)
        }
        Some(Keeper::Keyring) => PlatformKeyring.try_out().map(|()| Chosen::Keyring).map_err(|why| {
            Failure::new(Exit::Local, "keyring", format!("The platform's keyring does not work: {why}."))
                .advise("--device-secrets sealed keeps the secrets in a file under a passphrase.")
        }),
        None if file.is_some() => sealed(context),
        None => match PlatformKeyring.try_out() {
            Ok(()) => Ok(Chosen::Keyring),
            Err(why) => {
                let text = format!(
                    "No keyring of the platform works here ({why}): the secrets go into a sealed file."
                );
                context.output.note("no-keyring", text);
                sealed(context)
            }
        },
    }
}

fn sealed(context: &Context<'_>) -> Result<Chosen, Failure> {
    let source = Source {
        generate: false,
        file: context.global.device_passphrase_file.as_deref(),
        option: OPTION,
        prompt: "Device passphrase",
        wanted: WANTED,
        instead: "Several words chosen at random make a good one.",
    };
    source.read(&[]).map(Chosen::Sealed).map_err(|failure| match failure.exit {
        Exit::Usage => failure.advise(format!("Use {OPTION}, or --device-secrets keyring or plain.")),
        _ => failure,
    })
}

/// The passphrase of the sealed file, from its option or asked for.
pub(crate) fn device_passphrase(context: &Context<'_>) -> Result<Passphrase, Failure> {
    let file = context.global.device_passphrase_file.as_deref();
    let text = secret_input::read_one_line(file, "Device passphrase", OPTION)?;
    Passphrase::parse(&text).map_err(|error| {
        crate::entry_input::refused_text("The device passphrase", "invalid-passphrase", error)
    })
}
