//! The server's end of the admin socket.

use super::{INVITE_LIFETIME, Invite, LINE, Request, Response, Status, sweep};
use crate::error_code::ErrorCode;
use crate::serve::{Stop, health, stopped};
use crate::state::AppState;
use rootcellar_vault::invite;
use rootcellar_vault::keys::Fingerprint;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::WriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

/// Longest time for reading a request, working on it, or writing a response. A sweep may take longer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Refuses what a read-only server cannot do.
const READ_ONLY: &str = "This server runs with --read-only and writes nothing, because its vault is being moved. \
                         Retry on the server that serves the vault afterwards.";

/// Why the admin socket cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdminError {
    /// Another process listens on it.
    #[error("Another server uses the admin socket {0}. Stop that server, or choose another --admin-socket.")]
    InUse(PathBuf),
    /// The path is not a socket.
    #[error("{0} exists and is not a socket. Move it, or choose another --admin-socket.")]
    NoSocket(PathBuf),
    /// The system refuses to create it.
    #[error("Cannot create the admin socket {0}. Choose another --admin-socket.")]
    Bind(PathBuf, #[source] io::Error),
}

impl From<&AdminError> for ErrorCode {
    fn from(_: &AdminError) -> Self {
        Self::AdminSocketUnusable
    }
}

/// What [`Response::Status`] reports about the server, apart from the store.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Where it listens.
    pub address: SocketAddr,
    /// Whether it speaks TLS there.
    pub tls: bool,
    /// Where it serves metrics, if enabled.
    pub metrics_address: Option<SocketAddr>,
    /// Of its root secret.
    pub fingerprint: Fingerprint,
    /// When it started.
    pub started: Instant,
    /// Whether it runs with `--read-only`.
    pub read_only: bool,
}

/// A bound socket. Dropping it removes its file.
#[derive(Debug)]
pub struct AdminSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl AdminSocket {
    /// Creates the socket with mode 0600. Replaces a socket that no process listens on.
    ///
    /// # Errors
    /// If another process listens on it, or it cannot be created.
    pub fn bind(path: &Path) -> Result<Self, AdminError> {
        clear(path)?;
        let failed = |error| AdminError::Bind(path.to_owned(), error);
        // The umask keeps other users out from the moment that the file exists.
        let mask = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o177));
        let bound = UnixListener::bind(path);
        rustix::process::umask(mask);
        let listener = bound.map_err(failed)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
        Ok(Self { listener, path: path.to_owned() })
    }

    /// Serves connections until `stop`.
    pub async fn serve(self, state: AppState, about: About, mut stop: Stop) {
        loop {
            let stream = tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        tracing::warn!(event = "admin-accept-failed", %error, "An admin connection could not be accepted.");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    }
                },
                () = stopped(&mut stop) => return,
            };
            let (state, stop) = (state.clone(), stop.clone());
            tokio::spawn(async move {
                if exchange(stream, &state, about, &stop).await.is_err() {
                    tracing::debug!(event = "admin-connection-ended", "An admin connection ended early.");
                }
            });
        }
    }
}

impl Drop for AdminSocket {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Removes a socket that an earlier server left behind.
fn clear(path: &Path) -> Result<(), AdminError> {
    match std::fs::symlink_metadata(path) {
        Err(_) => Ok(()),
        Ok(found) if !found.file_type().is_socket() => Err(AdminError::NoSocket(path.to_owned())),
        Ok(_) if std::os::unix::net::UnixStream::connect(path).is_ok() => {
            Err(AdminError::InUse(path.to_owned()))
        }
        Ok(_) => std::fs::remove_file(path).map_err(|error| AdminError::Bind(path.to_owned(), error)),
    }
}

async fn exchange(mut stream: UnixStream, state: &AppState, about: About, stop: &Stop) -> io::Result<()> {
    let (read, mut write) = stream.split();
    let mut lines = BufReader::new(read.take(LINE));
    let mut line = String::new();
    while timeout(TIMEOUT, lines.read_line(&mut line)).await?? > 0 {
        match serde_json::from_str(&line) {
            Ok(Request::Sweep { apply: true, .. }) if about.read_only => {
                tell(&mut write, &refused(ErrorCode::ReadOnly, READ_ONLY)).await?
            }
            Ok(Request::Sweep { apply, names }) => sweep::run(&mut write, state, apply, names, stop).await?,
            Ok(request) => {
                let answer = timeout(TIMEOUT, answer(request, state, about)).await?;
                tell(&mut write, &answer).await?;
            }
            Err(_) => {
                let reason = "This server does not know the request. Use a client of the server's version.";
                tell(&mut write, &refused(ErrorCode::RequestUnknown, reason)).await?;
            }
        }
        line.clear();
        lines.get_mut().set_limit(LINE);
    }
    Ok(())
}

/// Writes one response line.
pub(super) async fn tell(write: &mut WriteHalf<'_>, answer: &Response) -> io::Result<()> {
    let mut text = serde_json::to_vec(answer)?;
    text.push(b'\n');
    timeout(TIMEOUT, write.write_all(&text)).await?
}

async fn answer(request: Request, state: &AppState, about: About) -> Response {
    match request {
        Request::Health {} => match health::check(state).await {
            Ok(()) => Response::Healthy { address: about.address, tls: about.tls },
            Err(reason) => refused(ErrorCode::NotReady, &reason),
        },
        Request::Status {} => Response::Status(status(state, about).await),
        Request::NewInvite { .. } | Request::SetClockBack {} if about.read_only => {
            refused(ErrorCode::ReadOnly, READ_ONLY)
        }
        Request::SetClockBack {} => match state.set_time_back().await {
            Ok(done) => Response::ClockSetBack { from: done.from.0, to: done.to.0 },
            Err(error) => refused((&error).into(), &error.to_string()),
        },
        Request::Sweep { .. } => refused(ErrorCode::Failed, "A sweep has more than one response."),
        Request::NewInvite { lifetime } if !INVITE_LIFETIME.contains(&lifetime) => {
            let reason = "An invite must be valid for at least 1 minute and at most 366 days.";
            refused(ErrorCode::ArgumentInvalid, reason)
        }
        Request::NewInvite { lifetime } => match invite::create(state, lifetime).await {
            Ok(new) => Response::Invite(Invite {
                code: new.code,
                expires_at: new.expires_at.0,
                registration: state.settings().registration,
            }),
            Err(error) => refused(ErrorCode::StoreUnavailable, &error.to_string()),
        },
    }
}

async fn status(state: &AppState, about: About) -> Status {
    let store = health::check(state).await;
    Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        vault_id: state.vault_id().to_string(),
        registration: state.settings().registration,
        address: about.address,
        metrics_address: about.metrics_address,
        fingerprint: about.fingerprint.to_string(),
        uptime: about.started.elapsed().as_secs(),
        read_only: about.read_only,
        store_responds: store.is_ok(),
        store_problem: store.err().map(Into::into),
    }
}

fn refused(code: ErrorCode, reason: &str) -> Response {
    Response::Refused { code, reason: reason.to_owned() }
}
