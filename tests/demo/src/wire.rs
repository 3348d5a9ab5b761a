//! A relay between the client and the vault that counts: the demo's round trips and sizes are what passed over the
//! wire, not what a program says of itself. Speaks the part of HTTP/1.1 that the two programs use on loopback.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// One request and its answer.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    /// Method and path.
    pub(super) what: String,
    /// Status of the response.
    pub(super) status: u16,
    /// Bytes of the request, head and body.
    pub(super) sent: usize,
    /// Bytes of the response, head and body.
    pub(super) received: usize,
    /// From the request's last byte to the response's last byte.
    pub(super) took: Duration,
}

/// What passed since the last look.
#[derive(Default)]
pub(super) struct Record {
    pub(super) exchanges: Vec<Exchange>,
    /// Every byte, both ways.
    pub(super) bytes: Vec<u8>,
}

#[derive(Default)]
struct Shared {
    vault: Mutex<Option<SocketAddr>>,
    record: Mutex<Record>,
}

/// The running relay; it ends with the process.
pub(super) struct Wire {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Wire {
    /// Listens on a free port of loopback.
    pub(super) fn open() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port on loopback")?;
        let address = listener.local_addr()?;
        let shared = Arc::<Shared>::default();
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&accepting);
                // A connection that breaks is the client's to report.
                std::thread::spawn(move || serve(client, &shared).ok());
            }
        });
        Ok(Self { address, shared })
    }

    /// Where clients find the vault.
    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the vault listens from now on.
    pub(super) fn lead_to(&self, vault: SocketAddr) {
        *locked(&self.shared.vault) = Some(vault);
    }

    /// Takes what passed since the last call.
    pub(super) fn take(&self) -> Record {
        std::mem::take(&mut *locked(&self.shared.record))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Relays one connection, a request and its answer at a time, until either side closes it.
fn serve(client: TcpStream, shared: &Shared) -> Result<()> {
    let vault = locked(&shared.vault).context("the vault does not run")?;
    let vault = TcpStream::connect(vault)?;
    client.set_nodelay(true)?;
    vault.set_nodelay(true)?;
    let (mut to_client, mut to_vault) = (client.try_clone()?, vault.try_clone()?);
    let (mut from_client, mut from_vault) = (BufReader::new(client), BufReader::new(vault));
    while let Some(request) = Message::read(&mut from_client)? {
        to_vault.write_all(&request.bytes)?;
        let began = Instant::now();
        let answer = Message::read(&mut from_vault)?.context("the vault closed the connection")?;
        let mut record = locked(&shared.record);
        record.bytes.extend_from_slice(&request.bytes);
        record.bytes.extend_from_slice(&answer.bytes);
        record.exchanges.push(Exchange {
            what: request.first_words(0, 2),
            status: answer.first_words(1, 1).parse().unwrap_or(0),
            sent: request.bytes.len(),
            received: answer.bytes.len(),
            took: began.elapsed(),
        });
        drop(record);
        to_client.write_all(&answer.bytes)?;
    }
    Ok(())
}

/// A whole request or answer.
struct Message {
    first_line: String,
    bytes: Vec<u8>,
}

impl Message {
    /// Reads head and body, or `None` where the connection ends before a message.
    fn read(from: &mut impl BufRead) -> Result<Option<Self>> {
        let mut bytes = Vec::new();
        let mut length = 0;
        let mut first_line = String::new();
        loop {
            let mut line = Vec::new();
            if from.read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            bytes.extend_from_slice(&line);
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            if line.is_empty() {
                break;
            }
            if first_line.is_empty() {
                first_line.clone_from(&line);
            }
            match line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim())) {
                Some((name, value)) if name == "content-length" => length = value.parse()?,
                Some((name, _)) if name == "transfer-encoding" => bail!("chunked bodies are not relayed"),
                _ => {}
            }
        }
        let head = bytes.len();
        bytes.resize(head + length, 0);
        from.read_exact(&mut bytes[head..])?;
        Ok(Some(Self { first_line, bytes }))
    }

    fn first_words(&self, skip: usize, take: usize) -> String {
        self.first_line.split_whitespace().skip(skip).take(take).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exchange_is_relayed_and_recorded() {
        let vault = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let wire = Wire::open().expect("a port");
        wire.lead_to(vault.local_addr().expect("bound"));
        let answering = std::thread::spawn(move || {
            let (stream, _) = vault.accept().expect("a connection");
            let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
            let request = Message::read(&mut reader).expect("readable").expect("a request");
            (&stream).write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nyes").expect("writable");
            request.bytes
        });
        let client = TcpStream::connect(wire.address).expect("the relay listens");
        let request = b"PUT /v1/x HTTP/1.1\r\ncontent-length: 5\r\n\r\nhello";
        (&client).write_all(request).expect("writable");
        let answer = Message::read(&mut BufReader::new(&client)).expect("readable").expect("an answer");
        assert!(answer.bytes.ends_with(b"yes"));
        assert_eq!(answering.join().expect("no panic"), request);
        let record = wire.take();
        assert_eq!(record.exchanges.len(), 1);
        assert_eq!((record.exchanges[0].what.as_str(), record.exchanges[0].status), ("PUT /v1/x", 201));
        assert_eq!(
            (record.exchanges[0].sent, record.exchanges[0].received),
            (request.len(), answer.bytes.len())
        );
        assert!(wire.take().exchanges.is_empty());
    }
}
