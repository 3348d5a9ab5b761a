//! Suites (protocol.md section 2).

use serde::{Deserialize, Serialize};

/// The number of a suite, which determines all algorithms and parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SuiteId(pub u16);

impl SuiteId {
    /// Suite 1, the current one.
    pub const ONE: Self = Self(1);

    /// The suites in use, newest first: all that this version knows, except those for tests.
    pub const IN_USE: &[Self] = &[Self::ONE];

    /// A suite for tests, which no vault and no client in use knows: suite 1 with a cheaper
    /// Argon2id.
    #[cfg(feature = "test-suite")]
    pub const TEST: Self = Self(0xff01);

    /// All suites that this version knows, newest first.
    #[cfg(not(feature = "test-suite"))]
    pub const KNOWN: &[Self] = Self::IN_USE;
    /// All suites that this version knows, newest first.
    #[cfg(feature = "test-suite")]
    pub const KNOWN: &[Self] = &[Self::TEST, Self::ONE];

    /// Whether this version knows the suite.
    #[must_use]
    pub fn is_known(self) -> bool {
        Self::KNOWN.contains(&self)
    }

    /// The newest of these suites that this version knows. `None` if it knows none.
    #[must_use]
    pub fn newest_known(offered: &[Self]) -> Option<Self> {
        offered.iter().copied().filter(|suite| suite.is_known()).max()
    }

    /// Argon2id cost of the suite. Suite 1's if the suite is unknown.
    #[must_use]
    pub fn argon2id_cost(self) -> Argon2idCost {
        match self {
            #[cfg(feature = "test-suite")]
            Self::TEST => Argon2idCost { memory_kib: 64, passes: 2, lanes: 1 },
            _ => SUITE_1_ARGON2ID,
        }
    }
}

/// The cost parameters of Argon2id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2idCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Number of passes over the memory.
    pub passes: u32,
    /// Degree of parallelism.
    pub lanes: u32,
}

/// Suite 1's Argon2id cost: RFC 9106's second recommended option.
pub const SUITE_1_ARGON2ID: Argon2idCost = Argon2idCost { memory_kib: 65_536, passes: 3, lanes: 4 };

/// Output length of Argon2id, in bytes.
pub const KSF_OUTPUT_BYTES: usize = 64;

/// Salt of Argon2id. It is constant, because the OPRF output already differs for every account.
pub const KSF_SALT: [u8; 16] = [0; 16];

/// Sizes of OPAQUE's messages in suite 1, in bytes (section 12).
pub mod opaque_bytes {
    /// From client to vault, first request of a login.
    pub const KE1: usize = 96;
    /// From vault to client, first response of a login.
    pub const KE2: usize = 320;
    /// From client to vault, second request of a login.
    pub const KE3: usize = 64;
    /// From client to vault, first request of a registration.
    pub const REGISTRATION_REQUEST: usize = 32;
    /// From vault to client, first response of a registration.
    pub const REGISTRATION_RESPONSE: usize = 64;
    /// From client to vault, second request of a registration.
    pub const REGISTRATION_RECORD: usize = 192;
    /// The vault's public key, which clients pin.
    pub const PUBLIC_KEY: usize = 32;
}
