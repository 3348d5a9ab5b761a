//! Randomness that is the same in every run.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use rootcellar_client::Randomness;

/// Seeded by a text.
pub(crate) struct Seeded(ChaCha20Rng);

impl Seeded {
    pub(crate) fn new(seed: &str) -> Self {
        Self(ChaCha20Rng::from_seed(rootcellar_spec::Digest::of(seed.as_bytes()).0))
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        self.0.fill_bytes(&mut out);
        out
    }
}

impl Randomness for Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        self.0.fill_bytes(out);
    }
}
