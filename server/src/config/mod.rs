//! What an operator may set, read from flags, environment, file and defaults, checked as a whole.

mod bucket;
#[cfg(test)]
mod deployed;
mod layers;
mod print;
mod retention;
mod settings;
#[cfg(test)]
mod tests;
mod values;

pub use bucket::{Bucket, StoreAccess};
pub use layers::{ConfigError, Flags, Merged, Source};
pub use print::registration_name;
pub use settings::{SETTINGS, Setting};
pub use values::{Network, duration};

use crate::admission::LEAST_IN_FLIGHT;
use crate::middleware::PageOrigins;
use rootcellar_spec::wire::vault::RegistrationMode;
use rootcellar_spec::{VaultId, vault_id};
use rootcellar_vault::retention::Retention;
use std::fmt::Display;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use url::Url;

/// The settings of a server, ready to use.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to serve.
    pub listen: SocketAddr,
    /// Data folder.
    pub data: PathBuf,
    /// File of the root secret.
    pub root_secret_file: PathBuf,
    /// The bucket that the vault is kept in; without one, it is kept in the data folder.
    pub bucket: Option<Bucket>,
    /// How clients reach the vault, where the operator said so.
    pub public_origin: Option<Url>,
    /// The identity to record at first start.
    pub vault_id: VaultId,
    /// Whether the operator named the vault ID, so that a recorded one must equal it.
    pub vault_id_is_set: bool,
    /// Who may register.
    pub registration: RegistrationMode,
    /// Certificate chain and key, where the server itself speaks TLS.
    pub tls: Option<TlsFiles>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// The folder of the page to serve, if any.
    pub web: Option<PathBuf>,
    /// Pages of which other origins may speak to the vault.
    pub page_origins: PageOrigins,
    /// Where to serve metrics.
    pub metrics_listen: Option<SocketAddr>,
    /// Admin socket.
    pub admin_socket: PathBuf,
    /// What is logged, and how.
    pub log: Log,
    /// How long snapshots stay, and how much an account may hold.
    pub retention: Retention,
    /// Bounds on requests.
    pub limits: Limits,
    /// Most guess budgets created in a minute.
    pub new_names_per_minute: u32,
    /// How often to sweep, if at all.
    pub sweep_interval: Option<Duration>,
    /// Whether nothing is written.
    pub read_only: bool,
    /// Disk space that saves leave free, in bytes.
    pub reserve: u64,
}

/// Where certificate and key lie, PEM both.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The chain, the server's own first.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// What is logged, and how.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    /// The least important level that is written.
    pub level: tracing::Level,
    /// JSON instead of text.
    pub json: bool,
}

/// Bounds on requests.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most open connections.
    pub max_connections: u64,
    /// Most TLS handshakes at once.
    pub max_handshakes: u64,
    /// Most requests to work on at once.
    pub max_in_flight: u64,
    /// Most bytes of requests and responses in memory.
    pub request_memory: u64,
    /// Most requests a minute from one address; 0 for no limit.
    pub rate_per_address: u32,
    /// Most tries a minute from one address: starts of logins, registrations and passphrase changes; 0 for no limit.
    pub starts_per_address: u32,
    /// Longest time for one request.
    pub request_timeout: Duration,
}

