//! `admin invite new` and `admin status`.

use super::arguments::{AdminCommand, InviteCommand};
use super::say;
use rootcellar_server::admin::{Answer, Request, ask};
use rootcellar_server::config::Config;

pub(crate) fn run(config: &Config, command: AdminCommand) -> anyhow::Result<()> {
    match command {
        AdminCommand::Invite { command: InviteCommand::New { expires, json } } => {
            let request = Request::NewInvite { lifetime: expires.as_secs() };
            match ask(&config.admin_socket, &request)? {
                Answer::Invite(invite) if json => say(&serde_json::to_string(&invite)?),
                Answer::Invite(invite) => say(&invite.code),
                other => refused(other),
            }
        }
        AdminCommand::Status { json } => match ask(&config.admin_socket, &Request::Status {})? {
            Answer::Status(status) if json => say(&serde_json::to_string(&status)?),
            Answer::Status(status) => {
                let registration = serde_json::to_value(status.registration)?;
                say(&format!(
                    "version      {}\nidentity     {}\nregistration {}\nlistening    {}\nroot secret  {}\nuptime       \
                     {} s\nstore        {}",
                    status.version,
                    status.identity,
                    registration.as_str().unwrap_or_default(),
                    status.address,
                    status.fingerprint,
                    status.uptime,
                    if status.store_answers { "answers" } else { "does not answer" },
                ))
            }
            other => refused(other),
        },
    }
}

fn refused(answer: Answer) -> anyhow::Result<()> {
    match answer {
        Answer::Refused { reason } => anyhow::bail!("the server refused: {reason}"),
        _ => anyhow::bail!("the server gave another answer; use the client of the server's version"),
    }
}
