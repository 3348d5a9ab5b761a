//! The client's end of the admin socket.

use super::{LINE, Request, Response};
use crate::error_code::ErrorCode;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest wait for a response, and for sending a request.
const TIMEOUT: Duration = Duration::from_secs(12);
/// Longest wait for the next line of a sweep.
const LONG_TIMEOUT: Duration = Duration::from_secs(120);

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// No process listens on the socket.
    #[error(
        "No server responds on the admin socket {0}. Start the server, or give the --data or --admin-socket of the \
         running one."
    )]
    NoServer(PathBuf, #[source] io::Error),
    /// The socket belongs to another user.
    #[error("The admin socket {0} belongs to another user. Run this command as the server's user.")]
    NotYours(PathBuf, #[source] io::Error),
    /// The connection broke, timed out, or the response is not valid JSON.
    #[error("The server did not respond on the admin socket. See its log.")]
    Broken(#[source] io::Error),
}

impl From<&AskError> for ErrorCode {
    fn from(error: &AskError) -> Self {
        match error {
            AskError::NoServer(..) => Self::NoServer,
            AskError::NotYours(..) => Self::NotPermitted,
            AskError::Broken(_) => Self::NoResponse,
        }
    }
}

/// Sends one request to the server behind the socket and returns its response.
///
/// # Errors
/// If no server runs there, or it does not respond.
pub fn ask(socket: &Path, request: &Request) -> Result<Response, AskError> {
    let answers = send(connect(socket)?, request, TIMEOUT);
    answers.and_then(|mut answers| next(&mut answers)).map_err(AskError::Broken)
}

/// Sends one request and passes each of its responses to `hear`, until that returns `false`.
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
