//! `restore`: everything back, on a device that has never seen the account or on one that has.

use super::restored::Restored;
use crate::args::Restore;
use crate::connection::{Context, Needs, Returning, account_name, ask_account_name, device, is_other_name};
use crate::exit::Failure;
use crate::secret_output::SecretFile;
use rootcellar_client::ClientError;
use rootcellar_client::client::Login;
use rootcellar_spec::Number;

pub(super) async fn run(context: &Context<'_>, restore: &Restore) -> Result<(), Failure> {
    let home = context.home()?;
    let vault = context.vault(Some(&home))?;
    let nothing_known = home.remembered().is_none_or(|remembered| remembered.memory.name_hash.is_none());
    let name = match &restore.account {
        Some(name) => Some(account_name(name)?),
        None if nothing_known => Some(ask_account_name("The account name is missing.", "Account name: ")?),
        None => None,
    };
    if name.as_ref().is_some_and(|name| is_other_name(&home, name)) {
        return Err(home.other_account());
    }
    let memory = home.remembered().map(|remembered| remembered.memory.clone());
    let login = match (memory, name) {
        (Some(memory), Some(name)) => Login::remembered(memory).with_name(name),
        (Some(memory), None) => Login::remembered(memory),
        (None, Some(name)) => Login::new_device(name),
        (None, None) => return Err(ClientError::NameNeeded.into()),
    };
    let login = if restore.retrieval.accept_history { login.accepting_history() } else { login };
    let login = if restore.retrieval.accept_new_key { login.accepting_server_key() } else { login };
    let login = match restore.retrieval.backup {
        Some(number) => login.opening(Number(number)),
        None => login,
    };
    let device = device(&home, restore.retrieval.device_label.as_deref())?;
    let file = SecretFile::create_if(restore.retrieval.output.as_deref())?;
    let passphrase = context.passphrase()?;
    let mut client = context.client(home, vault, device)?;
    let session = Returning::sign_in(&mut client, context, (login, passphrase), Needs::Reading).await?;
    let restored = Restored::open(&session);
    context.note_older(restore.retrieval.backup);
    let json = restored.deliver(context, file)?;
    context.output.result(&json, "")?;
    restored.complete()
}
