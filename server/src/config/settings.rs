//! All settings: name, help and default of each.

/// Prefix of all environment variables that are settings.
pub(super) const ENVIRONMENT: &str = "ROOTCELLAR_";
/// Variables with the prefix that belong to the client. They are ignored.
pub(super) const FOREIGN: &[&str] = &[
    "ROOTCELLAR_HOME",
    "ROOTCELLAR_VAULT",
    "ROOTCELLAR_CA_FILE",
    "ROOTCELLAR_INVITE",
    "ROOTCELLAR_INVITE_FILE",
];
/// The path of the settings file: a flag or a variable, but not a key in the file.
pub(super) const CONFIG: &str = "config";

/// One setting. The flag is `--NAME`, the key in the file `NAME`, and the variable `ROOTCELLAR_NAME` in
/// capitals, with `_` for `-`.
#[derive(Debug)]
pub struct Setting {
    /// In kebab case.
    pub name: &'static str,
    /// The value's name in the help, in capitals.
    pub placeholder: &'static str,
    /// One line. Includes the default only if that depends on other settings.
    pub help: &'static str,
    /// `None` if it has no default, or one that depends on other settings.
    pub default: Option<&'static str>,
    /// Whether the flag without a value means `true`.
    pub switch: bool,
}

macro_rules! setting {
    ($name:literal, $placeholder:literal, $default:expr, $help:literal) => {
        Setting { name: $name, placeholder: $placeholder, help: $help, default: $default, switch: false }
    };
}

