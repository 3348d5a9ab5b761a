//! A wire between client and vault, or between vault and bucket: counts what passes, and breaks it at a named request.

use crate::http::{Message, exchange};
use std::io::{BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What happens to a request.
pub enum Fault {
    /// The vault never sees it, and the client gets no answer.
    LoseRequest,
    /// The vault acts on it, and the client gets no answer.
    LoseResponse,
    /// The vault never sees it, and the client is told this with status 200.
    Pretend(Vec<u8>),
    /// The vault never sees it, and the client gets this status.
    Refuse(u16),
    /// The vault never sees it, and the client is told this with this status.
    Respond(u16, &'static str),
    /// The vault never sees it, and the client is told this with this status and this `Date`.
    ResponseAt(u16, &'static str, &'static str),
    /// The vault acts on it, and the client gets the response so much later.
    Late(Duration),
    /// The vault never sees it, the client gets no answer, and something else happens.
    Instead(Box<dyn FnOnce() + Send>),
    /// Something happens before the vault sees it.
    Before(Box<dyn FnOnce() + Send>),
    /// Something happens after the vault acted on it, before the client is told; the client gets no answer.
    After(Box<dyn FnOnce() + Send>),
    /// The body of the response is changed.
    Change(Box<dyn FnOnce(Vec<u8>) -> Vec<u8> + Send>),
}

struct Plan {
    fits: Box<dyn Fn(&str) -> bool + Send>,
    /// How many that fit pass before the one that is meant.
    passing: usize,
    fault: Option<Fault>,
    /// Whether a fault of the first three kinds meets every such request.
    always: bool,
}

#[derive(Default)]
struct Shared {
    vault: Option<SocketAddr>,
    plans: Vec<Plan>,
    passed: Vec<Passage>,
    /// How many have ever arrived.
    arrivals: usize,
}

/// A request that passed, and when.
struct Passage {
    number: usize,
    what: String,
    began: Instant,
    ended: Option<Instant>,
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

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
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

    /// How many requests have ever arrived.
    #[must_use]
    pub fn arrivals(&self) -> usize {
        self.locked().arrivals
    }

    /// Plans a fault for the next request whose method and path begin so.
    pub fn once(&self, request: &str, fault: Fault) {
        let request = request.to_owned();
        self.plan(move |passing| passing.starts_with(&request), 0, fault, false);
    }

    /// Plans a fault for every request whose method and path begin so, of those kinds that hold no action.
    pub fn always(&self, request: &str, fault: Fault) {
        let request = request.to_owned();
        self.plan(move |passing| passing.starts_with(&request), 0, fault, true);
    }

    /// Plans a fault for the `number`th request from now, 1 being the next, of those whose method and path fit.
    pub fn nth(&self, number: usize, fits: impl Fn(&str) -> bool + Send + 'static, fault: Fault) {
        assert!(number > 0, "the next request is the first");
        self.plan(fits, number - 1, fault, false);
    }

    fn plan(&self, fits: impl Fn(&str) -> bool + Send + 'static, passing: usize, fault: Fault, always: bool) {
        self.locked().plans.push(Plan { fits: Box::new(fits), passing, fault: Some(fault), always });
    }

    /// Lets everything pass again; returns whether every planned fault has happened or was to happen always.
    pub fn heal(&self) -> bool {
        let plans = std::mem::take(&mut self.locked().plans);
        plans.iter().all(|plan| plan.always || plan.fault.is_none())
    }

    /// Method and path of the requests since the last call.
    #[must_use]
    pub fn passed(&self) -> Vec<String> {
        self.take_passed().into_iter().map(|passage| passage.what).collect()
    }

    /// Method and path of the requests since the last call, and in how many steps they came: the length of the longest
    /// row of requests of which each came after the response to the one before.
    #[must_use]
    pub fn steps(&self) -> (Vec<String>, usize) {
        let mut passed = self.take_passed();
        passed.sort_by_key(|passage| passage.ended);
        let (mut steps, mut last) = (0, None);
        for passage in &passed {
            if last.is_none_or(|last| Some(passage.began) >= last) {
                steps += 1;
                last = Some(passage.ended);
            }
        }
        (passed.into_iter().map(|passage| passage.what).collect(), steps)
    }

    fn take_passed(&self) -> Vec<Passage> {
        std::mem::take(&mut self.locked().passed)
    }

    fn arrived(&self, what: &str) -> usize {
        let mut shared = self.locked();
        shared.arrivals += 1;
        let number = shared.arrivals;
        shared.passed.push(Passage { number, what: what.to_owned(), began: Instant::now(), ended: None });
        number
    }

    fn ended(&self, number: usize) {
        let mut shared = self.locked();
        if let Some(passage) = shared.passed.iter_mut().find(|passage| passage.number == number) {
            passage.ended = Some(Instant::now());
        }
    }

    fn locked(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fault_for(&self, request: &str) -> Option<Fault> {
        let mut shared = self.locked();
        let fits = |plan: &&mut Plan| plan.fault.is_some() && (plan.fits)(request);
        let plan = shared.plans.iter_mut().find(fits)?;
        if plan.passing > 0 {
            plan.passing -= 1;
            return None;
        }
        if !plan.always {
            return plan.fault.take();
        }
        match &plan.fault {
            Some(Fault::LoseRequest) => Some(Fault::LoseRequest),
            Some(Fault::LoseResponse) => Some(Fault::LoseResponse),
            Some(Fault::Pretend(body)) => Some(Fault::Pretend(body.clone())),
            Some(Fault::Refuse(status)) => Some(Fault::Refuse(*status)),
            Some(Fault::Respond(status, body)) => Some(Fault::Respond(*status, body)),
            Some(Fault::Late(delay)) => Some(Fault::Late(*delay)),
            _ => panic!("this fault can happen once only"),
        }
    }

    fn serve(&self, client: TcpStream) {
        let mut reader = BufReader::new(client.try_clone().expect("a socket"));
        while let Some(request) = Message::request(&mut reader) {
            let what = request.first_words();
            let number = self.arrived(&what);
            let answer = match self.fault_for(&what) {
                Some(Fault::LoseRequest) => None,
                Some(Fault::LoseResponse) => self.forward(&request).and(None),
                Some(Fault::Pretend(body)) => Some(Message::plain(200, &body)),
                Some(Fault::Refuse(status)) => Some(Message::plain(status, b"")),
                Some(Fault::Respond(status, body)) => Some(Message::plain(status, body.as_bytes())),
                Some(Fault::ResponseAt(status, date, body)) => {
                    Some(Message::plain(status, body.as_bytes()).with_header("Date", date))
                }
                Some(Fault::Late(delay)) => {
                    let answer = self.forward(&request);
                    thread::sleep(delay);
                    answer
                }
                Some(Fault::Instead(action)) => {
                    action();
                    None
                }
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
            self.ended(number);
            let stays =
                answer.is_some_and(|answer| (&client).write_all(&answer.bytes).is_ok() && !answer.is_last());
            if !stays {
                break;
            }
        }
        // The other side may be gone already.
        let _ = client.shutdown(Shutdown::Both);
    }

    /// Asks the vault; `None` where it does not answer.
    fn forward(&self, request: &Message) -> Option<Message> {
        let vault = self.locked().vault?;
        exchange(vault, request)
    }
}
