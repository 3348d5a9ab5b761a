//! Randomness that is the same in every run.

use rand_core_06::{CryptoRng, RngCore};

/// SplitMix64: the tests need no secrets of it, only that values differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counting(u64);

impl RngCore for Counting {
    fn next_u32(&mut self) -> u32 {
        u32::try_from(self.next_u64() >> 32).expect("32 bits")
    }

    fn next_u64(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        out.chunks_mut(8).for_each(|chunk| {
            let bytes = self.next_u64().to_be_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        });
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core_06::Error> {
        self.fill_bytes(out);
        Ok(())
    }
}

impl CryptoRng for Counting {}

impl crate::Randomness for Counting {
    fn fill(&mut self, out: &mut [u8]) {
        self.fill_bytes(out);
    }
}

impl Counting {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }
}
