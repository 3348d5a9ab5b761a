//! The part of HTTP that the SDK uses.

use super::{Engine, Fault};
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
        let mut head = format!("HTTP/1.1 {status} X\r\nDate: {}\r\n", date());
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

/// The current time in HTTP's format.
fn date() -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let now = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
    let (day, second) = (now / 86_400, now % 86_400);
    // Days since 1 March of year 0 (Howard Hinnant's algorithm).
    let shifted = day + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let date = of_year - (153 * from_march + 2) / 5 + 1;
    let month = (from_march + 2) % 12;
    let year = year_of_era + era * 400 + u64::from(month < 2);
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][day as usize % 7];
    let (hour, minute) = (second / 3600, second / 60 % 60);
    let month = MONTHS[month as usize];
    format!("{weekday}, {date:02} {month} {year} {hour:02}:{minute:02}:{:02} GMT", second % 60)
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
