//! A part of the test bucket for one vault, read by other eyes than the server's: in plain HTTP, without a signature, as
//! the test server allows for this bucket (`cargo xtask test` starts it, `cargo xtask s3` starts one to stay).

use crate::http::ask;
use rootcellar_client::{SystemRandomness, randomness};
use std::io::Write;
use std::net::SocketAddr;

/// The bucket of all tests.
const BUCKET: &str = "rootcellar-test";
/// Where the test server is, as a URL.
const ENDPOINT: &str = "ROOTCELLAR_TEST_S3";
/// `s3` puts every vault into the bucket.
const STORE: &str = "ROOTCELLAR_TEST_STORE";

/// A prefix in the test bucket of which nobody else knows.
#[derive(Clone, Debug)]
pub struct Bucket {
    server: SocketAddr,
    prefix: String,
}

/// Whether every vault is to be in the bucket.
pub(crate) fn is_wanted() -> bool {
    std::env::var_os(STORE).is_some_and(|store| store == "s3")
}

impl Bucket {
    /// A fresh one, or `None` where there is no test server; then says that `what` was left out.
    #[must_use]
    pub fn for_test_of(what: &str) -> Option<Self> {
        let bucket = Self::fresh();
        if bucket.is_none() {
            left_out(&format!("{what}: {ENDPOINT} names no S3 server"));
        }
        bucket
    }

    pub(crate) fn fresh() -> Option<Self> {
        let endpoint = std::env::var(ENDPOINT).ok()?;
        let server = endpoint.trim_end_matches('/').strip_prefix("http://").expect("plain HTTP");
        let server = server.parse().expect("an address and a port");
        let random: [u8; 8] = randomness::bytes(&mut SystemRandomness);
        let prefix = rootcellar_spec::hex::encode(&random);
        Some(Self { server, prefix: format!("end-to-end/{prefix}") })
    }

    /// Where its server is.
    #[must_use]
    pub fn server(&self) -> SocketAddr {
        self.server
    }

    /// How the command `copy` names it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("s3://{BUCKET}/{}", self.prefix)
    }

    /// What leads a vault here, over `server`: its own or a wire to it.
    #[must_use]
    pub fn arguments(&self, server: SocketAddr) -> [String; 8] {
        let endpoint = format!("http://{server}");
        [
            "--s3-bucket",
            BUCKET,
            "--s3-endpoint",
            &endpoint,
            "--s3-region",
            "us-east-1",
            "--s3-prefix",
            &self.prefix,
        ]
        .map(str::to_owned)
    }

    /// Names of all objects, in their order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        loop {
            let after =
                names.last().map_or(String::new(), |name| format!("&start-after={}/{name}", self.prefix));
            let path = format!("/{BUCKET}?list-type=2&prefix={}/{after}", self.prefix);
            let (status, page) = ask(self.server, "GET", &path, b"");
            let page = String::from_utf8(page).expect("XML");
            assert_eq!(status, 200, "the bucket can be listed without a signature: {page}");
            let keys = page.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>"));
            names.extend(keys.map(|(key, _)| key[self.prefix.len() + 1..].to_owned()));
            if !page.contains("<IsTruncated>true</IsTruncated>") {
                return names;
            }
        }
    }

    /// Every object with its bytes.
    #[must_use]
    pub fn objects(&self) -> Vec<(String, Vec<u8>)> {
        let read = |name: String| {
            let (status, body) = ask(self.server, "GET", &self.path(&name), b"");
            assert_eq!(status, 200, "{name}");
            (name, body)
        };
        self.names().into_iter().map(read).collect()
    }

    /// Another part with the same objects.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::fresh().expect("there is a server");
        for (name, body) in self.objects() {
            assert_eq!(ask(self.server, "PUT", &copy.path(&name), &body).0, 200, "{name}");
        }
        copy
    }

    fn path(&self, name: &str) -> String {
        format!("/{BUCKET}/{}/{name}", self.prefix)
    }
}

/// Says that a test cannot run on this machine, to whoever runs all of them.
pub(crate) fn left_out(what: &str) {
    let Some(file) = std::env::var_os("ROOTCELLAR_LEFT_OUT") else { return };
    let file = std::fs::OpenOptions::new().create(true).append(true).open(file);
    file.expect("it opens").write_all(format!("{what}\n").as_bytes()).expect("it takes a line");
}
