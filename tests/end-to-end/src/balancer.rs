//! A plain load balancer in front of several replicas: one request to each in turn, over connections that it keeps.
//!
//! It does what any does, and no more: a replica that refuses a connection is passed over, for nothing was sent to it; a
//! kept connection that the replica has closed is not used again; and what breaks after it was sent is not sent again.

use crate::http::Message;
use std::collections::HashMap;
use std::io::{BufReader, ErrorKind, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// A request, where it went, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Method and path.
    pub request: String,
    /// The replica; `None` where all refused.
    pub replica: Option<SocketAddr>,
    /// Status of the response; `None` where the connection broke before it was whole.
    pub status: Option<u16>,
}

#[derive(Default)]
struct Shared {
    replicas: Vec<SocketAddr>,
    turn: usize,
    passed: Vec<Passed>,
}

/// A balancer on a port of its own; it ends with the process.
#[derive(Clone)]
pub struct Balancer {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

/// A connection to a replica.
type Kept = BufReader<TcpStream>;

impl Balancer {
    /// A balancer before these replicas.
    #[must_use]
    pub fn before(replicas: &[SocketAddr]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Mutex::new(Shared { replicas: replicas.to_vec(), ..Shared::default() }));
        let balancer = Self { address, shared };
        let accepting = balancer.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let balancer = accepting.clone();
                thread::spawn(move || balancer.serve(&client));
            }
        });
        balancer
    }

    /// Its origin.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes a replica in.
    pub fn add(&self, replica: SocketAddr) {
        self.locked().replicas.push(replica);
    }

    /// Takes a replica out.
    pub fn remove(&self, replica: SocketAddr) {
        self.locked().replicas.retain(|other| *other != replica);
    }

    /// The requests since the last call.
    #[must_use]
    pub fn passed(&self) -> Vec<Passed> {
        std::mem::take(&mut self.locked().passed)
    }

    fn locked(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The replicas in the order in which to try them.
    fn turn(&self) -> Vec<SocketAddr> {
        let mut shared = self.locked();
        shared.turn += 1;
        let (turn, count) = (shared.turn, shared.replicas.len());
        (0..count).filter_map(|next| shared.replicas.get((turn + next) % count).copied()).collect()
    }

    fn serve(&self, client: &TcpStream) {
        client.set_nodelay(true).expect("a socket");
        let mut reader = BufReader::new(client);
        let mut kept = HashMap::new();
        while let Some(request) = Message::request(&mut reader) {
            let (replica, answer) = self.forward(&request, &mut kept);
            let status = answer.as_ref().map(Message::status);
            self.locked().passed.push(Passed { request: request.first_words(), replica, status });
            let Some(answer) = answer else { break };
            let mut client = client;
            if client.write_all(&answer.bytes).is_err() || answer.is_last() {
                break;
            }
        }
        // The other side may be gone already.
        let _ = client.shutdown(Shutdown::Both);
    }

    fn forward(
        &self,
        request: &Message,
        kept: &mut HashMap<SocketAddr, Kept>,
    ) -> (Option<SocketAddr>, Option<Message>) {
        for replica in self.turn() {
            let Some(mut connection) = kept.remove(&replica).filter(is_open).or_else(|| connect(replica))
            else {
                continue;
            };
            let sent = connection.get_mut().write_all(&request.bytes);
            let answer = sent.ok().and_then(|()| Message::answer_to(request, &mut connection));
            if answer.as_ref().is_some_and(|answer| !answer.is_last()) {
                kept.insert(replica, connection);
            }
            return (Some(replica), answer);
        }
        (None, None)
    }
}

fn connect(replica: SocketAddr) -> Option<Kept> {
    let stream = TcpStream::connect(replica).ok()?;
    stream.set_nodelay(true).ok()?;
    Some(BufReader::new(stream))
}

/// Whether the replica has not closed it. Nothing is to be read from it between a response and the next request.
fn is_open(kept: &Kept) -> bool {
    let stream = kept.get_ref();
    let look = || {
        stream.set_nonblocking(true)?;
        let seen = stream.peek(&mut [0]);
        stream.set_nonblocking(false)?;
        seen
    };
    look().is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}