impl Config {
    /// Reads every value and checks that they go together.
    ///
    /// # Errors
    /// With the setting, where its value came from, what is wrong and what would be right.
    pub fn read(merged: &Merged) -> Result<Self, ConfigError> {
        let listen: SocketAddr =
            parse(merged, "listen", "write it like 127.0.0.1:8787")?.ok_or_else(unset)?;
        let data = match merged.get("data") {
            Some((value, _)) => PathBuf::from(value),
            None => default_data()?,
        };
        let public_origin = parse_with(merged, "public-origin", values::origin)?;
        let tls = tls(merged)?;
        let behind_proxy = parse(merged, "behind-tls-proxy", "say true or false")?.unwrap_or(false);
        check_reach(listen, public_origin.as_ref(), tls.is_some(), behind_proxy)?;
        let named: Option<VaultId> = parse_with(merged, "vault-id", |text| {
            VaultId::try_from(text.to_owned()).map_err(|error| error.to_string())
        })?;
        let local = listen.ip().is_loopback()
            && !behind_proxy
            && public_origin.as_ref().is_none_or(vault_id::is_loopback);
        let path = |name, default| merged.get(name).map_or(data.join(default), |(value, _)| value.into());
        let in_minutes = "give a number of at most 4294967295";
        Ok(Self {
            listen,
            root_secret_file: path("root-secret-file", "root-secret"),
            vault_id_is_set: named.is_some(),
            vault_id: named.or_else(|| guess_vault_id(public_origin.as_ref())).ok_or_else(no_vault_id)?,
            public_origin,
            bucket: bucket::read(merged)?,
            registration: registration(merged, local)?,
            tls,
            trusted_proxies: parse_with(merged, "trusted-proxies", networks)?.unwrap_or_default(),
            web: merged.get("web").map(|(value, _)| value.into()),
            page_origins: parse_with(merged, "page-origins", values::page_origins)?.unwrap_or_default(),
            metrics_listen: parse(merged, "metrics-listen", "write it like 127.0.0.1:9187")?,
            admin_socket: path("admin-socket", "admin.sock"),
            log: log(merged)?,
            retention: retention::read(merged)?,
            limits: limits(merged)?,
            new_names_per_minute: parse(merged, "new-names-per-minute", in_minutes)?.ok_or_else(unset)?,
            sweep_interval: required(merged, "sweep-interval", values::interval)?,
            read_only: parse(merged, "read-only", "say true or false")?.unwrap_or(false),
            reserve: required(merged, "reserve", values::size)?,
            data,
        })
    }

    /// The file of the embedded store.
    #[must_use]
    pub fn store_file(&self) -> PathBuf {
        self.data.join("vault.redb")
    }
}

fn unset() -> ConfigError {
    ConfigError::Conflict("a setting has no value".to_owned())
}

fn no_vault_id() -> ConfigError {
    ConfigError::Conflict("the host of --public-origin is no vault ID; give one with --vault-id".to_owned())
}

/// Plain HTTP stays on the machine unless a proxy adds TLS, and beyond the machine the origin must be known.
fn check_reach(
    listen: SocketAddr,
    public_origin: Option<&Url>,
    tls: bool,
    behind_proxy: bool,
) -> Result<(), ConfigError> {
    let refuse = |text: &str| Err(ConfigError::Conflict(text.to_owned()));
    if tls && behind_proxy {
        return refuse("--behind-tls-proxy and --tls-cert exclude each other; drop one of them");
    }
    if !listen.ip().is_loopback() && !tls && !behind_proxy {
        return refuse(
            "plain HTTP is served on loopback only; give --tls-cert and --tls-key, or --behind-tls-proxy where a \
             proxy in front terminates TLS",
        );
    }
    if (!listen.ip().is_loopback() || behind_proxy) && public_origin.is_none() {
        return refuse(
            "clients sign requests for the vault's public origin; give --public-origin https://HOST beyond loopback",
        );
    }
    let plain = |origin: &Url| origin.scheme() == "http" && !vault_id::is_loopback(origin);
    if public_origin.is_some_and(plain) {
        return refuse("clients refuse http: beyond loopback; give a --public-origin with https:");
    }
    Ok(())
}

fn guess_vault_id(public_origin: Option<&Url>) -> Option<VaultId> {
    match public_origin {
        Some(origin) => VaultId::guess(origin),
        None => VaultId::try_from(vault_id::LOOPBACK.to_owned()).ok(),
    }
}

fn registration(merged: &Merged, local: bool) -> Result<RegistrationMode, ConfigError> {
    let mode = parse_with(merged, "registration", |text| match text {
        "open" => Ok(RegistrationMode::Open),
        "invite" => Ok(RegistrationMode::Invite),
        "closed" => Ok(RegistrationMode::Closed),
        other => Err(format!("'{other}' is not open, invite or closed")),
    })?;
    Ok(mode.unwrap_or(if local { RegistrationMode::Open } else { RegistrationMode::Invite }))
}

