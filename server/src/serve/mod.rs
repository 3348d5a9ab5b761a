//! The server: opens the store, listens, and shuts down.

mod activity;
mod connection;
mod ground;
pub(crate) mod health;
mod init;
mod listener;
mod signals;
mod start;
mod store_location;
mod sweeping;
mod timekeeping;
mod tls;

pub use ground::{Checked, check_store, open_store};
pub use health::check as is_ready;
pub use init::{Begun, init_store};
pub use start::{StartError, check, make_folder};
pub use store_location::StoreLocation;

use crate::admin;
use crate::admission::{Admission, Resource};
use crate::config::{Config, TlsFiles, registration_name};
use crate::middleware::{self, Proxies, Rate, Reach};
use crate::page::{self, Page};
use crate::router;
use crate::state::AppState;
use crate::telemetry;
use axum::Router;
use axum::middleware::from_fn;
use axum::routing::get;
use health::Readiness;
use listener::{Door, Server};
use metrics_exporter_prometheus::PrometheusHandle;
use rootcellar_spec::vault_id;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Maximum connections to the metrics listener.
const METRICS_CONNECTIONS: u64 = 64;
/// Pause between two runs of the metrics' upkeep.
const METRICS_PAUSE: Duration = Duration::from_secs(5);

/// Serves until a signal. Calls `ready` once, with the URL, when requests are served.
///
/// # Errors
/// If the server cannot start.
pub async fn run(config: &Config, ready: impl FnOnce(&str)) -> Result<(), StartError> {
    let started = Instant::now();
    let stop = signals::watch().map_err(StartError::Signals)?;
    let metrics = match config.metrics_listen {
        Some(address) => {
            Some((telemetry::metrics::start().map_err(StartError::Metrics)?, bind(address).await?))
        }
        None => None,
    };
    let tls = config.tls.as_ref().map(tls).transpose()?;
    let page = config.web.as_deref().map(Page::load).transpose()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let listener = bind(config.listen).await?;
    let address = listener.local_addr().map_err(|error| StartError::Listen(config.listen, error))?;
    let start::Ground { state, socket } = start::open(config).await?;
    let metrics_address = metrics.as_ref().and_then(|(_, listener)| listener.local_addr().ok());
    let about = admin::About {
        address,
        tls: tls.is_some(),
        metrics_address,
        fingerprint: state.keys().fingerprint(),
        started,
        read_only: config.read_only,
    };
    let admin = tokio::spawn(socket.serve(state.clone(), about, stop.clone()));
    let sweep = config
        .sweep_interval
        .filter(|_| !config.read_only)
        .map(|interval| tokio::spawn(sweeping::sweep_now_and_then(state.clone(), interval, stop.clone())));

    let timekeeping = (!config.read_only)
        .then(|| tokio::spawn(timekeeping::keep_now_and_then(state.clone(), stop.clone())));

    let readiness = Readiness::new(state.clone());
    let scrape = metrics.map(|(handle, listener)| inside(handle, listener, &readiness, stop.clone()));
    tracing::info!(
        event = "serving",
        %address,
        vault_id = %state.vault_id(),
        registration = registration_name(state.settings().registration),
        read_only = config.read_only,
        version = env!("CARGO_PKG_VERSION"),
    );
    let admission = Admission::new(&config.limits);
    let app = app_within(config, state, &admission, &readiness, page);
    let door = Door::new(config, &admission);
    ready(&format!("{scheme}://{address}"));
    Server { listener, tls, app, door }.run(stop).await;
    let _ = admin.await;
    for task in [scrape, sweep, timekeeping].into_iter().flatten() {
        let _ = task.await;
    }
    tracing::info!(event = "stopped");
    Ok(())
}

/// Serves metrics and health checks to operators.
fn inside(
    handle: PrometheusHandle,
    listener: TcpListener,
    readiness: &Readiness,
    stop: Stop,
) -> JoinHandle<()> {
    tokio::spawn(tidy(handle.clone()));
    let page = Router::new().route("/metrics", get(move || std::future::ready(handle.render())));
    let app = page.merge(health::routes(readiness.clone()));
    let connections = Resource::new("metrics-connections", METRICS_CONNECTIONS, 1);
    let door = Door {
        handshakes: connections.clone(),
        connections,
        rate: Rate::new("metrics-connection-rate", 0),
        trusted_proxies: Proxies::default(),
    };
    tokio::spawn(Server { listener, tls: None, app, door }.run(stop))
}

/// All routes and the page, with the middleware.
pub fn app(config: &Config, state: AppState, page: Option<Page>) -> Router {
    let readiness = Readiness::new(state.clone());
    app_within(config, state, &Admission::new(&config.limits), &readiness, page)
}

fn app_within(
    config: &Config,
    state: AppState,
    admission: &Admission,
    readiness: &Readiness,
    page: Option<Page>,
) -> Router {
    let health = health::routes(readiness.clone());
    let api = router::api_within(state, admission);
    let api = if config.read_only { api.layer(from_fn(middleware::refuse_writes)) } else { api };
    let api = match page {
        Some(page) => page::around(api, page, is_public_tls(config)),
        None => api,
    };
    let trusted_proxies = Proxies::new(config.trusted_proxies.clone());
    let reach = Reach { trusted_proxies, page_origins: config.page_origins.clone() };
    middleware::around(api, health, config.limits, reach)
}

/// Whether the server itself speaks TLS under a public name.
fn is_public_tls(config: &Config) -> bool {
    let public = config.public_origin.as_ref().is_some_and(|origin| !vault_id::is_loopback(origin));
    config.tls.is_some() && public
}

/// Moves the recorded times into their histograms. Without this, they accumulate.
async fn tidy(handle: PrometheusHandle) {
    loop {
        tokio::time::sleep(METRICS_PAUSE).await;
        handle.run_upkeep();
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| StartError::Listen(address, error))
}

fn tls(files: &TlsFiles) -> Result<tokio_rustls::TlsAcceptor, StartError> {
    tls::acceptor(files).map_err(StartError::Tls)
}

/// Becomes true when the server must stop.
pub type Stop = watch::Receiver<bool>;

/// Waits for the stop signal.
pub(crate) async fn stopped(stop: &mut Stop) {
    // A dropped sender means the same.
    let _ = stop.wait_for(|stop| *stop).await;
}
