//! What one address does to keep the others out. Each attacker holds as many connections as it gets, and opens another
//! one for each that the server closes.

use super::http2;
use super::wire::{Route, Wire};
use ed25519_dalek::{Signer, SigningKey};
use rootcellar_spec::request_signature::{
    Covered, INPUT_HEADER, Parameters, SESSION_HEADER, SIGNATURE_HEADER, signature_header,
};
use rootcellar_spec::{Timestamp, base64url, content_digest};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attack {
    /// 8 connections of HTTP/2, each with 32 requests whose bodies never end.
    UnfinishedBodies,
    /// 256 requests of HTTP/1.1 that withhold their last byte.
    WithheldBytes,
    /// 768 connections of HTTP/2 that ask for nothing and answer pings.
    Pings,
    /// 256 connections that ask on and on and never read.
    UnreadResponses,
    /// 32 connections of HTTP/2 with 32 responses each that the client has no window for.
    UnreadStreams,
    /// 768 connections with a request now and then, whatever the response.
    KeptConnections,
    /// 900 connections that begin no handshake.
    HalfOpenHandshakes,
    /// 256 bodies of 1 MiB for a route that needs a signature, without one.
    UnsignedSnapshots,
    /// 256 bodies of 1 MiB with a good signature of a key that the vault has never seen.
    StrangersSnapshots,
    /// The same, signed by a device that the vault knows.
    KnownSnapshots,
    /// Bodies of 16,500 chunks of one byte.
    TinyChunks,
}

impl Attack {
    pub(super) const ALL: &[Self] = &[
        Self::UnfinishedBodies,
        Self::WithheldBytes,
        Self::Pings,
        Self::UnreadResponses,
        Self::UnreadStreams,
        Self::KeptConnections,
        Self::HalfOpenHandshakes,
        Self::UnsignedSnapshots,
        Self::StrangersSnapshots,
        Self::KnownSnapshots,
        Self::TinyChunks,
    ];

    /// Those that reach the server through a proxy which passes on what it gets as it comes.
    pub(super) const THROUGH_A_PROXY: &[Self] = &[
        Self::UnfinishedBodies,
        Self::WithheldBytes,
        Self::UnreadStreams,
        Self::UnsignedSnapshots,
        Self::StrangersSnapshots,
        Self::KnownSnapshots,
        Self::TinyChunks,
    ];

    fn connections(self) -> usize {
        match self {
            Self::UnfinishedBodies => 8,
            Self::UnreadStreams => 32,
            Self::Pings | Self::KeptConnections => 768,
            Self::HalfOpenHandshakes => 900,
            Self::TinyChunks => 64,
            _ => 256,
        }
    }

    fn open(self, address: &str, route: &Route) -> Option<Connection> {
        let since = Instant::now();
        let protocol: &[u8] = match self {
            Self::HalfOpenHandshakes => {
                let stream = route.connect(address).ok()?;
                return Some(Connection { speech: Speech::HalfOpen(stream), since, is_counted: false });
            }
            Self::UnfinishedBodies | Self::Pings | Self::UnreadStreams => b"h2",
            _ => b"http/1.1",
        };
        let wire = route.open(address, protocol).ok()?;
        wire.set_nonblocking().ok()?;
        let speech = Speech::Speaking { wire, outbox: self.first_bytes(route), inbox: Vec::new() };
        Some(Connection { speech, since, is_counted: false })
    }

    /// What is sent as soon as there is a connection.
    fn first_bytes(self, route: &Route) -> Vec<u8> {
        let forwarded = route.forwarded_line();
        let post = |more: &str| {
            format!(
                "POST /v1/pairing HTTP/1.1\r\nHost: localhost\r\n{forwarded}Content-Type: application/json\r\n{more}\r\n"
            )
            .into_bytes()
        };
        let put = |headers: &[(&str, String)]| {
            let headers: String =
                headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let mut bytes = format!(
                "PUT {SNAPSHOT} HTTP/1.1\r\nHost: localhost\r\n{forwarded}{headers}Content-Length: 1048576\r\n\r\n"
            )
            .into_bytes();
            bytes.resize(bytes.len() + (1 << 20) - 1, 7);
            bytes
        };
        match self {
            Self::UnfinishedBodies => unfinished_bodies(route),
            Self::WithheldBytes => [post("Content-Length: 100\r\n"), vec![b' '; 99]].concat(),
            Self::Pings => http2::preface(65_535),
            Self::UnreadResponses => format!("GET /v1/vault HTTP/1.1\r\nHost: localhost\r\n{forwarded}\r\n")
                .repeat(2000)
                .into_bytes(),
            Self::UnreadStreams => unread_streams(route),
            Self::KeptConnections => KEPT.to_vec(),
            Self::HalfOpenHandshakes => Vec::new(),
            Self::UnsignedSnapshots => put(&[]),
            Self::StrangersSnapshots => put(&signature(&SigningKey::from_bytes(&[7; 32]), [7; 16])),
            Self::KnownSnapshots => put(&signature(&known_key(), KNOWN)),
            Self::TinyChunks => {
                [post("Transfer-Encoding: chunked\r\n"), b"1\r\n \r\n".repeat(16_500)].concat()
            }
        }
    }

