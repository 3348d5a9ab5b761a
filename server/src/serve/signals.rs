//! SIGTERM and SIGINT shut the server down.

use super::Stop;
use std::io;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

pub(super) fn watch() -> io::Result<Stop> {
    let (stop, watcher) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        let signal = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tracing::info!(event = "stopping", signal);
        let _ = stop.send(true);
        // The channel stays open while there are receivers.
        stop.closed().await;
    });
    Ok(watcher)
}
