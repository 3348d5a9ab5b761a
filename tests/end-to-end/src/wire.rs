//! The wire between client and vault: counts what passes, and breaks it at a named request.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// What happens to a request.
pub enum Fault {
    /// The vault never sees it, and the client gets no answer.
    LoseRequest,
    /// The vault acts on it, and the client gets no answer.
    LoseAnswer,
    /// The vault never sees it, and the client is told this with status 200.
    Pretend(Vec<u8>),
    /// Something happens before the vault sees it.
    Before(Box<dyn FnOnce() + Send>),
    /// Something happens after the vault acted on it, before the client is told; the client gets no answer.
    After(Box<dyn FnOnce() + Send>),
    /// The body of the answer is changed.
    Change(Box<dyn FnOnce(Vec<u8>) -> Vec<u8> + Send>),
}

struct Plan {
    request: String,
    fault: Option<Fault>,
    /// Whether a fault of the first three kinds meets every such request.
    always: bool,
}

#[derive(Default)]
struct Shared {
    vault: Option<SocketAddr>,
    plans: Vec<Plan>,
    passed: Vec<String>,
}

/// A relay on a port of its own; it ends with the process.
#[derive(Clone)]
pub struct Wire {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

impl Wire {
    /// A wire to the vault at an address.
    #[must_use]
    pub fn to(vault: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Mutex::new(Shared { vault: Some(vault), ..Shared::default() }));
        let wire = Self { address, shared };
        let accepting = wire.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let wire = accepting.clone();
                thread::spawn(move || wire.serve(client));
            }
        });
        wire
    }

    /// Its origin.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Leads to another address from now on.
    pub fn turn_to(&self, vault: SocketAddr) {
        self.locked().vault = Some(vault);
    }

    /// Plans a fault for the next request whose method and path begin so.
    pub fn once(&self, request: &str, fault: Fault) {
        self.locked().plans.push(Plan { request: request.to_owned(), fault: Some(fault), always: false });
    }

    /// Plans a fault for every request whose method and path begin so: a lost one, a lost answer, or a pretence.
    pub fn always(&self, request: &str, fault: Fault) {
        self.locked().plans.push(Plan { request: request.to_owned(), fault: Some(fault), always: true });
    }

    /// Lets everything pass again; returns whether every planned fault has happened or was to happen always.
    pub fn heal(&self) -> bool {
        let plans = std::mem::take(&mut self.locked().plans);
        plans.iter().all(|plan| plan.always || plan.fault.is_none())
    }

    /// Method and path of the requests since the last call.
    #[must_use]
    pub fn passed(&self) -> Vec<String> {
        std::mem::take(&mut self.locked().passed)
    }

    fn locked(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn plan(&self, request: &str) -> Option<Fault> {
        let mut shared = self.locked();
        let fits = |plan: &&mut Plan| request.starts_with(&plan.request) && plan.fault.is_some();
        let plan = shared.plans.iter_mut().find(fits)?;
        if !plan.always {
            return plan.fault.take();
        }
        match &plan.fault {
            Some(Fault::LoseRequest) => Some(Fault::LoseRequest),
            Some(Fault::LoseAnswer) => Some(Fault::LoseAnswer),
            Some(Fault::Pretend(body)) => Some(Fault::Pretend(body.clone())),
            _ => panic!("this fault can happen once only"),
        }
    }

    fn serve(&self, client: TcpStream) {
        let mut reader = BufReader::new(client.try_clone().expect("a socket"));
        while let Some(request) = Message::read(&mut reader) {
            let what = request.first_words();
            self.locked().passed.push(what.clone());
            let answer = match self.plan(&what) {
                Some(Fault::LoseRequest) => None,
                Some(Fault::LoseAnswer) => self.forward(&request).and(None),
                Some(Fault::Pretend(body)) => Some(Message::ok(&body)),
                Some(Fault::Before(action)) => {
                    action();
                    self.forward(&request)
                }
                Some(Fault::After(action)) => {
                    let answer = self.forward(&request);
                    action();
                    answer.and(None)
                }
                Some(Fault::Change(change)) => self.forward(&request).map(|answer| answer.with_body(change)),
                None => self.forward(&request),
            };
            let told = answer.is_some_and(|answer| (&client).write_all(&answer.bytes).is_ok());
            if !told {
                break;
            }
        }
        // The other side may be gone already.
        let _ = client.shutdown(Shutdown::Both);
    }

    /// Asks the vault; `None` where it does not answer.
    fn forward(&self, request: &Message) -> Option<Message> {
        let vault = self.locked().vault?;
        let mut stream = TcpStream::connect(vault).ok()?;
        stream.write_all(&request.bytes).ok()?;
        Message::read(&mut BufReader::new(stream))
    }
}

/// A whole request or answer.
struct Message {
    bytes: Vec<u8>,
    body_at: usize,
}

impl Message {
    fn read(from: &mut impl BufRead) -> Option<Self> {
        let mut bytes = Vec::new();
        let mut length = 0;
        loop {
            let from_line = bytes.len();
            if from.read_until(b'\n', &mut bytes).ok()? == 0 {
                return None;
            }
            let line = String::from_utf8_lossy(&bytes[from_line..]).to_ascii_lowercase();
            if line.trim_end().is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let body_at = bytes.len();
        bytes.resize(body_at + length, 0);
        from.read_exact(&mut bytes[body_at..]).ok()?;
        Some(Self { bytes, body_at })
    }

    fn ok(body: &[u8]) -> Self {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        Self { body_at: head.len(), bytes: [head.as_bytes(), body].concat() }
    }

    fn first_words(&self) -> String {
        let head = String::from_utf8_lossy(&self.bytes[..self.body_at]);
        head.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    }

    /// The same head, with another body and its length.
    fn with_body(&self, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Self {
        let body = change(self.bytes[self.body_at..].to_vec());
        let head = String::from_utf8_lossy(&self.bytes[..self.body_at]).into_owned();
        let kept =
            head.trim_end().lines().filter(|line| !line.to_ascii_lowercase().starts_with("content-length:"));
        let mut bytes = kept.flat_map(|line| format!("{line}\r\n").into_bytes()).collect::<Vec<u8>>();
        bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
        let body_at = bytes.len();
        bytes.extend_from_slice(&body);
        Self { bytes, body_at }
    }
}