    /// What is sent from time to time.
    fn more_bytes(self) -> Vec<u8> {
        match self {
            Self::UnfinishedBodies => (0..32).flat_map(|n| http2::data(2 * n + 1, b" ")).collect(),
            Self::KeptConnections => KEPT.to_vec(),
            _ => Vec::new(),
        }
    }

    fn reads(self) -> bool {
        !matches!(self, Self::UnreadResponses)
    }
}

const SNAPSHOT: &str = "/v1/account/snapshots/AAAAAAAAAAAAAAAAAAAAAA";
const KEPT: &[u8] = b"GET /v1/vault HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Half of them for a route that needs a signature, half for one that does not.
fn unfinished_bodies(route: &Route) -> Vec<u8> {
    let mut bytes = http2::preface(65_535);
    for n in 0..32 {
        let mut headers = vec![("content-type", "application/json".to_owned())];
        headers.extend(route.forwarded());
        let (method, path) = if n % 2 == 0 { ("PUT", SNAPSHOT) } else { ("POST", "/v1/pairing") };
        bytes.extend(http2::head(2 * n + 1, method, path, &headers, false));
        bytes.extend(http2::data(2 * n + 1, b"{"));
    }
    bytes
}

fn unread_streams(route: &Route) -> Vec<u8> {
    let mut bytes = http2::preface(0);
    for n in 0..32 {
        let headers: Vec<_> = route.forwarded().into_iter().collect();
        bytes.extend(http2::head(2 * n + 1, "GET", "/v1/vault", &headers, true));
    }
    bytes
}

