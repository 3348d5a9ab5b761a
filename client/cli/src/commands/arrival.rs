//! A login by passphrase on a device that may never have seen the account.

use crate::connection::{Context, account_name, ask_account_name, device, is_other_name};
use crate::exit::Failure;
use crate::home::{self, Home};
use crate::text;
use rootcellar_client::client::{Login, VaultUrl};

/// What there is to log in with, before the passphrase is asked for.
pub(super) struct Arrival {
    pub(super) home: Home,
    pub(super) vault: VaultUrl,
    pub(super) device: home::Device,
    pub(super) login: Login,
}

impl Arrival {
    /// Asks for the account's name where neither the options nor this device know it.
    pub(super) fn prepare(
        context: &Context<'_>,
        account: Option<&str>,
        device_label: Option<&str>,
    ) -> Result<Self, Failure> {
        let home = context.home()?;
        let vault = context.vault(Some(&home))?;
        let nothing_known =
            home.remembered().is_none_or(|remembered| remembered.local_state.name_hash.is_none());
        let name = match account {
            Some(name) => Some(account_name(name)?),
            None if nothing_known => Some(ask_account_name(text::account::NAME_MISSING, text::ask::ACCOUNT)?),
            None => None,
        };
        if name.as_ref().is_some_and(|name| is_other_name(&home, name)) {
            return Err(home.other_account().into());
        }
        let local_state = home.remembered().map(|remembered| remembered.local_state);
        let login = Login::new(local_state, name)?;
        let device = device(&home, device_label)?;
        Ok(Self { home, vault, device, login })
    }
}
