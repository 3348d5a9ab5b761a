//! The recovery code: read from a file or typed, and a login by it that a person may try again.

use crate::connection::{Context, Native, TRIES};
use crate::entry_input::refused_input;
use crate::exit::{Exit, Failure};
use crate::secret_input::{Asked, is_typed};
use crate::word_input::{Mistake, Words};
use rootcellar_client::client::{Client, Recovery};
use rootcellar_client::recovery_code::{RecoveryCode, RecoveryCodeError};
use rootcellar_client::session::Session;
use rootcellar_spec::ProblemCode;
use std::path::Path;

const CODE: Words = Words { asked: Asked::RECOVERY_CODE, option: "--recovery-code-file FILE", most: 12 };

/// Reads the code from `file`, else asks for it.
pub(crate) fn recovery_code(file: Option<&Path>) -> Result<RecoveryCode, Failure> {
    CODE.read(file, |text| {
        RecoveryCode::parse(text).map_err(|error| Mistake {
            word: match &error {
                RecoveryCodeError::UnknownWord { position, .. } => Some(*position),
                _ => None,
            },
            of_options: false,
            failure: refused_input(error.code(), error),
        })
    })
}

/// Logs in by the code; who types it may try again. The code may be that of a registration whose response was lost, so that is sent
/// again first. If the code is refused, what this device recorded of a code is said.
pub(crate) async fn recover(
    context: &Context<'_>,
    client: &Client<Native>,
    recovery: Recovery,
    mut code: RecoveryCode,
) -> Result<Session<Native>, Failure> {
    match context.finish_registration(client).await {
        Err(failure) if failure.exit == Exit::Tampering => return Err(failure),
        // Nothing that is not known yet keeps a user from a recovery.
        Err(failure) => context.output.warn("recovery-code-waiting", failure.message),
        Ok(_) => {}
    }
    let file = context.global.recovery_code_file.as_deref();
    let mut tries = 1;
    let open = async || loop {
        let refused = match context.progress.during(client.recover(recovery.clone(), &code)).await {
            Err(error) if error.problem() == Some(ProblemCode::RecoveryRefused) => error,
            other => return Ok(other?),
        };
        if tries == TRIES || !is_typed(file) {
            if let Some(notice) = client.code_notice()? {
                context.tell_code(notice);
            }
            return Err(refused.into());
        }
        tries += 1;
        context.say(&refused.into())?;
        code = recovery_code(file)?;
    };
    context.arrive(client, open).await
}
