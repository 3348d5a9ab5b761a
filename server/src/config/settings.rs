//! Every setting there is, once: its name as a flag, in the environment and in the file, its help and its default.

/// Prefix of all environment variables.
pub(super) const ENVIRONMENT: &str = "ROOTCELLAR_";
/// Variables with the prefix that belong to the client, which may share the environment.
pub(super) const FOREIGN: &[&str] = &[
    "ROOTCELLAR_HOME",
    "ROOTCELLAR_VAULT",
    "ROOTCELLAR_CA_FILE",
    "ROOTCELLAR_INVITE",
    "ROOTCELLAR_INVITE_FILE",
];
/// Names the settings file; a flag or in the environment, not in the file itself.
pub(super) const CONFIG: &str = "config";

/// One setting. Its flag is `--NAME`, its key in the file `NAME`, its variable `ROOTCELLAR_NAME` in capitals.
#[derive(Debug)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What stands for its value in help.
    pub placeholder: &'static str,
    /// What it does, with its default.
    pub help: &'static str,
    /// Its default, where that does not depend on others.
    pub default: Option<&'static str>,
    /// Whether the bare flag means `true`.
    pub switch: bool,
}

macro_rules! setting {
    ($name:literal, $placeholder:literal, $default:expr, $help:literal) => {
        Setting { name: $name, placeholder: $placeholder, help: $help, default: $default, switch: false }
    };
}

/// All settings, in the order of help.
pub const SETTINGS: &[Setting] = &[
    setting!("listen", "ADDR:PORT", Some("127.0.0.1:8787"), "Where to serve; port 0 takes a free one"),
    setting!(
        "data",
        "DIR",
        None,
        "Data folder [default: $STATE_DIRECTORY; else /var/lib/rootcellar for root; else \
         $XDG_DATA_HOME/rootcellar-server]"
    ),
    setting!("root-secret-file", "FILE", None, "The root secret [default: root-secret in the data folder]"),
    setting!(
        "s3-bucket",
        "NAME",
        None,
        "Keep the vault in this bucket of S3 instead of the data folder; credentials come from AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY, a profile, or the role of machine or container"
    ),
    setting!(
        "s3-endpoint",
        "URL",
        None,
        "Where the bucket is, if not at AWS, such as https://s3.example.org"
    ),
    setting!(
        "s3-region",
        "NAME",
        None,
        "Region of the bucket [default: AWS_REGION or the profile's; else us-east-1 with an endpoint]"
    ),
    setting!("s3-prefix", "PATH", None, "What the vault's names begin with in the bucket [default: nothing]"),
    setting!(
        "public-origin",
        "URL",
        None,
        "How clients reach the vault, such as https://vault.example.org; needed beyond loopback"
    ),
    setting!(
        "vault-id",
        "NAME",
        None,
        "The vault's lasting name, recorded at first start or by store init [default: host of the public origin]"
    ),
    setting!("registration", "MODE", None, "open, invite or closed [default: open on loopback, else invite]"),
    setting!("tls-cert", "FILE", None, "Certificate chain, PEM; with --tls-key serves HTTPS"),
    setting!("tls-key", "FILE", None, "Private key of the certificate, PEM"),
    Setting {
        name: "behind-tls-proxy",
        placeholder: "BOOL",
        help: "A proxy in front terminates TLS: allow plain HTTP beyond loopback",
        default: Some("false"),
        switch: true,
    },
    setting!(
        "trusted-proxies",
        "LIST",
        Some(""),
        "Addresses or networks, comma-separated, whose X-Forwarded-For is believed"
    ),
    setting!(
        "web",
        "FOLDER",
        None,
        "Serve the page that cargo xtask page built into this folder; hosting it apart is safer [default: no page]"
    ),
    setting!(
        "page-origins",
        "LIST",
        Some(""),
        "Origins, comma-separated, such as https://backup.example.org, whose pages may speak to the vault; a page that \
         it serves itself needs none"
    ),
    setting!("metrics-listen", "ADDR:PORT", None, "Where to serve Prometheus metrics [default: nowhere]"),
    setting!("admin-socket", "FILE", None, "Admin socket [default: admin.sock in the data folder]"),
    setting!("log-level", "LEVEL", Some("info"), "error, warn, info, debug or trace"),
    setting!("log-format", "FORMAT", Some("text"), "text or json"),
    setting!(
        "keep-days",
        "DAYS",
        Some("30"),
        "How long a snapshot stays restorable after a newer one superseded it, whatever a stolen device saves"
    ),
    setting!(
        "keep-snapshots",
        "N",
        Some("20"),
        "How many of an account's newest snapshots stay beyond keep-days while the account has room"
    ),
    setting!(
        "snapshots-per-account",
        "N",
        Some("1024"),
        "Maximum snapshots of an account: a quarter is reserved for logins, devices share the rest"
    ),
    setting!(
        "bytes-per-account",
        "BYTES",
        Some("256MiB"),
        "Maximum bytes of an account's snapshots, shared in the same way"
    ),
    setting!(
        "max-connections",
        "N",
        Some("768"),
        "Maximum open connections; one address may hold an eighth of them, a trusted proxy all"
    ),
    setting!(
        "max-handshakes",
        "N",
        Some("128"),
        "Maximum concurrent TLS handshakes; one address may hold an eighth of them, a trusted proxy all"
    ),
    setting!(
        "max-in-flight",
        "N",
        Some("256"),
        "Maximum concurrent requests, at least 128; one that moves a snapshot counts for 16; one address may have an eighth \
         of them; excess requests get 503"
    ),
    setting!(
        "request-memory",
        "BYTES",
        Some("32MiB"),
        "Memory for requests and responses, at least 16MiB; one address may hold an eighth of it; excess requests get \
         503"
    ),
    setting!("rate-per-address", "N", Some("600"), "Most requests a minute from one address; 0 for no limit"),
    setting!(
        "starts-per-address",
        "N",
        Some("20"),
        "Most tries a minute (login, registration, passphrase change) from one address or IPv6 /64; 0 for no limit"
    ),
    setting!("request-timeout", "TIME", Some("30s"), "Longest time for one request"),
    setting!(
        "new-names-per-minute",
        "N",
        Some("600"),
        "Most names a minute whose tries are all left and that are charged one, over all clients; many addresses \
         together can use it up"
    ),
    setting!(
        "sweep-interval",
        "TIME",
        Some("12h"),
        "How often what nobody uses any more is removed from the store; 0 for never (admin sweep does it then)"
    ),
    Setting {
        name: "read-only",
        placeholder: "BOOL",
        help: "Serve reads only, while the vault is moved: recovery codes work, nothing else does",
        default: Some("false"),
        switch: true,
    },
    setting!("reserve", "BYTES", Some("64MiB"), "Disk space that saves leave free; without a bucket only"),
];

impl Setting {
    /// Its environment variable.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("{ENVIRONMENT}{}", self.name.to_ascii_uppercase().replace('-', "_"))
    }

    /// The setting of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }
}

/// The setting that was probably meant: few letters are wrong, or the rest of the name is missing.
pub(super) fn nearest(name: &str) -> Option<&'static Setting> {
    let distance = |setting: &&Setting| strsim::damerau_levenshtein(name, setting.name);
    let like = |setting: &&Setting| distance(setting) <= (name.len() / 3).max(2);
    let begun = |setting: &&Setting| name.len() > 2 && setting.name.starts_with(name);
    SETTINGS.iter().filter(|setting| like(setting) || begun(setting)).min_by_key(distance)
}
