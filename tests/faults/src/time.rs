//! One time for all: the store, the vault and the devices live by the runtime's clock, which does not advance while anyone
//! works and jumps to whatever is awaited next. A day costs nothing, and every run is the same.

use rootcellar_spec::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// When the first world begins.
pub const BEGINNING: Timestamp = Timestamp(1_800_000_000);

/// Tells the time and waits.
#[derive(Clone, Copy, Debug)]
pub struct Time {
    began_at: Timestamp,
    began: Instant,
}

impl Time {
    /// A time that is `now`; inside a runtime.
    #[must_use]
    pub fn beginning(now: Timestamp) -> Self {
        Self { began_at: now, began: Instant::now() }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.began_at.plus(self.began.elapsed().as_secs())
    }
}

impl rootcellar_vault::clock::Clock for Time {
    fn now(&self) -> Timestamp {
        Time::now(self)
    }

    fn uptime(&self) -> Duration {
        self.began.elapsed()
    }
}

impl rootcellar_client::time::Clock for Time {
    fn now(&self) -> Timestamp {
        Time::now(self)
    }

    fn uptime(&self) -> Duration {
        self.began.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// Runs a world to its end, in a time of its own.
pub fn run<T>(simulation: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime without threads").block_on(simulation)
}
