//! Keeping what a new device received in its pairing. The step may be repeated, and the device may
//! do others in between: what it remembers only moves forward, and an enrolment of its own making
//! stays.

use super::pairing::{Paired, in_order};
use super::{Client, Platform};
use crate::aad::Slot;
use crate::device::Enrolment;
use crate::error::{ClientError, PairingIncomplete};
use crate::history::{HistorySeen, Tip};
use crate::keyslot::{self, KeyslotPlace};
use crate::local_state::LocalState;
use crate::secret_store::{NotKept, SecretStore};
use crate::state_store::{StateStore, StateStoreError};
use rootcellar_spec::wire::login::Permission;

/// What the state store's enrolment is to a pairing.
#[derive(Clone, Copy)]
enum Kept {
    /// What it was when the device received the account.
    Former,
    /// That of the pairing, or what became of it since.
    Own(Permission),
    /// That of a later enrolment, in place of which the pairing's would open nothing.
    Later(Permission),
}

impl<P: Platform> Client<P> {
    /// The second part of [`Self::finish_pairing`]: stages the secrets and commits them, because
    /// the account lists them already; then stores what the device learned, beside what it has
    /// `remembered` by now, and the enrolment. Gives what the device may do. If it was enrolled
    /// after it received the account, that enrolment stays, and the pairing's secrets are
    /// forgotten.
    pub(crate) async fn keep_pairing(
        &self,
        paired: &mut Paired,
        remembered: Option<LocalState>,
    ) -> Result<Permission, ClientError> {
        if let Some(remembered) = remembered {
            paired.local_state = join(remembered, &paired.local_state)?;
        }
        let kept = self.state_store().enrolment().map(|enrolment| paired.compare(enrolment.as_ref()));
        if let Ok(Kept::Later(permission)) = kept {
            self.state_store().remember(&paired.local_state).await.map_err(PairingIncomplete::State)?;
            self.secret_store()
                .abandon(paired.secrets.id())
                .await
                .map_err(PairingIncomplete::NotCommitted)?;
            return Ok(permission);
        }
        let staged = self.stage(paired.local_state.account_id, &paired.secrets).await;
        staged.map_err(|error| PairingIncomplete::NotStaged(Box::new(error)))?;
        let committed = match self.commit(paired.secrets.id()).await {
            Ok(()) => Ok(()),
            Err(NotKept::Secrets(source)) => Err(PairingIncomplete::NotCommitted(source)),
            Err(NotKept::State(source)) => Err(PairingIncomplete::State(source)),
            // Nothing is kept that no secrets open.
            Err(NotKept::Absent) => return Err(PairingIncomplete::Absent.into()),
        };
        let permission = self.keep_paired(paired, kept).await.map_err(PairingIncomplete::State)?;
        committed?;
        Ok(permission)
    }

    async fn keep_paired(
        &self,
        paired: &mut Paired,
        kept: Result<Kept, StateStoreError>,
    ) -> Result<Permission, StateStoreError> {
        let state_store = self.state_store();
        state_store.remember(&paired.local_state).await?;
        match kept? {
            Kept::Own(permission) | Kept::Later(permission) => Ok(permission),
            Kept::Former => {
                paired.opened.enrol(paired.enrolment.clone(), state_store).await?;
                Ok(paired.permission)
            }
        }
    }
}

impl Paired {
    fn compare(&self, kept: Option<&Enrolment>) -> Kept {
        match kept {
            Some(kept) if self.opens(kept) => Kept::Own(kept.permission),
            Some(kept) if self.former.as_ref() != Some(&kept.keyslot) => Kept::Later(kept.permission),
            _ => Kept::Former,
        }
    }

    /// Whether an enrolment is of this device's secrets.
    fn opens(&self, enrolment: &Enrolment) -> bool {
        let place = KeyslotPlace {
            suite: enrolment.suite,
            account: enrolment.account_id,
            generation: enrolment.generation,
            slot: Slot::Device(enrolment.device),
        };
        keyslot::unwrap(&enrolment.keyslot, &self.secrets.key_encryption_key(), place).is_ok()
    }
}

/// What this device remembers by now, with what it learned in a pairing: of each the newer.
fn join(now: LocalState, learned: &LocalState) -> Result<LocalState, ClientError> {
    if now.account_id != learned.account_id {
        return Err(ClientError::ForeignAccount);
    }
    Ok(LocalState {
        vault_id: now.vault_id.or_else(|| learned.vault_id.clone()),
        name_hash: now.name_hash.or(learned.name_hash),
        server_public_key: now.server_public_key.or(learned.server_public_key),
        last_seen: in_order(now.last_seen, learned.last_seen).0,
        device_list: in_order(now.device_list, learned.device_list).0,
        history: now.history.zip(learned.history).map(farther).or(now.history).or(learned.history),
        ..now
    })
}

fn farther((now, learned): (HistorySeen, HistorySeen)) -> HistorySeen {
    let later = |now: Tip, learned: Tip| if learned.number > now.number { learned } else { now };
    HistorySeen { acts: later(now.acts, learned.acts), saves: later(now.saves, learned.saves) }
}
