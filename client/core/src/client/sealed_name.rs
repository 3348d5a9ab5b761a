//! The account's name between the login that was given it and the save that notes it (protocol.md section 9). It is sealed under the
//! inventory key, because what a device remembers can be read without a key.

use super::OpenedAccount;
use crate::aad::{AssociatedData, ObjectKind};
use crate::envelope;
use crate::randomness::Randomness;
use crate::text::AccountName;
use rootcellar_spec::SuiteId;
use std::sync::Arc;

impl OpenedAccount {
    /// Takes the name that was given, and remembers it until a save notes it. Returns whether there is something new to remember.
    pub(crate) fn take_name(&mut self, name: Arc<AccountName>, randomness: &mut dyn Randomness) -> bool {
        let was_remembered = self.local_state.sealed_name.is_some();
        let is_noted = self.noted_name() == Some(name.expose());
        self.local_state.sealed_name = match is_noted {
            true => None,
            false => {
                let key = self.keys.inventory().expose();
                envelope::seal(key, &self.place_of_name(self.suite), name.expose().as_bytes(), randomness)
            }
        };
        self.name = Some(name);
        was_remembered || !is_noted
    }

    /// Recalls the name that an earlier login was given, unless the account has another one since.
    pub(crate) fn recall_name(&mut self) {
        if self.name.is_none() {
            self.name = self.remembered_name().map(Arc::new);
        }
    }

    /// Forgets the remembered name once the newest snapshot notes it.
    pub(crate) fn forget_noted_name(&mut self) {
        let given = self.name.as_ref().map(|name| name.expose());
        if given.is_some() && given == self.noted_name() {
            self.local_state.sealed_name = None;
        }
    }

    fn remembered_name(&self) -> Option<AccountName> {
        let (hash, vault_id) = self.local_state.name_hash.zip(self.local_state.vault_id.as_ref())?;
        let sealed = self.local_state.sealed_name.as_ref()?;
        let place = self.place_of_name(envelope::named_suite(sealed)?);
        let name = envelope::open(self.keys.inventory().expose(), &place, sealed).ok()?;
        let name = AccountName::parse(std::str::from_utf8(&name).ok()?).ok()?;
        (name.hash(vault_id) == hash).then_some(name)
    }

    fn noted_name(&self) -> Option<&str> {
        self.newest.as_ref().and_then(|newest| newest.snapshot.inventory.about.account_name())
    }

    fn place_of_name(&self, suite: SuiteId) -> AssociatedData<'static> {
        let Self { account, generation, .. } = *self;
        AssociatedData { suite, account, generation, place: ObjectKind::AccountName }
    }
}
