//! The server's end of the admin socket.

use super::{INVITE_LIFETIME, Invite, LINE, Request, Response, Status, sweep};
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

/// No question and no answer takes longer, but for those that are told as they go.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What a server that is read-only says.
const READ_ONLY: &str = "this server writes nothing (--read-only), because its vault is being moved";

/// Why there is no admin socket.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdminError {
    /// Another server answers there.
    #[error("another server answers on the admin socket {0}; stop it, or give another one (--admin-socket)")]
    InUse(PathBuf),
    /// Something else is in the way.
    #[error("{0} is no socket; move it away, or give another admin socket (--admin-socket)")]
    NoSocket(PathBuf),
    /// The system refuses.
    #[error("the admin socket {0} cannot be made; give another one (--admin-socket)")]
    Bind(PathBuf, #[source] io::Error),
}

/// What the admin socket tells of its server.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Where it listens.
    pub address: SocketAddr,
    /// Whether it speaks TLS there.
    pub tls: bool,
    /// Where it serves metrics, if it does.
    pub metrics_address: Option<SocketAddr>,
    /// Recognises its root secret.
    pub fingerprint: Fingerprint,
    /// When it started.
    pub started: Instant,
    /// Whether it writes nothing.
    pub read_only: bool,
}

/// A bound socket; its file goes with it.
#[derive(Debug)]
pub struct AdminSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl AdminSocket {
    /// Makes the socket, for this process's user only. One that nobody answers on is replaced.
    ///
    /// # Errors
    /// When somebody answers there, or it cannot be made.
    pub fn bind(path: &Path) -> Result<Self, AdminError> {
        clear(path)?;
        let failed = |error| AdminError::Bind(path.to_owned(), error);
        // Made without rights for others from the first moment.
        let mask = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o177));
        let bound = UnixListener::bind(path);
        rustix::process::umask(mask);
        let listener = bound.map_err(failed)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
        Ok(Self { listener, path: path.to_owned() })
    }

    /// Answers until `stop`.
    pub async fn serve(self, state: AppState, about: About, mut stop: Stop) {
        loop {
            let stream = tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        tracing::warn!(%error, "an admin connection was not accepted");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    }
                },
                () = stopped(&mut stop) => return,
            };
            let (state, stop) = (state.clone(), stop.clone());
            tokio::spawn(async move {
                if exchange(stream, &state, about, &stop).await.is_err() {
                    tracing::debug!("an admin exchange ended early");
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

/// Removes a socket that a server left behind.
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
                tell(&mut write, &refused(READ_ONLY)).await?
            }
            Ok(Request::Sweep { apply, names }) => sweep::run(&mut write, state, apply, names, stop).await?,
            Ok(request) => {
                let answer = timeout(TIMEOUT, answer(request, state, about)).await?;
                tell(&mut write, &answer).await?;
            }
            Err(_) => {
                let reason = "this server does not know that request; use the client of the same version";
                tell(&mut write, &refused(reason)).await?;
            }
        }
        line.clear();
        lines.get_mut().set_limit(LINE);
    }
    Ok(())
}

/// Writes one answer.
pub(super) async fn tell(write: &mut WriteHalf<'_>, answer: &Response) -> io::Result<()> {
    let mut text = serde_json::to_vec(answer)?;
    text.push(b'\n');
    timeout(TIMEOUT, write.write_all(&text)).await?
}

async fn answer(request: Request, state: &AppState, about: About) -> Response {
    match request {
        Request::Health {} => match health::check(state).await {
            Ok(()) => Response::Healthy { address: about.address, tls: about.tls },
            Err(reason) => refused(&reason),
        },
        Request::Status {} => Response::Status(status(state, about).await),
        Request::NewInvite { .. } | Request::SetClockBack {} if about.read_only => refused(READ_ONLY),
        Request::SetClockBack {} => match state.set_time_back().await {
            Ok(done) => Response::ClockSetBack { from: done.from.0, to: done.to.0 },
            Err(error) => refused(&error.to_string()),
        },
        Request::Sweep { .. } => refused("a sweep is told as it goes, not in one answer"),
        Request::NewInvite { lifetime } if !INVITE_LIFETIME.contains(&lifetime) => {
            refused("an invite is good for a minute at least and 366 days at most")
        }
        Request::NewInvite { lifetime } => match invite::create(state, lifetime).await {
            Ok(new) => Response::Invite(Invite {
                code: new.code,
                expires_at: new.expires_at.0,
                registration: state.settings().registration,
            }),
            Err(error) => refused(&error.to_string()),
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

fn refused(reason: &str) -> Response {
    Response::Refused { reason: reason.to_owned() }
}
