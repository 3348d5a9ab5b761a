//! SIGTERM and SIGINT end the server in order.

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
        tracing::info!(signal, "stopping");
        let _ = stop.send(true);
        // The channel stays open for as long as somebody watches.
        stop.closed().await;
    });
    Ok(watcher)
}
