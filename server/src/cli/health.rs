//! `healthcheck`: asks the server through the admin socket, then connects to its address.

use super::failure::Failure;
use rootcellar_server::admin::{Request, Response, ask};
use rootcellar_server::config::Config;
use rootcellar_server::error_code::ErrorCode;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// Longest time to connect, to write and to read.
const TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) fn check(config: &Config) -> anyhow::Result<()> {
    let (address, tls) = match ask(&config.admin_socket, &Request::Health {})? {
        Response::Healthy { address, tls } => (address, tls),
        Response::Refused { reason, .. } => {
            return Err(Failure::new(ErrorCode::NotReady, reason).into());
        }
        other => return super::admin::refused(other),
    };
    let address = SocketAddr::new(reachable(address.ip()), address.port());
    knock(address, !tls).map_err(|error| {
        let text = format!("The server does not respond on {address}. See its log.");
        Failure::new(ErrorCode::NoResponse, text).caused_by(error)
    })?;
    super::say("healthy")
}

/// The loopback address, for a server that listens on all addresses.
fn reachable(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    }
}

/// Connects to the server. Over plain HTTP, it also requests `/healthz`.
fn knock(address: SocketAddr, plain: bool) -> io::Result<()> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    if !plain {
        return Ok(());
    }
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(
        format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes(),
    )?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    if status == *b"HTTP/1.1 200" {
        return Ok(());
    }
    Err(io::Error::other("the status of /healthz is not 200"))
}
