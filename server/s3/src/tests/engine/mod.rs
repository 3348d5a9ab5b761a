//! A small S3 server in memory with the differences between vendors and network failures. It is
//! atomic, and its clock is correct.

mod http;

pub(crate) use http::{Reply, Request};

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// The differences between vendors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    /// Whether ETags have quotes.
    pub(crate) quoted: bool,
    /// Status for a condition on a missing object.
    pub(crate) missing: u16,
    /// Status for the removal of a missing object.
    pub(crate) missing_delete: u16,
    /// Whether conditions have an effect.
    pub(crate) conditions: bool,
    /// Whether versions are kept, and whether the role may delete them.
    pub(crate) versions: Option<bool>,
}

/// A fault of one request.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    Nothing,
    /// Does nothing, and sends this response.
    Instead(Reply),
    /// Performs the request, and sends this response.
    DoneBut(Reply),
    /// The connection breaks, before or after the request is performed.
    Drop {
        done: bool,
    },
    /// No response, whether or not the request is performed.
    Hang {
        done: bool,
    },
    /// The body is truncated.
    Torn,
}

/// The server, until it is dropped.
#[derive(Clone)]
pub(crate) struct Engine {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    dialect: Dialect,
    objects: Mutex<BTreeMap<String, (Vec<u8>, u64)>>,
    written: Mutex<u64>,
    faults: Mutex<VecDeque<Fault>>,
    /// The response to all requests.
    always: Mutex<Option<Reply>>,
    requests: Mutex<Vec<String>>,
}

impl Dialect {
    /// AWS.
    pub(crate) const AWS: Self =
        Self { quoted: true, missing: 404, missing_delete: 404, conditions: true, versions: None };
}

impl Engine {
    pub(crate) async fn start(dialect: Dialect) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            dialect,
            objects: Mutex::default(),
            written: Mutex::default(),
            faults: Mutex::default(),
            always: Mutex::default(),
            requests: Mutex::default(),
        });
        let engine = Self { address, shared };
        let accepting = engine.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let engine = accepting.clone();
                tokio::spawn(async move { http::serve(stream, engine).await });
            }
        });
        engine
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Faults of the next requests that change something, in order.
    pub(crate) fn script(&self, faults: &[Fault]) {
        *self.shared.faults.lock().expect("no holder panics") = faults.iter().cloned().collect();
    }

    /// The response to all requests from now on. `None` for the normal ones.
    pub(crate) fn always(&self, reply: Option<Reply>) {
        *self.shared.always.lock().expect("no holder panics") = reply;
    }

    /// The requests since the last call, as `METHOD path`.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.shared.requests.lock().expect("no holder panics"))
    }

    pub(crate) fn objects(&self) -> Vec<String> {
        self.shared.objects.lock().expect("no holder panics").keys().cloned().collect()
    }

    /// Creates a foreign object.
    pub(crate) fn put(&self, name: &str, body: &str) {
        self.shared.objects.lock().expect("no holder panics").insert(name.to_owned(), (body.into(), 0));
    }

    fn fault(&self, request: &Request) -> Fault {
        self.shared
            .requests
            .lock()
            .expect("no holder panics")
            .push(format!("{} {}", request.method, request.path));
        if let Some(reply) = self.shared.always.lock().expect("no holder panics").clone() {
            return Fault::Instead(reply);
        }
        // Truncated bodies apply to reads, all other faults to writes.
        let mut faults = self.shared.faults.lock().expect("no holder panics");
        let is_due =
            faults.front().is_some_and(|fault| matches!(fault, Fault::Torn) == (request.method == "GET"));
        if is_due { faults.pop_front().unwrap_or(Fault::Nothing) } else { Fault::Nothing }
    }

    fn etag(&self, version: u64) -> String {
        if self.shared.dialect.quoted { format!("\"e{version}\"") } else { format!("e{version}") }
    }

    /// Performs a request.
    fn perform(&self, request: &Request) -> Reply {
        let Some((_, name)) =
            request.path.trim_start_matches('/').split_once('/').filter(|(_, name)| !name.is_empty())
        else {
            return self.list(request);
        };
        let mut objects = self.shared.objects.lock().expect("no holder panics");
        let found = objects.get(name).map(|(_, version)| *version);
        if let Some(refusal) = self.refusal(request, found) {
            return refusal;
        }
        match request.method.as_str() {
            "GET" => match objects.get(name) {
                Some((body, version)) => Reply::new(200, body.clone()).header("ETag", self.etag(*version)),
                None => Reply::error(404, "NoSuchKey"),
            },
            "PUT" => {
                let mut written = self.shared.written.lock().expect("no holder panics");
                *written += 1;
                objects.insert(name.to_owned(), (request.body.clone(), *written));
                let reply = Reply::new(200, vec![]).header("ETag", self.etag(*written));
                match self.shared.dialect.versions {
                    Some(_) => reply.header("x-amz-version-id", format!("v{written}")),
                    None => reply,
                }
            }
            _ => {
                objects.remove(name);
                Reply::new(204, vec![])
            }
        }
    }

    /// The response if a condition is not met or a permission is missing.
    fn refusal(&self, request: &Request, found: Option<u64>) -> Option<Reply> {
        let Dialect { missing, missing_delete, conditions, versions, .. } = self.shared.dialect;
        if !request.query("versionId").is_empty() && versions != Some(true) {
            return Some(Reply::error(403, "AccessDenied"));
        }
        let failed = || Some(Reply::error(412, "PreconditionFailed"));
        match (request.header("if-match"), request.header("if-none-match")) {
            _ if !conditions => None,
            (Some(_), _) if found.is_none() => {
                match if request.method == "PUT" { missing } else { missing_delete } {
                    404 => Some(Reply::error(404, "NoSuchKey")),
                    204 => Some(Reply::new(204, vec![])),
                    _ => failed(),
                }
            }
            (Some(tag), _) if Some(&tag) != found.map(tag_of).as_ref() => failed(),
            (_, Some(_)) if found.is_some() => failed(),
            _ => None,
        }
    }

    /// `ListObjectsV2`, with at most three objects per page, so that small tests have several.
    fn list(&self, request: &Request) -> Reply {
        let (prefix, after) = (request.query("prefix"), request.query("start-after"));
        let objects = self.shared.objects.lock().expect("no holder panics");
        let mut names = objects.iter().filter(|(name, _)| name.starts_with(&prefix) && **name > after);
        let page: Vec<_> = names.by_ref().take(3).collect();
        let mut body = format!("<ListBucketResult><IsTruncated>{}</IsTruncated>", names.next().is_some());
        for (name, (content, _)) in page {
            body += &format!(
                "<Contents><Key>{name}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><Size>{}</Size></Contents>",
                content.len()
            );
        }
        Reply::new(200, (body + "</ListBucketResult>").into_bytes())
    }
}

fn tag_of(version: u64) -> String {
    format!("e{version}")
}
