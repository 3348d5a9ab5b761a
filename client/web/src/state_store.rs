//! The library's state store over what the worker stores: read once when it is opened, written through ever after.

use crate::host;
use rootcellar_client::device::Enrolment;
use rootcellar_client::json;
use rootcellar_client::local_state::LocalState;
use rootcellar_client::pending_code::{Ceremony, PendingCode, Stage};
use rootcellar_client::pending_save::PendingSave;
use rootcellar_client::state_store::{StateStore, StateStoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;

const LOCAL_STATE: &str = "localState";
const PENDING_SAVE: &str = "pendingSave";
const ENROLMENT: &str = "enrolment";
const CODE: &str = "code";

/// What this browser keeps of its account. One transaction a write, durable when it completes.
#[derive(Debug, Default)]
pub(crate) struct PageStateStore {
    local_state: RefCell<Option<LocalState>>,
    pending: RefCell<Option<PendingSave>>,
    enrolment: RefCell<Option<Enrolment>>,
    code: RefCell<Option<PendingCode>>,
}

/// What was stored, as bytes; no bytes where nothing was.
pub(crate) struct Kept<'a> {
    pub(crate) local_state: &'a [u8],
    pub(crate) pending: &'a [u8],
    pub(crate) enrolment: &'a [u8],
    pub(crate) code: &'a [u8],
}

/// What was stored does not read.
#[derive(Debug)]
pub(crate) struct Damaged;

impl PageStateStore {
    /// Takes over what was stored.
    pub(crate) fn open(kept: &Kept<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            local_state: RefCell::new(read(kept.local_state)?),
            pending: RefCell::new(read(kept.pending)?),
            enrolment: RefCell::new(read(kept.enrolment)?),
            code: RefCell::new(read(kept.code)?),
        })
    }

    /// Forgets the record of a recovery code, which the worker removes.
    pub(crate) fn forget_code(&self) {
        self.code.replace(None);
    }

    /// Whether a registration was confirmed here and is not known to be complete.
    pub(crate) fn is_registering(&self) -> bool {
        let is_confirmed = |code: &PendingCode| {
            code.ceremony == Ceremony::Registration && matches!(code.stage, Stage::Confirmed(_))
        };
        self.code.borrow().as_ref().is_some_and(is_confirmed)
    }

    /// What the device remembers of its account.
    pub(crate) fn local_state(&self) -> Option<LocalState> {
        self.local_state.borrow().clone()
    }
}

impl StateStore for PageStateStore {
    async fn store(&self, pending: &PendingSave) -> Result<(), StateStoreError> {
        write(PENDING_SAVE, Some(pending)).await?;
        self.pending.replace(Some(pending.clone()));
        Ok(())
    }

    fn load(&self) -> Result<Option<PendingSave>, StateStoreError> {
        Ok(self.pending.borrow().clone())
    }

    async fn clear(&self) -> Result<(), StateStoreError> {
        if self.pending.borrow().is_some() {
            write::<PendingSave>(PENDING_SAVE, None).await?;
            self.pending.replace(None);
        }
        Ok(())
    }

    async fn remember(&self, local_state: &LocalState) -> Result<(), StateStoreError> {
        // A browser that knows one account never forgets it for another.
        let known = self.local_state();
        if known.as_ref().is_some_and(|known| known.account_id != local_state.account_id) {
            return Err(failed());
        }
        if known.as_ref() != Some(local_state) {
            write(LOCAL_STATE, Some(local_state)).await?;
            self.local_state.replace(Some(local_state.clone()));
        }
        Ok(())
    }

    async fn keep_enrolment(&self, enrolment: Option<&Enrolment>) -> Result<(), StateStoreError> {
        if self.enrolment.borrow().as_ref() != enrolment {
            write(ENROLMENT, enrolment).await?;
            self.enrolment.replace(enrolment.cloned());
        }
        Ok(())
    }

    fn enrolment(&self) -> Result<Option<Enrolment>, StateStoreError> {
        Ok(self.enrolment.borrow().clone())
    }

    async fn keep_code(&self, code: Option<&PendingCode>) -> Result<(), StateStoreError> {
        if self.code.borrow().as_ref() != code {
            write(CODE, code).await?;
            self.code.replace(code.cloned());
        }
        Ok(())
    }

    fn code(&self) -> Result<Option<PendingCode>, StateStoreError> {
        Ok(self.code.borrow().clone())
    }
}

fn read<T: DeserializeOwned>(stored: &[u8]) -> Result<Option<T>, Damaged> {
    if stored.is_empty() {
        return Ok(None);
    }
    json::read(stored).map(Some).ok_or(Damaged)
}

async fn write<T: Serialize>(record: &str, value: Option<&T>) -> Result<(), StateStoreError> {
    let content = match value {
        Some(value) => serde_json::to_vec(value).map_err(|_| failed())?,
        None => Vec::new(),
    };
    host::keep(record, &content).await.map(drop).map_err(|_| failed())
}

/// The page says by the code alone what happened.
fn failed() -> StateStoreError {
    StateStoreError::new("the browser's storage", "")
}
