//! Randomness, injected so that tests and vectors can seed it, and its two faces for the libraries below.

use crate::lock::locked;
use std::convert::Infallible;
use std::sync::Mutex;

/// A source of bytes that nobody can predict.
pub trait Randomness {
    /// Fills all of `out`.
    fn fill(&mut self, out: &mut [u8]);
}

/// The operating system's source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&mut self, out: &mut [u8]) {
        getrandom::fill(out).expect("the operating system's random source does not fail once it has started");
    }
}

/// A source that several share: each takes bytes in its turn.
pub(crate) struct SharedRandomness<'a, R>(pub(crate) &'a Mutex<R>);

#[cfg(test)]
impl<R: Clone> SharedRandomness<'_, R> {
    /// The source as it is now.
    pub(crate) fn state(&self) -> R {
        locked(self.0).clone()
    }
}

impl<R: Randomness> Randomness for SharedRandomness<'_, R> {
    fn fill(&mut self, out: &mut [u8]) {
        locked(self.0).fill(out);
    }
}

/// `N` fresh bytes.
pub fn bytes<const N: usize>(randomness: &mut dyn Randomness) -> [u8; N] {
    let mut out = [0; N];
    randomness.fill(&mut out);
    out
}

/// The face of `rand_core` 0.10, for HPKE.
pub(crate) struct Rng<'a>(pub(crate) &'a mut dyn Randomness);

impl rand_core::TryRng for Rng<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(bytes(self.0)))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(bytes(self.0)))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(out);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Rng<'_> {}

/// The face of `rand_core` 0.6, for OPAQUE.
pub(crate) struct Rng06<'a>(pub(crate) &'a mut dyn Randomness);

impl rand_core_06::RngCore for Rng06<'_> {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes(bytes(self.0))
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes(bytes(self.0))
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core_06::Error> {
        self.0.fill(out);
        Ok(())
    }
}

impl rand_core_06::CryptoRng for Rng06<'_> {}
