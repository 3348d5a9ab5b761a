//! Changing the account's keys: everything that it holds is sealed anew, and what opened it before opens it no more
//! (protocol.md sections 15.6 and 17).

mod renewed;

use super::Session;
use crate::client::opened::Devices;
use crate::client::{Platform, Recovery};
use crate::device::{DeviceSecrets, Enrolment};
use crate::error::ClientError;
use crate::journal::Journal;
use crate::memory::Memory;
use crate::recovery_code::RecoveryCode;
use crate::transport::Request;
use renewed::Renewed;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::devices::RekeyAnswer;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;

/// How often everything is sealed anew because another device saved meanwhile.
const CONFLICT_TRIES: u32 = 5;

impl<P: Platform> Session<'_, P> {
    /// Draws a new account key and seals everything anew under it: entries, inventory, keyslots and device list, with a new
    /// recovery code, which the person must have on paper before. Ends every session, this one too, drops every older backup
    /// and every enrolled device; this one is enrolled anew with `own_device`, whose fresh secrets the program keeps before.
    /// Then recovers with the new code, and compares.
    ///
    /// # Errors
    /// [`ClientError::NotByPassphrase`] where the passphrase did not open the session; [`ClientError::EntryUnreadable`] where
    /// an entry does not open, which has to be removed first; [`ClientError::DevicesRefused`], [`ClientError::OlderBackup`], [`ClientError::Unfinished`].
    /// [`ClientError::RekeyUnconfirmed`] where it is not known which keys and which recovery code hold now: the person keeps
    /// both codes. After any other error the former hold, and the session goes on: [`Self::is_over`].
    pub async fn rekey(
        &mut self,
        code: &RecoveryCode,
        own_device: Option<(&DeviceSecrets, Permission)>,
    ) -> Result<Memory, ClientError> {
        self.may_rekey()?;
        let mut tries = 1;
        let (renewed, sent) = loop {
            let renewed = self.renew(code, own_device)?;
            let sent = self.send_renewed(&renewed).await;
            match sent {
                // Another device saved meanwhile, so that nothing was done.
                Err(ClientError::Refused(refusal))
                    if refusal.code == ProblemCode::HeadMoved
                        && !refusal.after_unknown
                        && tries < CONFLICT_TRIES =>
                {
                    self.refresh().await?;
                    tries += 1;
                }
                Err(error) if error.did_nothing() => return Err(error),
                sent => break (renewed, sent),
            }
        };
        self.settle(code, &renewed, sent).await
    }

    /// Refuses what [`Self::rekey`] would refuse before any request, for a program that keeps the session then.
    ///
    /// # Errors
    /// As for [`Self::rekey`]; nothing was done.
    pub fn may_rekey(&self) -> Result<(), ClientError> {
        self.owner(Permission::Manage)?;
        if !self.is_by_passphrase() {
            return Err(ClientError::NotByPassphrase);
        }
        if self.opened.is_older {
            return Err(ClientError::OlderBackup);
        }
        if self.client.injected.journal.load()?.is_some() {
            return Err(ClientError::Unfinished);
        }
        match self.opened.devices {
            Devices::Refused(fault) => Err(ClientError::DevicesRefused(fault)),
            _ => Ok(()),
        }
    }

    async fn send_renewed(&mut self, renewed: &Renewed) -> Result<(), ClientError> {
        let request = Request::two_parts(paths::REKEY, &renewed.request, &renewed.snapshot);
        let response = self.exchange_last(request).await?;
        response.json::<RekeyAnswer>().map(drop)
    }

    /// Recovers with the new code, whether or not the vault's answer came: where that leads to the new key and to what was
    /// sent, the keys were changed.
    async fn settle(
        &mut self,
        code: &RecoveryCode,
        renewed: &Renewed,
        sent: Result<(), ClientError>,
    ) -> Result<Memory, ClientError> {
        let Self { client, opened } = self;
        let unclear = |error| ClientError::RekeyUnconfirmed(Box::new(error));
        if sent.is_ok() {
            // What this device kept opens nothing any more, whatever comes next.
            client.injected.journal.keep_enrolment(None).await.map_err(|error| unclear(error.into()))?;
        }
        let memory = renewed.remembered(opened.memory.clone());
        let recovery = Recovery::remembered(memory);
        let proven = match client.recover_to(recovery, code, opened.account, &renewed.keys).await {
            Ok(session) => session.enrol_anew(renewed.enrolment.clone()).await,
            Err(error) => Err(error),
        };
        proven.map_err(|error| unclear(sent.err().unwrap_or(error)))
    }

    /// Has the journal keep the enrolment under the new keys, or forget the former.
    async fn enrol_anew(mut self, enrolment: Option<Enrolment>) -> Result<Memory, ClientError> {
        let journal = &mut self.client.injected.journal;
        match enrolment {
            Some(enrolment) => self.opened.enrol(enrolment, journal).await?,
            None => journal.keep_enrolment(None).await?,
        }
        Ok(self.opened.memory)
    }
}
