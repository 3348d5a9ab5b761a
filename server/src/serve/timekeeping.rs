//! Follows the clock also without logins, and stores the vault's time.

use super::{Stop, stopped};
use crate::state::AppState;
use std::time::Duration;

/// Pause between two looks at the clock.
const INTERVAL: Duration = Duration::from_secs(60);

pub(super) async fn keep_now_and_then(state: AppState, mut stop: Stop) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = stopped(&mut stop) => return,
        }
        if let Err(error) = state.keep_time().await {
            tracing::warn!(
                event = "vault-time-not-stored",
                %error,
                "The vault's time could not be stored. The server retries in a minute."
            );
        }
    }
}
