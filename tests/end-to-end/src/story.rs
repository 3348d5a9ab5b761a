//! How most stories begin.

use crate::{Client, PASSPHRASE, PHRASE_24, Server, Wire};

/// A vault, the wire to it, and a device over that wire whose account holds one entry.
pub struct Story {
    /// The vault.
    pub server: Server,
    /// The wire.
    pub wire: Wire,
    /// The device.
    pub device: Client,
    /// The account's recovery code.
    pub code: String,
}

impl Story {
    /// Starts the vault, registers `alice`, and backs up [`PHRASE_24`] as `first`.
    #[must_use]
    pub fn begin() -> Self {
        let server = Server::start();
        let wire = Wire::to(server.address());
        let (device, code) = Client::registered(&wire.url(), "alice", PASSPHRASE);
        assert_eq!(device.add("first", PHRASE_24).code, 0);
        Self { server, wire, device, code }
    }
}