/// All settings, in the order of help.
pub const SETTINGS: &[Setting] = &[
    setting!(
        "listen",
        "ADDR:PORT",
        Some("127.0.0.1:8787"),
        "Address to listen on; port 0 selects a free port"
    ),
    setting!(
        "data",
        "DIR",
        None,
        "Data folder [default: $STATE_DIRECTORY; else /var/lib/rootcellar for root; else \
         $XDG_DATA_HOME/rootcellar-server]"
    ),
    setting!(
        "root-secret-file",
        "FILE",
        None,
        "File of the root secret [default: root-secret in the data folder]"
    ),
    setting!(
        "s3-bucket",
        "NAME",
        None,
        "Store the vault in this S3 bucket instead of the data folder; credentials come from AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY, from a profile, or from the role of the machine or container"
    ),
    setting!(
        "s3-endpoint",
        "URL",
        None,
        "URL of the S3 service if it is not AWS, for example https://s3.example.org"
    ),
    setting!(
        "s3-region",
        "NAME",
        None,
        "Region of the bucket [default: AWS_REGION or the profile's region; else us-east-1 with --s3-endpoint]"
    ),
    setting!("s3-prefix", "PATH", None, "Prefix of the vault's object names in the bucket [default: none]"),
    setting!(
        "public-origin",
        "URL",
        None,
        "URL at which clients reach the vault, for example https://vault.example.org; required unless on loopback"
    ),
    setting!(
        "vault-id",
        "NAME",
        None,
        "The vault's permanent ID, recorded on first start or by store init [default: host of --public-origin]"
    ),
    setting!(
        "registration",
        "MODE",
        None,
        "Who may register: open, invite or closed [default: open on loopback, else invite]"
    ),
    setting!("tls-cert", "FILE", None, "Certificate chain in PEM; with --tls-key, serve HTTPS"),
    setting!("tls-key", "FILE", None, "Private key of the certificate in PEM"),
    Setting {
        name: "behind-tls-proxy",
        placeholder: "BOOL",
        help: "A proxy terminates TLS: allow plain HTTP on other addresses than loopback",
        default: Some("false"),
        switch: true,
    },
    setting!(
        "trusted-proxies",
        "LIST",
        Some(""),
        "Comma-separated addresses or networks of proxies whose X-Forwarded-For is trusted"
    ),
    setting!(
        "web",
        "FOLDER",
        None,
        "Folder of the web page to serve, built by cargo xtask page; hosting it separately is safer [default: none]"
    ),
    setting!(
        "page-origins",
        "LIST",
        Some(""),
        "Comma-separated origins whose pages may use the vault, for example https://backup.example.org; not needed for a \
         page served by --web"
    ),
    setting!("metrics-listen", "ADDR:PORT", None, "Address for Prometheus metrics [default: disabled]"),
    setting!(
        "admin-socket",
        "FILE",
        None,
        "Unix socket for admin commands [default: admin.sock in the data folder]"
    ),
    setting!("log-level", "LEVEL", Some("info"), "Lowest level to log: error, warn, info, debug or trace"),
    setting!("log-format", "FORMAT", Some("text"), "Log format: text or json"),
    setting!(
        "keep-days",
        "DAYS",
        Some("30"),
        "Days for which a superseded snapshot remains restorable, whatever a stolen device saves"
    ),
    setting!(
        "keep-snapshots",
        "N",
        Some("20"),
        "Newest snapshots of an account that remain after keep-days, if the account has space"
    ),
    setting!(
        "snapshots-per-account",
        "N",
        Some("1024"),
        "Maximum snapshots per account; a quarter is reserved for logins, and devices share the rest"
    ),
    setting!(
        "bytes-per-account",
        "BYTES",
        Some("256MiB"),
        "Maximum size of an account's snapshots, shared in the same way"
    ),
    setting!(
        "max-connections",
        "N",
        Some("768"),
        "Maximum open connections; one address may use an eighth of them, a trusted proxy all"
    ),
    setting!(
        "max-handshakes",
        "N",
        Some("128"),
        "Maximum concurrent TLS handshakes; one address may use an eighth of them, a trusted proxy all"
    ),
    setting!(
        "max-in-flight",
        "N",
        Some("256"),
        "Maximum concurrent requests, at least 128; a request with a snapshot counts as 16; one address may use an eighth \
         of them; excess requests get 503"
    ),
    setting!(
        "request-memory",
        "BYTES",
        Some("32MiB"),
        "Memory for requests and responses, at least 16MiB; one address may use an eighth of it; excess requests get 503"
    ),
    setting!(
        "rate-per-address",
        "N",
        Some("600"),
        "Maximum requests per minute from one address; 0 for no limit"
    ),
    setting!(
        "starts-per-address",
        "N",
        Some("20"),
        "Maximum logins, registrations and passphrase changes per minute from one address or IPv6 /64; 0 for no limit"
    ),
    setting!("request-timeout", "TIME", Some("30s"), "Maximum time for one request"),
    setting!(
        "new-names-per-minute",
        "N",
        Some("600"),
        "Maximum account names per minute, over all clients, that use their first attempt; limits how fast an attacker \
         with many addresses can try names"
    ),
    setting!(
        "sweep-interval",
        "TIME",
        Some("12h"),
        "How often to remove unused objects from the store; 0 to disable (then run admin sweep)"
    ),
    Setting {
        name: "read-only",
        placeholder: "BOOL",
        help: "Write nothing, while the vault is being moved: only restoring with a recovery code works",
        default: Some("false"),
        switch: true,
    },
    setting!("reserve", "BYTES", Some("64MiB"), "Disk space that saves leave free; only for a data folder"),
];

impl Setting {
    /// The name of its environment variable.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("{ENVIRONMENT}{}", self.name.to_ascii_uppercase().replace('-', "_"))
    }

    /// The setting with this name, in kebab case.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }
}

/// The most similar setting: a few letters differ, or the end of the name is missing.
pub(super) fn nearest(name: &str) -> Option<&'static Setting> {
    let distance = |setting: &&Setting| strsim::damerau_levenshtein(name, setting.name);
    let like = |setting: &&Setting| distance(setting) <= (name.len() / 3).max(2);
    let begun = |setting: &&Setting| name.len() > 2 && setting.name.starts_with(name);
    SETTINGS.iter().filter(|setting| like(setting) || begun(setting)).min_by_key(distance)
}
