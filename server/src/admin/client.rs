//! The administrator's end of the admin socket.

use super::{LINE, Request, Response};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A server that runs answers within this time.
const TIMEOUT: Duration = Duration::from_secs(12);
/// While something goes on, there is news within this time.
const LONG_TIMEOUT: Duration = Duration::from_secs(120);

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
pub fn ask(socket: &Path, request: &Request) -> Result<Response, AskError> {
    let answers = send(connect(socket)?, request, TIMEOUT);
    answers.and_then(|mut answers| next(&mut answers)).map_err(AskError::Broken)
}

/// Asks for something that takes its time, and hands on every answer until one of them is the last: `hear` returns
/// whether there are more.
///
/// # Errors
/// As [`ask`].
pub fn follow(
    socket: &Path,
    request: &Request,
    mut hear: impl FnMut(Response) -> bool,
) -> Result<(), AskError> {
    let mut answers = send(connect(socket)?, request, LONG_TIMEOUT).map_err(AskError::Broken)?;
    while hear(next(&mut answers).map_err(AskError::Broken)?) {}
    Ok(())
}

fn connect(socket: &Path) -> Result<UnixStream, AskError> {
    UnixStream::connect(socket).map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => AskError::NotYours(socket.to_owned(), error),
        _ => AskError::NoServer(socket.to_owned(), error),
    })
}

type Responses = BufReader<io::Take<UnixStream>>;

fn send(mut stream: UnixStream, request: &Request, longest: Duration) -> io::Result<Responses> {
    stream.set_read_timeout(Some(longest))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    Ok(BufReader::new(stream.take(LINE)))
}

fn next(answers: &mut Responses) -> io::Result<Response> {
    let mut answer = String::new();
    answers.get_mut().set_limit(LINE);
    answers.read_line(&mut answer)?;
    Ok(serde_json::from_str(&answer)?)
}
