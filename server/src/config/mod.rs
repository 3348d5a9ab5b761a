//! The settings of the server, from flags, environment, file and defaults, validated as a whole.

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
pub use values::duration;

use crate::admission::LEAST_IN_FLIGHT;
use crate::middleware::PageOrigins;
use ipnet::IpNet;
use rootcellar_spec::wire::vault::RegistrationMode;
use rootcellar_spec::{VaultId, vault_id};
use rootcellar_vault::retention::Retention;
use std::fmt::Display;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use url::Url;

/// The validated settings of a server.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The data folder. Contains the store, unless that is a bucket.
    pub data: PathBuf,
    /// The file of the root secret, which has 64 hexadecimal digits.
    pub root_secret_file: PathBuf,
    /// The bucket that contains the vault. `None` if the data folder does.
    pub bucket: Option<Bucket>,
    /// The URL at which clients reach the vault, if set.
    pub public_origin: Option<Url>,
    /// The vault ID for a new vault.
    pub vault_id: VaultId,
    /// Whether `--vault-id` is set, so that the recorded vault ID must be equal to it.
    pub vault_id_is_set: bool,
    /// Who may register.
    pub registration: RegistrationMode,
    /// Certificate and key, if the server itself speaks TLS.
    pub tls: Option<TlsFiles>,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// The folder of the page to serve.
    pub web: Option<PathBuf>,
    /// Other origins whose pages may use the vault.
    pub page_origins: PageOrigins,
    /// The address for metrics, if enabled.
    pub metrics_listen: Option<SocketAddr>,
    /// The path of the admin socket.
    pub admin_socket: PathBuf,
    /// Level and format of the log.
    pub log: Log,
    /// How long snapshots are kept, and the size of an account.
    pub retention: Retention,
    /// Limits on connections and requests.
    pub limits: Limits,
    /// Maximum guess budgets created per minute.
    pub new_names_per_minute: u32,
    /// Pause between two sweeps. `None` if they are disabled.
    pub sweep_interval: Option<Duration>,
    /// Whether the server writes nothing, because the vault is being moved.
    pub read_only: bool,
    /// Disk space that saves leave free, in bytes.
    pub reserve: u64,
}

/// The PEM files of certificate and key.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate chain, with the server's certificate first.
    pub certificate: PathBuf,
    /// The private key of the server's certificate.
    pub key: PathBuf,
}

/// Level and format of the log.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    /// The lowest level that is written.
    pub level: tracing::Level,
    /// Whether lines are JSON.
    pub json: bool,
}

/// Limits on connections and requests. [`crate::admission`] explains the shares.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Maximum open connections.
    pub max_connections: u64,
    /// Maximum concurrent TLS handshakes.
    pub max_handshakes: u64,
    /// Maximum slots for requests in progress.
    pub max_in_flight: u64,
    /// Maximum bytes of requests and responses in memory.
    pub request_memory: u64,
    /// Maximum requests per minute from one address; 0 for no limit.
    pub rate_per_address: u32,
    /// Maximum first requests of logins, registrations and passphrase changes per minute from one
    /// address; 0 for no limit.
    pub starts_per_address: u32,
    /// Maximum time for one request.
    pub request_timeout: Duration,
}

impl Config {
    /// Reads every value and checks that they are consistent.
    ///
    /// # Errors
    /// [`ConfigError::Value`] and [`ConfigError::Conflict`], with the setting, the source of its
    /// value and a valid example.
    pub fn read(merged: &Merged) -> Result<Self, ConfigError> {
        let listen: SocketAddr =
            parse(merged, "listen", "address", "use ADDRESS:PORT, for example 127.0.0.1:8787")?
                .ok_or_else(unset)?;
        let data = match merged.get("data") {
            Some((value, _)) => PathBuf::from(value),
            None => default_data()?,
        };
        let public_origin = parse_with(merged, "public-origin", values::origin)?;
        let tls = tls(merged)?;
        let behind_proxy = parse(merged, "behind-tls-proxy", "value", "use true or false")?.unwrap_or(false);
        check_reach(listen, public_origin.as_ref(), tls.is_some(), behind_proxy)?;
        let named: Option<VaultId> = parse_with(merged, "vault-id", |text| {
            VaultId::try_from(text.to_owned())
                .map_err(|error| format!("Invalid vault ID \"{text}\": {error}"))
        })?;
        let local = listen.ip().is_loopback()
            && !behind_proxy
            && public_origin.as_ref().is_none_or(vault_id::is_loopback);
        let path = |name, default| merged.get(name).map_or(data.join(default), |(value, _)| value.into());
        let at_most = "use an integer from 0 to 4294967295";
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
            metrics_listen: parse(
                merged,
                "metrics-listen",
                "address",
                "use ADDRESS:PORT, for example 127.0.0.1:9187",
            )?,
            admin_socket: path("admin-socket", "admin.sock"),
            log: log(merged)?,
            retention: retention::read(merged)?,
            limits: limits(merged)?,
            new_names_per_minute: parse(merged, "new-names-per-minute", "number", at_most)?
                .ok_or_else(unset)?,
            sweep_interval: required(merged, "sweep-interval", values::interval)?,
            read_only: parse(merged, "read-only", "value", "use true or false")?.unwrap_or(false),
            reserve: required(merged, "reserve", values::size)?,
            data,
        })
    }

    /// The path of the embedded store, `vault.redb` in the data folder.
    #[must_use]
    pub fn store_file(&self) -> PathBuf {
        self.data.join("vault.redb")
    }
}