fn tls(merged: &Merged) -> Result<Option<TlsFiles>, ConfigError> {
    let path = |name| merged.get(name).map(|(value, _)| PathBuf::from(value));
    match (path("tls-cert"), path("tls-key")) {
        (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key })),
        (None, None) => Ok(None),
        _ => Err(ConfigError::Conflict("--tls-cert and --tls-key go together; give both".to_owned())),
    }
}

fn log(merged: &Merged) -> Result<Log, ConfigError> {
    let level = required(merged, "log-level", |text| match text {
        "error" | "warn" | "info" | "debug" | "trace" => text.parse().map_err(|_| String::new()),
        other => Err(format!("'{other}' is not error, warn, info, debug or trace")),
    })?;
    let json = required(merged, "log-format", |text| match text {
        "text" => Ok(false),
        "json" => Ok(true),
        other => Err(format!("'{other}' is not text or json")),
    })?;
    Ok(Log { level, json })
}

fn limits(merged: &Merged) -> Result<Limits, ConfigError> {
    let number = "give a whole number";
    let seconds = |text: &str| match values::duration(text)? {
        time if time.is_zero() => Err("give at least 1s".to_owned()),
        time => Ok(time),
    };
    Ok(Limits {
        max_connections: required(merged, "max-connections", at_least_one)?,
        max_handshakes: required(merged, "max-handshakes", at_least_one)?,
        max_in_flight: required(merged, "max-in-flight", max_in_flight)?,
        request_memory: required(merged, "request-memory", request_memory)?,
        rate_per_address: parse(merged, "rate-per-address", number)?.ok_or_else(unset)?,
        starts_per_address: parse(merged, "starts-per-address", number)?.ok_or_else(unset)?,
        request_timeout: required(merged, "request-timeout", seconds)?,
    })
}

/// The data folder where none is set: the service manager's, the system's for root, else the user's.
fn default_data() -> Result<PathBuf, ConfigError> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(state) = folder("STATE_DIRECTORY") {
        return Ok(state);
    }
    if rustix::process::geteuid().is_root() {
        return Ok(PathBuf::from("/var/lib/rootcellar"));
    }
    let share = folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")));
    share
        .map(|share| share.join("rootcellar-server"))
        .ok_or_else(|| ConfigError::Conflict("no place for the data folder; give --data DIR".to_owned()))
}

fn networks(text: &str) -> Result<Vec<Network>, String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::parse).collect()
}

/// Room for a few of the largest requests.
fn request_memory(text: &str) -> Result<u64, String> {
    match values::size(text)? {
        bytes if bytes < 16 << 20 => Err("must be at least 16MiB".to_owned()),
        bytes => Ok(bytes),
    }
}

/// So many that an address's share of them holds a request that moves a snapshot.
fn max_in_flight(text: &str) -> Result<u64, String> {
    match at_least_one(text)? {
        slots if slots < LEAST_IN_FLIGHT => Err(format!("must be at least {LEAST_IN_FLIGHT}")),
        slots => Ok(slots),
    }
}

fn at_least_one<T: FromStr + PartialOrd + From<u8>>(text: &str) -> Result<T, String> {
    let number = text.parse::<T>().ok().filter(|number| *number >= T::from(1));
    number.ok_or_else(|| format!("'{text}' is no whole number from 1 on"))
}

fn parse<T: FromStr>(merged: &Merged, name: &'static str, hint: &str) -> Result<Option<T>, ConfigError> {
    parse_with(merged, name, |text| text.parse().map_err(|_| format!("'{text}' does not fit; {hint}")))
}

fn required<T, E: Display>(
    merged: &Merged,
    name: &'static str,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, ConfigError> {
    parse_with(merged, name, read)?.ok_or_else(unset)
}

fn parse_with<T, E: Display>(
    merged: &Merged,
    name: &'static str,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, ConfigError> {
    let Some((text, source)) = merged.get(name) else { return Ok(None) };
    let refuse = |reason: E| ConfigError::Value { name, source_name: source, reason: reason.to_string() };
    read(text).map(Some).map_err(refuse)
}
