//! The account's history: asked for, and held against what the device has seen (protocol.md sections 15.9 and 20).

use super::Session;
use crate::client::Platform;
use crate::client::opened::Devices;
use crate::error::ClientError;
use crate::history::{self, Checked, Evidence, HistoryError};
use crate::transport::Request;
use rootcellar_spec::DeviceId;
use rootcellar_spec::wire::history::History;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;

impl<P: Platform> Session<P> {
    /// What happened to the account, as the vault says, with a mark at what this session can show: one round trip. What it
    /// has seen is remembered, so that the vault cannot say otherwise later.
    ///
    /// # Errors
    /// [`ClientError::HistoryContradicted`] where the vault tells another history than this device has seen; nothing of it is
    /// remembered then.
    pub async fn history(&mut self) -> Result<Checked, ClientError> {
        let told: History = self.exchange(Request::get(paths::HISTORY)).await?.json()?;
        let seen = self.opened.local_state.history.filter(|_| !self.opened.accept_history);
        let devices = self.listed();
        let evidence = Evidence {
            newest: self.opened.newest.as_ref().map(|newest| &newest.snapshot.header),
            devices: devices.as_deref(),
            generation: self.opened.generation,
        };
        let checked = history::check(&told, seen.as_ref(), &evidence).map_err(|error| match error {
            HistoryError::Contradicted => ClientError::HistoryContradicted,
            HistoryError::Malformed => {
                ClientError::MalformedResponse("a history that does not hold together")
            }
        })?;
        self.opened.local_state.history = Some(checked.seen);
        self.keep().await?;
        Ok(checked)
    }

    /// The devices of the newest device list, where one was given and can be trusted.
    fn listed(&self) -> Option<Vec<(DeviceId, Permission)>> {
        let Devices::Given(Some(list)) = &self.opened.devices else { return None };
        Some(list.contents.devices.iter().map(|device| (device.id, device.permission)).collect())
    }
}
