//! `admin invite new`, `admin clock set-back`, `admin status` and `admin sweep`.

use super::arguments::{AdminCommand, ClockCommand, InviteCommand};
use super::failure::Failure;
use super::{say, sweep};
use rootcellar_server::admin::{Invite, Request, Response, ask};
use rootcellar_server::config::Config;
use rootcellar_server::error_code::ErrorCode;
use rootcellar_server::telemetry::logs::timestamp;
use rootcellar_spec::wire::vault::RegistrationMode;
use std::io::{self, Write};
use std::time::Duration;

pub(crate) fn run(config: &Config, command: AdminCommand) -> anyhow::Result<()> {
    match command {
        AdminCommand::Invite { command: InviteCommand::New { expires, json } } => {
            let request = Request::NewInvite { lifetime: expires.as_secs() };
            match ask(&config.admin_socket, &request)? {
                Response::Invite(invite) => {
                    say(&if json { serde_json::to_string(&invite)? } else { invite.code.clone() })?;
                    explain(&invite, json);
                    Ok(())
                }
                other => refused(other),
            }
        }
        AdminCommand::Clock { command: ClockCommand::SetBack { json } } => {
            match ask(&config.admin_socket, &Request::SetClockBack {})? {
                Response::ClockSetBack { from, to } if json => {
                    say(&serde_json::json!({ "from": from, "to": to }).to_string())
                }
                Response::ClockSetBack { from, to } => say(&format!(
                    "The vault's time was set back from {} to {}.",
                    timestamp(Duration::from_secs(from)),
                    timestamp(Duration::from_secs(to)),
                )),
                other => refused(other),
            }
        }
        AdminCommand::Sweep { apply, names, json } => {
            sweep::run(config, sweep::Options { apply, names, json })
        }
        AdminCommand::Status { json } => match ask(&config.admin_socket, &Request::Status {})? {
            Response::Status(status) if json => say(&serde_json::to_string(&status)?),
            Response::Status(status) => {
                let registration = serde_json::to_value(status.registration)?;
                say(&format!(
                    "version      {}\nvault ID     {}\nregistration {}\nlistening    {}\nroot secret  {}\nuptime       \
                     {} s\nserving      {}\nstore        {}",
                    status.version,
                    status.vault_id,
                    registration.as_str().unwrap_or_default(),
                    status.address,
                    status.fingerprint,
                    status.uptime,
                    if status.read_only { "reads only" } else { "reads and writes" },
                    status.store_problem.as_deref().unwrap_or("ready"),
                ))
            }
            other => refused(other),
        },
    }
}

/// Explains the invite on standard error. Standard output has only the code.
fn explain(invite: &Invite, json: bool) {
    let until = timestamp(Duration::from_secs(invite.expires_at));
    // The time has no fractions of a second.
    let until = until.split('.').next().unwrap_or_default();
    let mut err = io::stderr();
    if !json {
        let _ = writeln!(err, "Valid for one registration until {until}Z. It is not shown again.");
    }
    let warning = match invite.registration {
        RegistrationMode::Invite => return,
        RegistrationMode::Open => "--registration is open, so this invite is not needed.",
        RegistrationMode::Closed => "--registration is closed, so this invite cannot be used.",
    };
    let _ = writeln!(err, "Note: {warning}");
}

pub(super) fn refused(answer: Response) -> anyhow::Result<()> {
    match answer {
        Response::Refused { code, reason } => Err(Failure::new(code, reason).into()),
        _ => {
            let text = "Unexpected response from the server. Use a client of the server's version.";
            Err(Failure::new(ErrorCode::NoResponse, text).into())
        }
    }
}
