//! The part of HTTP that the SDK uses.

use super::{Engine, Fault};
use std::time::SystemTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    query: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Request {
    /// A header, without the quotes of an entity tag.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let found = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        let value = found.map(|(_, value)| value.trim());
        let unquoted = |value: &'_ str| value.strip_prefix('"')?.strip_suffix('"').map(str::to_owned);
        value.map(|value| unquoted(value).unwrap_or_else(|| value.to_owned()))
    }

    pub(crate) fn query(&self, name: &str) -> String {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        let value = pairs.find(|(key, _)| *key == name).map(|(_, value)| value.replace("%2F", "/"));
        value.unwrap_or_default()
    }

    /// The next request of a connection. `None` at its end.
    async fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).ok()?;
        let mut lines = head.lines();
        let mut start = lines.next()?.split(' ');
        let (method, target) = (start.next()?.to_owned(), start.next()?);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect();
        let mut request =
            Self { method, path: path.to_owned(), query: query.to_owned(), headers, body: vec![] };
        let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        request.body = vec![0; length];
        stream.read_exact(&mut request.body).await.ok()?;
        Some(request)
    }
}

impl Reply {
    pub(crate) fn new(status: u16, body: Vec<u8>) -> Self {
        Self { status, headers: vec![], body }
    }

    /// An error in S3's format.
    pub(crate) fn error(status: u16, code: &str) -> Self {
        Self::new(status, format!("<Error><Code>{code}</Code><Message>no</Message></Error>").into_bytes())
    }

    pub(crate) fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    async fn write(self, stream: &mut TcpStream, torn: bool) -> Option<()> {
        let Self { status, headers, body } = self;
        let mut head =
            format!("HTTP/1.1 {status} X\r\nDate: {}\r\n", httpdate::fmt_http_date(SystemTime::now()));
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        if status != 204 {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).await.ok()?;
        let sent = if torn { &body[..body.len() / 2] } else { &body };
        stream.write_all(sent).await.ok()?;
        (!torn).then_some(())
    }
}

pub(super) async fn serve(mut stream: TcpStream, engine: Engine) -> Option<()> {
    loop {
        let request = Request::read(&mut stream).await?;
        let (reply, torn) = match engine.fault(&request) {
            Fault::Nothing => (engine.perform(&request), false),
            Fault::Instead(reply) => (reply, false),
            Fault::DoneBut(reply) => {
                engine.perform(&request);
                (reply, false)
            }
            fault @ (Fault::Drop { done } | Fault::Hang { done }) => {
                if done {
                    engine.perform(&request);
                }
                if matches!(fault, Fault::Hang { .. }) {
                    std::future::pending::<()>().await;
                }
                return None;
            }
            Fault::Torn => (engine.perform(&request), true),
        };
        reply.write(&mut stream, torn).await?;
    }
}
