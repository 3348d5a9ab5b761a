//! The administrator's end of the admin socket.

use super::{Answer, LINE, Request};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A server that runs answers within this time.
const PATIENCE: Duration = Duration::from_secs(12);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// Nobody listens there.
    #[error(
        "no server answers on the admin socket {0}; start it, or point --data or --admin-socket at the one that runs"
    )]
    NoServer(PathBuf, #[source] io::Error),
    /// The socket belongs to another user.
    #[error("the admin socket {0} belongs to another user; run this command as the server's user")]
    NotYours(PathBuf, #[source] io::Error),
    /// The connection broke.
    #[error("the server did not answer on the admin socket; see its log")]
    Broken(#[source] io::Error),
}

/// Asks the server behind the socket.
///
/// # Errors
/// When no server runs there, or it does not answer.
pub fn ask(socket: &Path, request: &Request) -> Result<Answer, AskError> {
    let stream = UnixStream::connect(socket).map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => AskError::NotYours(socket.to_owned(), error),
        _ => AskError::NoServer(socket.to_owned(), error),
    })?;
    exchange(stream, request).map_err(AskError::Broken)
}

fn exchange(mut stream: UnixStream, request: &Request) -> io::Result<Answer> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    BufReader::new(stream.take(LINE)).read_line(&mut answer)?;
    Ok(serde_json::from_str(&answer)?)
}
