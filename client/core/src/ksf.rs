//! The key-stretching function of each suite (protocol.md section 2): Argon2id behind OPAQUE's `Ksf`.

use crate::keys::secret_array;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use generic_array::{ArrayLength, GenericArray};
use opaque_ke::{errors::InternalError, ksf::Ksf};
use rootcellar_spec::SuiteId;
use rootcellar_spec::suite::{Argon2idCost, KSF_SALT, SUITE_1_ARGON2ID};
use secrecy::SecretBox;
use std::sync::atomic::{AtomicBool, Ordering};
use zeroize::Zeroize;

/// Argon2id at the cost of a suite. The default is suite 1's; no other can be made outside tests.
#[derive(Clone, Copy, Debug)]
pub struct Argon2id(Argon2idCost);

impl Default for Argon2id {
    fn default() -> Self {
        Self(SUITE_1_ARGON2ID)
    }
}

impl Argon2id {
    /// A cost that protects nothing, for tests that log in a hundred times.
    #[cfg(any(test, feature = "test-profile"))]
    #[must_use]
    pub fn worthless() -> Self {
        Self(Argon2idCost { memory_kib: 8, passes: 1, lanes: 1 })
    }
}

impl Argon2id {
    /// At the cost of this suite.
    #[must_use]
    pub fn of(suite: SuiteId) -> Self {
        Self(suite.argon2id_cost())
    }

    /// Stretches what no OPRF stands before, with a salt of its own (protocol.md section 6.2); `None` without the memory for it.
    pub(crate) fn stretch_salted(self, salt: &[u8; 16], input: &[u8]) -> Option<SecretBox<[u8; 64]>> {
        let mut stretched = Ok(());
        let output = secret_array(|output: &mut [u8; 64]| stretched = stretch(self.0, salt, input, output));
        stretched.ok().map(|()| output)
    }
}

impl Ksf for Argon2id {
    fn hash<L: ArrayLength<u8>>(
        &self,
        mut input: GenericArray<u8, L>,
    ) -> Result<GenericArray<u8, L>, InternalError> {
        let mut output = GenericArray::default();
        let stretched = stretch(self.0, &KSF_SALT, &input, &mut output);
        input.as_mut_slice().zeroize();
        stretched.map_err(|_| InternalError::KsfError)?;
        Ok(output)
    }
}

/// Fills `output` with Argon2id of `input`, and wipes the memory that it worked in.
fn stretch(
    cost: Argon2idCost,
    salt: &[u8; 16],
    input: &[u8],
    output: &mut [u8],
) -> Result<(), argon2::Error> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None)?;
    // Where 64 MiB are not to be had, an allocation that may not fail would end the whole app.
    let mut memory = Vec::new();
    memory.try_reserve_exact(params.block_count()).map_err(|_| argon2::Error::OutOfMemory)?;
    memory.resize(params.block_count(), Block::default());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let result = argon2.hash_password_into_with_memory(input, salt, output, &mut memory);
    if !ALLOCATOR_WIPES.load(Ordering::Relaxed) {
        memory.iter_mut().for_each(Zeroize::zeroize);
    }
    result
}

static ALLOCATOR_WIPES: AtomicBool = AtomicBool::new(false);

/// To be called by a program whose global allocator wipes whatever it frees: the 64 MiB of a stretching are then wiped once, by
/// that, and not twice.
pub fn allocator_wipes() {
    ALLOCATOR_WIPES.store(true, Ordering::Relaxed);
}
