//! Where a device keeps its [`Memory`], its [`Enrolment`], an unfinished save and a recovery code that is not known to be active,
//! injected.
//!
//! Each write must be durable and atomic when its future completes: after a crash the old or the new content is there, whole.
//! Reads give what was written last, without waiting: a journal over a store that only answers later reads it once, when it
//! is opened.

use crate::device::Enrolment;
use crate::memory::Memory;
use crate::pending::Pending;
use crate::pending_code::PendingCode;
use std::error::Error;

/// The journal could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{action}: {source}")]
pub struct JournalError {
    action: &'static str,
    source: Box<dyn Error + Send + Sync>,
}

impl JournalError {
    /// An error of the journal's medium; `action` says what failed and with which file, as in
    /// `"could not write the unfinished save"`.
    pub fn new(action: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { action, source: source.into() }
    }
}

/// Keeps what must outlive the program.
pub trait Journal {
    /// Keeps an unfinished save, in place of the one before.
    ///
    /// # Errors
    /// Where it is not durably kept.
    fn store(&mut self, pending: &Pending) -> impl Future<Output = Result<(), JournalError>>;

    /// The unfinished save, if there is one.
    ///
    /// # Errors
    /// Where it cannot be read, which is not the same as its absence.
    fn load(&self) -> Result<Option<Pending>, JournalError>;

    /// Forgets the unfinished save; no error where there is none.
    ///
    /// # Errors
    /// Where it may still be there.
    fn clear(&mut self) -> impl Future<Output = Result<(), JournalError>>;

    /// Keeps what the device remembers, in place of what it remembered before.
    ///
    /// # Errors
    /// Where it is not durably kept.
    fn remember(&mut self, memory: &Memory) -> impl Future<Output = Result<(), JournalError>>;

    /// Keeps the device's enrolment, in place of the one before; forgets it where there is none any more.
    ///
    /// # Errors
    /// Where it is not durably kept, or may still be there.
    fn keep_enrolment(
        &mut self,
        enrolment: Option<&Enrolment>,
    ) -> impl Future<Output = Result<(), JournalError>>;

    /// The device's enrolment, if it is enrolled.
    ///
    /// # Errors
    /// Where it cannot be read, which is not the same as its absence.
    fn enrolment(&self) -> Result<Option<Enrolment>, JournalError>;

    /// Replaces the record of a recovery code; `None` removes it.
    ///
    /// # Errors
    /// Where it is not durably kept, or may still be there.
    fn keep_code(&mut self, code: Option<&PendingCode>) -> impl Future<Output = Result<(), JournalError>>;

    /// The record of a recovery code that is not known to be active, if there is one.
    ///
    /// # Errors
    /// Where it cannot be read, which is not the same as its absence.
    fn code(&self) -> Result<Option<PendingCode>, JournalError>;
}

/// A journal that lives no longer than its program.
#[derive(Clone, Debug, Default)]
pub struct MemoryJournal {
    /// What was remembered last.
    pub memory: Option<Memory>,
    /// The unfinished save.
    pub pending: Option<Pending>,
    /// The device's enrolment.
    pub enrolment: Option<Enrolment>,
    /// The record of a recovery code.
    pub code: Option<PendingCode>,
}

impl Journal for MemoryJournal {
    async fn store(&mut self, pending: &Pending) -> Result<(), JournalError> {
        self.pending = Some(pending.clone());
        Ok(())
    }

    fn load(&self) -> Result<Option<Pending>, JournalError> {
        Ok(self.pending.clone())
    }

    async fn clear(&mut self) -> Result<(), JournalError> {
        self.pending = None;
        Ok(())
    }

    async fn remember(&mut self, memory: &Memory) -> Result<(), JournalError> {
        self.memory = Some(memory.clone());
        Ok(())
    }

    async fn keep_enrolment(&mut self, enrolment: Option<&Enrolment>) -> Result<(), JournalError> {
        self.enrolment = enrolment.cloned();
        Ok(())
    }

    fn enrolment(&self) -> Result<Option<Enrolment>, JournalError> {
        Ok(self.enrolment.clone())
    }

    async fn keep_code(&mut self, code: Option<&PendingCode>) -> Result<(), JournalError> {
        self.code = code.cloned();
        Ok(())
    }

    fn code(&self) -> Result<Option<PendingCode>, JournalError> {
        Ok(self.code.clone())
    }
}
