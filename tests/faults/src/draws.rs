//! Randomness that is the same in every run. Copies share one sequence, so that nothing is ever drawn twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// SplitMix64: differs from draw to draw, and is secret from nobody.
#[derive(Clone, Debug)]
pub struct Draws(Arc<AtomicU64>);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Draws {
    /// The sequence of a seed, or the rest of one after [`Self::position`].
    #[must_use]
    pub fn from(position: u64) -> Self {
        Self(Arc::new(AtomicU64::new(position)))
    }

    /// Where the sequence is.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// A number below `bound`.
    #[must_use]
    pub fn below(&self, bound: usize) -> usize {
        usize::try_from(self.next() >> 33).expect("31 bits") % bound
    }

    fn next(&self) -> u64 {
        let mut mixed = self.0.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_be_bytes()[..chunk.len()]);
        }
    }
}

impl rootcellar_vault::entropy::Entropy for Draws {
    fn fill(&self, out: &mut [u8]) {
        Draws::fill(self, out);
    }
}

impl rootcellar_client::Randomness for Draws {
    fn fill(&mut self, out: &mut [u8]) {
        Draws::fill(self, out);
    }
}
