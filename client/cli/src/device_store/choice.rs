//! Who is to keep a device's secrets: as asked for, else the platform's keyring where it works, else an encrypted file.

use super::platform::PlatformKeyring;
use crate::connection::Context;
use crate::exit::{Exit, Failure};
use crate::new_passphrase::Source;
use crate::secret_input::{self, Asked};
use crate::secret_text::Shape;
use crate::text;
use clap::ValueEnum;
use rootcellar_client::files::device_store::{Chosen, SecretStoreKind};
use rootcellar_client::text::Passphrase;

/// A place for a device's secrets, as in the option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SecretStoreOption {
    /// The platform's keyring
    Keyring,
    /// A file, encrypted with a passphrase of its own
    Encrypted,
    /// An unencrypted file: anyone who can read it can act as this device
    Plain,
}

impl From<SecretStoreOption> for SecretStoreKind {
    fn from(option: SecretStoreOption) -> Self {
        match option {
            SecretStoreOption::Keyring => Self::Keyring,
            SecretStoreOption::Encrypted => Self::Encrypted,
            SecretStoreOption::Plain => Self::Plain,
        }
    }
}

/// A keeper's name, as in the option.
fn name(kind: SecretStoreKind) -> &'static str {
    match kind {
        SecretStoreKind::Keyring => "keyring",
        SecretStoreKind::Encrypted => "encrypted",
        SecretStoreKind::Plain => "plain",
    }
}

const OPTION: &str = "--device-passphrase-file FILE";

/// Refuses what can be refused before anybody types a passphrase: options that contradict each other, a keyring that does not work.
pub(crate) fn check(context: &Context<'_>, wanted: Option<SecretStoreOption>) -> Result<(), Failure> {
    match wanted.map(SecretStoreKind::from) {
        Some(other @ (SecretStoreKind::Keyring | SecretStoreKind::Plain))
            if context.global.device_passphrase_file.is_some() =>
        {
            Err(Failure::usage(text::secret_store::NoEffect { kind: name(other) }))
        }
        Some(SecretStoreKind::Keyring) => PlatformKeyring.try_out().map_err(|why| {
            Failure::new(Exit::Local, "keyring", text::secret_store::Keyring { why })
                .advise(text::secret_store::KEYRING_ADVICE)
        }),
        _ => Ok(()),
    }
}

/// Chooses before anything is asked of the vault. `account` is the account's passphrase, where it is at hand.
pub(crate) fn choose(
    context: &Context<'_>,
    wanted: Option<SecretStoreOption>,
    account: Option<&Passphrase>,
) -> Result<Chosen, Failure> {
    check(context, wanted)?;
    let file = context.global.device_passphrase_file.as_deref();
    match wanted.map(SecretStoreKind::from) {
        Some(SecretStoreKind::Encrypted) => sealed(context, account),
        Some(SecretStoreKind::Plain) => {
            context.output.warn("plain-device-secrets", text::secret_store::PLAIN);
            Ok(Chosen::Plain)
        }
        Some(SecretStoreKind::Keyring) => Ok(Chosen::Keyring),
        None if file.is_some() => sealed(context, account),
        None => match PlatformKeyring.try_out() {
            Ok(()) => Ok(Chosen::Keyring),
            Err(_) => {
                context.output.note("no-keyring", text::secret_store::NO_KEYRING);
                sealed(context, account)
            }
        },
    }
}

fn sealed(context: &Context<'_>, account: Option<&Passphrase>) -> Result<Chosen, Failure> {
    let source = Source {
        generate: false,
        file: context.global.device_passphrase_file.as_deref(),
        option: OPTION,
        asked: Asked::DEVICE_PASSPHRASE,
        wanted: text::passphrase::HINT_DEVICE,
        instead: text::passphrase::HINT_DEVICE_WEAK,
        other_than: account,
    };
    source.read(&[]).map(Chosen::Encrypted).map_err(|failure| match failure.exit {
        Exit::Usage => failure.advise(text::secret_store::SealedAdvice { option: OPTION }),
        _ => failure,
    })
}

/// The passphrase of the encrypted file, from its option or asked for.
pub(crate) fn device_passphrase(context: &Context<'_>) -> Result<Passphrase, Failure> {
    let file = context.global.device_passphrase_file.as_deref();
    let text = secret_input::read(Shape::Line, file, Asked::DEVICE_PASSPHRASE, OPTION)?;
    Passphrase::parse(&text).map_err(|error| {
        crate::entry_input::refused_text(text::subject::DEVICE_PASSPHRASE, "invalid-passphrase", error)
    })
}
