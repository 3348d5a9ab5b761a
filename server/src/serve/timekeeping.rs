//! Keeps the vault's time: follows the clock also while nobody logs in, and writes down how far it has come.

use super::{Stop, stopped};
use crate::state::AppState;
use std::time::Duration;

/// How often the clock is looked at.
const INTERVAL: Duration = Duration::from_secs(60);

pub(super) async fn keep_now_and_then(state: AppState, mut stop: Stop) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = stopped(&mut stop) => return,
        }
        if let Err(error) = state.keep_time().await {
            tracing::warn!(%error, "the vault's time was not kept this time");
        }
    }
}
