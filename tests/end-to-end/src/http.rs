//! As much of HTTP/1.1 as passes between the programs on loopback: whole messages, with a length or in chunks.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A whole request or answer, as it passed.
#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) bytes: Vec<u8>,
    body_at: usize,
}

/// How a message's body ends.
#[derive(Clone, Copy)]
enum Body {
    Length(usize),
    Chunks,
    /// With the connection.
    Close,
}

impl Message {
    /// Reads a request; `None` where none comes.
    pub(crate) fn request(from: &mut impl BufRead) -> Option<Self> {
        Self::read(from, Body::Length(0))
    }

    /// Reads the response to a request; `None` where no whole one comes.
    pub(crate) fn answer_to(request: &Self, from: &mut impl BufRead) -> Option<Self> {
        let mut answer = Self::head(from)?;
        let bare = request.first_words().starts_with("HEAD ") || matches!(answer.status(), 204 | 304);
        if !bare {
            let body = answer.body(Body::Close)?;
            answer.take_body(from, body)?;
        }
        Some(answer)
    }

    fn read(from: &mut impl BufRead, without_length: Body) -> Option<Self> {
        let mut message = Self::head(from)?;
        let body = message.body(without_length)?;
        message.take_body(from, body)?;
        Some(message)
    }

    fn head(from: &mut impl BufRead) -> Option<Self> {
        let mut bytes = Vec::new();
        loop {
            if read_line(from, &mut bytes)? <= 2 {
                return Some(Self { body_at: bytes.len(), bytes });
            }
        }
    }

    fn body(&self, without_length: Body) -> Option<Body> {
        if self.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
            return Some(Body::Chunks);
        }
        match self.header("content-length") {
            Some(length) => length.parse().ok().map(Body::Length),
            None => Some(without_length),
        }
    }

    fn take_body(&mut self, from: &mut impl BufRead, body: Body) -> Option<()> {
        match body {
            Body::Length(length) => take(from, &mut self.bytes, length),
            Body::Close => from.read_to_end(&mut self.bytes).ok().map(|_| ()),
            Body::Chunks => loop {
                let at = self.bytes.len();
                read_line(from, &mut self.bytes)?;
                let size = String::from_utf8_lossy(&self.bytes[at..]).trim().to_owned();
                let size = usize::from_str_radix(size.split(';').next()?, 16).ok()?;
                take(from, &mut self.bytes, size + 2)?;
                if size == 0 {
                    return Some(());
                }
            },
        }
    }

    /// A response without much in it.
    pub(crate) fn plain(status: u16, body: &[u8]) -> Self {
        let head = format!(
            "HTTP/1.1 {status} Planned\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        Self { body_at: head.len(), bytes: [head.as_bytes(), body].concat() }
    }

    /// The same with one more header.
    pub(crate) fn with_header(&self, name: &str, value: &str) -> Self {
        let (head, body) = self.bytes.split_at(self.body_at);
        let head =
            [head.strip_suffix(b"\r\n").unwrap_or(head), format!("{name}: {value}\r\n\r\n").as_bytes()]
                .concat();
        Self { body_at: head.len(), bytes: [&head, body].concat() }
    }

    /// Method and path of a request.
    pub(crate) fn first_words(&self) -> String {
        let head = String::from_utf8_lossy(&self.bytes[..self.body_at]);
        head.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    }

    /// Status of a response; 0 where it has none.
    pub(crate) fn status(&self) -> u16 {
        let head = String::from_utf8_lossy(&self.bytes[..self.body_at]);
        head.split_whitespace().nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// The first header of this lower-case name.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let head = String::from_utf8_lossy(&self.bytes[..self.body_at]);
        let fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let mut own = fields.filter(|(other, _)| other.trim().eq_ignore_ascii_case(name));
        own.next().map(|(_, value)| value.trim().to_owned())
    }

    /// Whether the sender closes the connection after it.
    pub(crate) fn is_last(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    /// The same head, with another body and its length.
    pub(crate) fn with_body(&self, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Self {
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

    /// The body, without the marks of chunks.
    pub(crate) fn content(&self) -> Vec<u8> {
        let mut rest = &self.bytes[self.body_at..];
        if !matches!(self.body(Body::Close), Some(Body::Chunks)) {
            return rest.to_vec();
        }
        let mut content = Vec::new();
        while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
            let size = String::from_utf8_lossy(&rest[..end]).into_owned();
            let size = usize::from_str_radix(size.split(';').next().unwrap_or("0"), 16).unwrap_or(0);
            if size == 0 {
                break;
            }
            content.extend_from_slice(&rest[end + 2..end + 2 + size]);
            rest = &rest[end + 2 + size + 2..];
        }
        content
    }
}

/// Asks once, over a connection of its own; `None` where no whole answer comes.
pub(crate) fn exchange(address: SocketAddr, request: &Message) -> Option<Message> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_nodelay(true).ok()?;
    stream.write_all(&request.bytes).ok()?;
    Message::answer_to(request, &mut BufReader::new(stream))
}

/// Asks in plain HTTP, without a signature; status and content.
pub(crate) fn ask(address: SocketAddr, method: &str, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    let head = format!("{head}content-length: {}\r\n\r\n", body.len());
    let request = Message { body_at: head.len(), bytes: [head.as_bytes(), body].concat() };
    let answer = exchange(address, &request).expect("the address answers");
    (answer.status(), answer.content())
}

/// Appends a line, its end included; `None` at the end of the stream.
fn read_line(from: &mut impl BufRead, to: &mut Vec<u8>) -> Option<usize> {
    from.read_until(b'\n', to).ok().filter(|read| *read > 0)
}

fn take(from: &mut impl Read, to: &mut Vec<u8>, length: usize) -> Option<()> {
    let at = to.len();
    to.resize(at + length, 0);
    from.read_exact(&mut to[at..]).ok()
}

/// Longer than any answer takes: only a program that hangs meets it.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_of_every_kind_are_read_whole() {
        let request = Message::plain(0, b"");
        for (text, content) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1", "hello"),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\nHTTP",
                "hello",
            ),
            ("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1", ""),
            ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello", "hello"),
        ] {
            let answer = Message::answer_to(&request, &mut text.as_bytes()).expect("whole");
            assert_eq!(String::from_utf8_lossy(&answer.content()), content, "{text}");
        }
        let cut = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello";
        assert!(Message::answer_to(&request, &mut cut.as_bytes()).is_none());
    }
}