/// A signature that verifies, by a key that says it is the device `id` of the account `id`.
fn signature(key: &SigningKey, id: [u8; 16]) -> Vec<(&'static str, String)> {
    let body = vec![7; 1 << 20];
    let digest = content_digest::of(&body);
    let session = format!("device.{}", base64url::encode(&[id, id].concat()));
    let covered = Covered {
        method: "PUT",
        authority: "localhost",
        path: SNAPSHOT,
        query: "",
        content_digest: &digest,
        session: Some(&session),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let parameters =
        Parameters { created: Timestamp(now), nonce: [7; 16], key: key.verifying_key().to_bytes() };
    let signature = key.sign(covered.signature_base(&parameters).as_bytes());
    vec![
        ("content-type", "application/octet-stream".to_owned()),
        (content_digest::HEADER, digest),
        (INPUT_HEADER, parameters.input_header(true)),
        (SIGNATURE_HEADER, signature_header(&signature.to_bytes())),
        (SESSION_HEADER, session),
    ]
}

/// The account and the device that the vault knows.
pub(super) const KNOWN: [u8; 16] = [8; 16];

pub(super) fn known_key() -> SigningKey {
    SigningKey::from_bytes(&[8; 32])
}

struct Connection {
    speech: Speech,
    since: Instant,
    is_counted: bool,
}

enum Speech {
    HalfOpen(TcpStream),
    Speaking { wire: Wire, outbox: Vec<u8>, inbox: Vec<u8> },
}

impl Connection {
    /// Sends and reads what it can. Whether the connection is still there.
    fn advance(&mut self, reads: bool) -> bool {
        match &mut self.speech {
            Speech::HalfOpen(stream) => {
                let _ = stream.set_nonblocking(true);
                stays(stream.read(&mut [0]).map(|read| read > 0))
            }
            Speech::Speaking { wire, outbox, inbox } => {
                while !outbox.is_empty() {
                    match wire.write(outbox) {
                        Ok(0) => return false,
                        Ok(sent) => drop(outbox.drain(..sent)),
                        Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                        Err(_) => return false,
                    }
                }
                !reads || read_all(wire, inbox)
            }
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        if let Speech::Speaking { outbox, .. } = &mut self.speech {
            outbox.extend_from_slice(bytes);
        }
    }

    fn answer_pings(&mut self) {
        if let Speech::Speaking { outbox, inbox, .. } = &mut self.speech {
            outbox.extend(http2::answer_pings(inbox));
        }
    }

    /// Whether the server has taken it, found out for the first time: it said something, or kept the connection for a while. One
    /// that it refuses is closed at once.
    fn is_newly_taken(&mut self, is_there: bool) -> bool {
        let is_taken = match &self.speech {
            Speech::HalfOpen(_) => is_there && self.since.elapsed() > KEPT_FOR,
            Speech::Speaking { wire, inbox, .. } => {
                !inbox.is_empty() || wire.has_answer() || is_there && self.since.elapsed() > KEPT_FOR
            }
        };
        is_taken && !std::mem::replace(&mut self.is_counted, true)
    }
}

/// Reads what there is. Whether the connection is still there.
fn read_all(wire: &mut Wire, inbox: &mut Vec<u8>) -> bool {
    let mut buffer = [0; 4096];
    loop {
        match wire.read(&mut buffer) {
            Ok(0) => return false,
            Ok(read) => inbox.extend_from_slice(&buffer[..read]),
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
    }
}

fn stays(read: std::io::Result<bool>) -> bool {
    read.unwrap_or_else(|error| error.kind() == ErrorKind::WouldBlock)
}

/// How long the server keeps a connection that it does not refuse.
const KEPT_FOR: Duration = Duration::from_secs(1);
/// With so many connections each attack begins, and so many the server must have taken before the rush.
const VANGUARD: usize = 6;
pub(super) const TAKEN: usize = 4;
/// Longest that the others wait for that.
const FORMING: Duration = Duration::from_secs(20);

/// Attacks in progress, each on a thread of its own.
pub(super) struct Attackers {
    ends: Arc<AtomicBool>,
    tallies: Arc<Vec<Tally>>,
    threads: Vec<JoinHandle<()>>,
}

/// What came of one attack.
#[derive(Default)]
struct Tally {
    tries: AtomicUsize,
    taken: AtomicUsize,
}

impl Attackers {
    /// Begins, and returns when each attacker has tried to open all its connections.
    pub(super) fn begin(address: &str, route: Route, attacks: &[Attack]) -> Self {
        let ends = Arc::new(AtomicBool::new(false));
        let tallies: Arc<Vec<Tally>> = Arc::new(attacks.iter().map(|_| Tally::default()).collect());
        let threads: Vec<_> = attacks
            .iter()
            .enumerate()
            .map(|(own, attack)| {
                let (address, attack, ends) = (address.to_owned(), *attack, ends.clone());
                let tallies = tallies.clone();
                spawn(move || carry_out(attack, &address, &route, &ends, (&tallies, own)))
            })
            .collect();
        for (attack, tally) in attacks.iter().zip(&*tallies) {
            while tally.tries.load(Ordering::Relaxed) < attack.connections() {
                sleep(Duration::from_millis(10));
            }
        }
        Self { ends, tallies, threads }
    }

    /// Ends them, and returns how many connections of each the server has taken.
    pub(super) fn end(self) -> Vec<usize> {
        self.ends.store(true, Ordering::Relaxed);
        self.threads.into_iter().for_each(|thread| thread.join().expect("an attacker does not fail"));
        self.tallies.iter().map(|tally| tally.taken.load(Ordering::Relaxed)).collect()
    }
}

fn carry_out(
    attack: Attack,
    address: &str,
    route: &Route,
    ends: &AtomicBool,
    (tallies, own): (&[Tally], usize),
) {
    let Tally { tries, taken } = &tallies[own];
    let mut connections: Vec<Connection> = Vec::new();
    let mut rounds = 0_u32;
    let began = Instant::now();
    let mut has_rushed = false;
    while !ends.load(Ordering::Relaxed) {
        // A few, so that each attack takes place; then a rush, and some each round for those that the server has closed.
        let missing = attack.connections() - connections.len();
        let is_formed = tallies.iter().all(|tally| tally.taken.load(Ordering::Relaxed) >= TAKEN);
        let opening = match (has_rushed, is_formed || began.elapsed() > FORMING) {
            (true, _) => missing.min(8),
            (false, true) => missing,
            (false, false) => VANGUARD.saturating_sub(connections.len()),
        };
        has_rushed |= is_formed || began.elapsed() > FORMING;
        for _ in 0..opening {
            if ends.load(Ordering::Relaxed) {
                return;
            }
            connections.extend(attack.open(address, route));
            tries.fetch_add(1, Ordering::Relaxed);
        }
        let is_time_for_more = rounds % 50 == 49;
        connections.retain_mut(|connection| {
            if is_time_for_more {
                connection.send(&attack.more_bytes());
            }
            if attack == Attack::Pings {
                connection.answer_pings();
            }
            let is_there = connection.advance(attack.reads());
            taken.fetch_add(usize::from(connection.is_newly_taken(is_there)), Ordering::Relaxed);
            is_there
        });
        sleep(Duration::from_millis(50));
        rounds += 1;
    }
}