fn unset() -> ConfigError {
    ConfigError::Conflict("A setting has no value. This is a bug; please report it.".to_owned())
}

fn no_vault_id() -> ConfigError {
    ConfigError::Conflict("The host of --public-origin is not a valid vault ID. Set --vault-id.".to_owned())
}

/// Refuses plain HTTP on other addresses than loopback without a proxy, and such an address without
/// a public origin.
fn check_reach(
    listen: SocketAddr,
    public_origin: Option<&Url>,
    tls: bool,
    behind_proxy: bool,
) -> Result<(), ConfigError> {
    let refuse = |text: &str| Err(ConfigError::Conflict(text.to_owned()));
    if tls && behind_proxy {
        return refuse("--behind-tls-proxy and --tls-cert exclude each other. Remove one of them.");
    }
    if !listen.ip().is_loopback() && !tls && !behind_proxy {
        return refuse(
            "Plain HTTP is served only on loopback addresses. Set --tls-cert and --tls-key, or --behind-tls-proxy if a \
             proxy terminates TLS.",
        );
    }
    if (!listen.ip().is_loopback() || behind_proxy) && public_origin.is_none() {
        return refuse(
            "A vault that is not on loopback needs --public-origin https://HOST, because clients sign their requests \
             for it.",
        );
    }
    let plain = |origin: &Url| origin.scheme() == "http" && !vault_id::is_loopback(origin);
    if public_origin.is_some_and(plain) {
        return refuse("Clients accept http: only on loopback. Use a --public-origin with https:.");
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
        other => Err(format!("Invalid mode \"{other}\": use open, invite or closed.")),
    })?;
    Ok(mode.unwrap_or(if local { RegistrationMode::Open } else { RegistrationMode::Invite }))
}

fn tls(merged: &Merged) -> Result<Option<TlsFiles>, ConfigError> {
    let path = |name| merged.get(name).map(|(value, _)| PathBuf::from(value));
    match (path("tls-cert"), path("tls-key")) {
        (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key })),
        (None, None) => Ok(None),
        _ => Err(ConfigError::Conflict("--tls-cert and --tls-key need each other. Set both.".to_owned())),
    }
}

fn log(merged: &Merged) -> Result<Log, ConfigError> {
    let level = required(merged, "log-level", |text| match text {
        "error" | "warn" | "info" | "debug" | "trace" => text.parse().map_err(|_| String::new()),
        other => Err(format!("Invalid level \"{other}\": use error, warn, info, debug or trace.")),
    })?;
    let json = required(merged, "log-format", |text| match text {
        "text" => Ok(false),
        "json" => Ok(true),
        other => Err(format!("Invalid format \"{other}\": use text or json.")),
    })?;
    Ok(Log { level, json })
}

fn limits(merged: &Merged) -> Result<Limits, ConfigError> {
    let number = "use an integer from 0 to 4294967295";
    let seconds = |text: &str| match values::duration(text)? {
        time if time.is_zero() => Err("Must be at least 1s.".to_owned()),
        time => Ok(time),
    };
    Ok(Limits {
        max_connections: required(merged, "max-connections", at_least_one)?,
        max_handshakes: required(merged, "max-handshakes", at_least_one)?,
        max_in_flight: required(merged, "max-in-flight", max_in_flight)?,
        request_memory: required(merged, "request-memory", request_memory)?,
        rate_per_address: parse(merged, "rate-per-address", "number", number)?.ok_or_else(unset)?,
        starts_per_address: parse(merged, "starts-per-address", "number", number)?.ok_or_else(unset)?,
        request_timeout: required(merged, "request-timeout", seconds)?,
    })
}

/// The default data folder: the service manager's, the system's for root, or the user's.
fn default_data() -> Result<PathBuf, ConfigError> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(state) = folder("STATE_DIRECTORY") {
        return Ok(state);
    }
    if rustix::process::geteuid().is_root() {
        return Ok(PathBuf::from("/var/lib/rootcellar"));
    }
    let share = folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")));
    share.map(|share| share.join("rootcellar-server")).ok_or_else(|| {
        ConfigError::Conflict(
            "There is no default data folder, because HOME is not set. Set --data.".to_owned(),
        )
    })
}

fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(values::network).collect()
}

/// At least enough for a few of the largest requests.
fn request_memory(text: &str) -> Result<u64, String> {
    match values::size(text)? {
        bytes if bytes < 16 << 20 => Err("Must be at least 16MiB.".to_owned()),
        bytes => Ok(bytes),
    }
}

/// At least so many that one address's share is enough for a request with a snapshot.
fn max_in_flight(text: &str) -> Result<u64, String> {
    match at_least_one(text)? {
        slots if slots < LEAST_IN_FLIGHT => Err(format!("Must be at least {LEAST_IN_FLIGHT}.")),
        slots => Ok(slots),
    }
}

fn at_least_one<T: FromStr + PartialOrd + From<u8>>(text: &str) -> Result<T, String> {
    let number = text.parse::<T>().ok().filter(|number| *number >= T::from(1));
    number.ok_or_else(|| format!("Invalid number \"{text}\": must be an integer of at least 1."))
}

fn parse<T: FromStr>(
    merged: &Merged,
    name: &'static str,
    what: &str,
    hint: &str,
) -> Result<Option<T>, ConfigError> {
    parse_with(merged, name, |text| text.parse().map_err(|_| format!("Invalid {what} \"{text}\": {hint}.")))
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
