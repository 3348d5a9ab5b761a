//! `healthcheck`: asks through the admin socket, which needs no certificate and no shell, then knocks at the door.

use rootcellar_server::admin::{Request, Response, ask};
use rootcellar_server::config::Config;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// A healthy server answers within this time.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The server is not healthy.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unhealthy {
    #[error("the server is not ready: {0}")]
    NotReady(String),
    #[error("the server does not answer on {0}")]
    NoResponse(SocketAddr, #[source] io::Error),
}

pub(crate) fn check(config: &Config) -> anyhow::Result<()> {
    let (address, tls) = match ask(&config.admin_socket, &Request::Health {})? {
        Response::Healthy { address, tls } => (address, tls),
        Response::Refused { reason } => return Err(Unhealthy::NotReady(reason).into()),
        _ => return Err(Unhealthy::NotReady("it gave another answer".to_owned()).into()),
    };
    let address = SocketAddr::new(reachable(address.ip()), address.port());
    knock(address, !tls).map_err(|error| Unhealthy::NoResponse(address, error))?;
    super::say("healthy")
}

/// Where a server that listens everywhere can be reached from its own machine.
fn reachable(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    }
}

/// Connects; over plain HTTP, asks for `/healthz` too.
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
    Err(io::Error::other("/healthz is not answered with 200"))
}
