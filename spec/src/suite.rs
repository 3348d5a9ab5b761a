//! Suites (protocol.md section 2).

use serde::{Deserialize, Serialize};

/// The number of a suite: it fixes every algorithm and every parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SuiteId(pub u16);

impl SuiteId {
    /// Suite 1, the one in use.
    pub const ONE: Self = Self(1);

    /// The suites in use, newest first: all that this version knows, but for those of tests.
    pub const IN_USE: &[Self] = &[Self::ONE];

    /// A suite for tests, which no vault and no client in use knows: suite 1 with a cheaper key-stretching function.
    #[cfg(feature = "test-suite")]
    pub const TEST: Self = Self(0xff01);

    /// The suites that this version knows, newest first.
    #[cfg(not(feature = "test-suite"))]
    pub const KNOWN: &[Self] = Self::IN_USE;
    /// The suites that this version knows, newest first.
    #[cfg(feature = "test-suite")]
    pub const KNOWN: &[Self] = &[Self::TEST, Self::ONE];

    /// Whether this version knows the suite.
    #[must_use]
    pub fn is_known(self) -> bool {
        Self::KNOWN.contains(&self)
    }

    /// The newest of these suites that this version knows.
    #[must_use]
    pub fn newest_known(offered: &[Self]) -> Option<Self> {
        offered.iter().copied().filter(|suite| suite.is_known()).max()
    }

    /// Cost of the suite's key-stretching function; of suite 1's where the suite is not known.
    #[must_use]
    pub fn argon2id_cost(self) -> Argon2idCost {
        match self {
            #[cfg(feature = "test-suite")]
            Self::TEST => Argon2idCost { memory_kib: 64, passes: 2, lanes: 1 },
            _ => SUITE_1_ARGON2ID,
        }
    }
}

/// Cost of the key-stretching function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2idCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// Suite 1's Argon2id cost: RFC 9106's second recommended option.
pub const SUITE_1_ARGON2ID: Argon2idCost = Argon2idCost { memory_kib: 65_536, passes: 3, lanes: 4 };

/// Output of the key-stretching function, in bytes.
pub const KSF_OUTPUT_BYTES: usize = 64;

/// Salt of the key-stretching function: constant, since the OPRF output already differs for every account.
pub const KSF_SALT: [u8; 16] = [0; 16];

/// Sizes of OPAQUE's messages in suite 1, in bytes (section 12).
pub mod opaque_bytes {
    /// Client to vault, first trip of a login.
    pub const KE1: usize = 96;
    /// Vault to client.
    pub const KE2: usize = 320;
    /// Client to vault, second trip.
    pub const KE3: usize = 64;
    /// Client to vault, first trip of a registration.
    pub const REGISTRATION_REQUEST: usize = 32;
    /// Vault to client.
    pub const REGISTRATION_RESPONSE: usize = 64;
    /// Client to vault, second trip of a registration.
    pub const REGISTRATION_RECORD: usize = 192;
    /// The vault's public key.
    pub const PUBLIC_KEY: usize = 32;
}
