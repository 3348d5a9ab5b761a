//! Which outcome each error means.

use super::{ClientError, Outcome};

impl ClientError {
    /// What the step that failed with this error did at the vault.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Unconfirmed(_)
            | Self::PassphraseUnconfirmed(_)
            | Self::DeletionUnconfirmed(_)
            | Self::DevicesUnconfirmed(_)
            | Self::RecoveryCodeUnconfirmed(_)
            | Self::RekeyUnconfirmed(_)
            | Self::ReadBack(_)
            | Self::Contended(_) => Outcome::Uncertain,
            Self::Refused(_)
            | Self::DeviceClock { .. }
            | Self::PassphraseOrAccount { .. }
            | Self::BudgetSpent { .. }
            | Self::ForeignVault { .. } => Outcome::Refused,
            Self::NotCommitted { .. } => Outcome::Done,
            Self::PairingIncomplete(incomplete) => incomplete.outcome(),
            Self::NotAbandoned { error, .. } => error.outcome(),
            _ => Outcome::NotSent,
        }
    }

    /// The same for the error of one request that changes something, before its step names what is uncertain.
    pub(crate) fn outcome_of_request(&self) -> Outcome {
        match self {
            Self::Refused(refusal) if !refusal.after_unknown => Outcome::Refused,
            Self::Unreachable(cause) if cause.was_not_sent() => Outcome::NotSent,
            Self::DeviceClock { refusal, .. } => refusal.outcome_of_request(),
            _ => Outcome::Uncertain,
        }
    }

    /// Whether the vault certainly did nothing of what one request asked.
    pub(crate) fn did_nothing(&self) -> bool {
        self.outcome_of_request() != Outcome::Uncertain
    }
}

#[cfg(test)]
mod tests {
    use super::super::Refusal;
    use super::*;
    use crate::transport::TransportError;
    use rootcellar_spec::{Problem, ProblemCode, Timestamp};

    fn refused(after_unknown: bool) -> ClientError {
        let problem = Problem::new(ProblemCode::HeadMoved, "as the test says");
        ClientError::Refused(Refusal::new(problem, after_unknown))
    }

    fn clock(refusal: ClientError) -> ClientError {
        let (device, vault) = (Timestamp(1), Timestamp(2));
        ClientError::DeviceClock { device, vault, refusal: Box::new(refusal) }
    }

    #[test]
    fn a_request_did_nothing_only_if_no_attempt_may_have_arrived() {
        let cut = || TransportError::NoConnection("cut".into());
        for (error, outcome) in [
            (refused(false), Outcome::Refused),
            (refused(true), Outcome::Uncertain),
            (clock(refused(false)), Outcome::Refused),
            (clock(refused(true)), Outcome::Uncertain),
            (ClientError::Unreachable(cut()), Outcome::NotSent),
            (ClientError::Unreachable(TransportError::WrongName), Outcome::NotSent),
            (ClientError::Unreachable(cut().as_no_answer()), Outcome::Uncertain),
            (ClientError::Status(502), Outcome::Uncertain),
            (ClientError::MalformedResponse("nothing"), Outcome::Uncertain),
            (ClientError::ResponseTooLong, Outcome::Uncertain),
        ] {
            assert_eq!(error.outcome_of_request(), outcome, "{error}");
            assert_eq!(error.did_nothing(), outcome != Outcome::Uncertain, "{error}");
        }
    }

    #[test]
    fn a_step_names_what_is_uncertain() {
        let lost = || Box::new(ClientError::Status(502));
        for error in [
            ClientError::Unconfirmed(lost()),
            ClientError::PassphraseUnconfirmed(lost()),
            ClientError::DeletionUnconfirmed(lost()),
            ClientError::DevicesUnconfirmed(lost()),
            ClientError::RecoveryCodeUnconfirmed(lost()),
            ClientError::RekeyUnconfirmed(lost()),
            ClientError::ReadBack("it does not have it"),
            ClientError::Contended(5),
        ] {
            assert_eq!(error.outcome(), Outcome::Uncertain, "{error}");
        }
        assert_eq!(refused(false).outcome(), Outcome::Refused);
        assert_eq!(ClientError::NameRequired.outcome(), Outcome::NotSent);
        // What asked before the change was sent, and got no answer.
        assert_eq!(ClientError::Status(502).outcome(), Outcome::NotSent);
    }
}
