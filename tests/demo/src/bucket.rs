//! The bucket of a running S3 server, read as anyone may read it: the test server allows that without a key.

use anyhow::{Context, Result, bail};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

/// The name of the environment variable that gives the endpoint of a running S3 server.
const ENDPOINT: &str = "ROOTCELLAR_TEST_S3";
/// The bucket that is there from the start.
pub(crate) const BUCKET: &str = "rootcellar-test";

/// A server on this machine.
pub(crate) struct Bucket {
    pub(crate) endpoint: String,
    port: u16,
}

impl Bucket {
    /// The server that the environment names, if it names one.
    pub(crate) fn named() -> Result<Option<Self>> {
        let Ok(endpoint) = std::env::var(ENDPOINT) else { return Ok(None) };
        let port = endpoint.rsplit(':').next().unwrap_or_default().trim_end_matches('/').parse();
        Ok(Some(Self { port: port.with_context(|| format!("{ENDPOINT} names no port"))?, endpoint }))
    }

    /// What leads a vault to a part of the bucket.
    pub(crate) fn arguments(&self, prefix: &str) -> Vec<String> {
        let arguments = ["--s3-bucket", BUCKET, "--s3-endpoint", &self.endpoint, "--s3-prefix", prefix];
        arguments.map(str::to_owned).to_vec()
    }

    /// Every object of a part of the bucket, in the order of names; a thousand at most.
    pub(crate) fn objects(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>> {
        let page = String::from_utf8(get(self.port, &format!("/{BUCKET}?list-type=2&prefix={prefix}/"))?)?;
        let keys = page.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>"));
        keys.map(|(key, _)| {
            let name = key.strip_prefix(prefix).unwrap_or(key).trim_start_matches('/');
            Ok((name.to_owned(), get(self.port, &format!("/{BUCKET}/{key}"))?))
        })
        .collect()
    }
}

/// The body of a resource of this machine, in plain HTTP.
pub(crate) fn get(port: u16, path: &str) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    // The older version has no chunks, and ends with the connection.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n")?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?;
    let end = response.windows(4).position(|window| window == b"\r\n\r\n").context("no head")?;
    let body = response.split_off(end + 4);
    let head = String::from_utf8_lossy(&response);
    if head.split(' ').nth(1) != Some("200") {
        bail!("GET {path}: {}", head.lines().next().unwrap_or_default());
    }
    Ok(body)
}
