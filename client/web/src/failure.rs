//! Failures as the page gets them: a stable code and what goes with it, never a text of the library's own.

use crate::json::{Object, texts};
use rootcellar_client::entry::EntryError;
use rootcellar_client::pairing::OfferedError;
use rootcellar_client::phrase::PhraseError;
use rootcellar_client::recovery_code::RecoveryCodeError;
use rootcellar_client::state_store::StateStoreError;
use rootcellar_client::text::{CharacterAt, TextError};
use rootcellar_client::{ClientError, Outcome};
use rootcellar_spec::ProblemCode;
use wasm_bindgen::JsValue;

/// Why a step failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Of `spec/errors.md`, or of the page.
    pub(crate) code: &'static str,
    uncertain: bool,
    /// Nothing more can come of a pairing that is under way.
    is_over: bool,
    /// The session has ended with it.
    pub(crate) ends_session: bool,
    more: Object,
}

impl Failure {
    /// A failure that needs no more than its code.
    pub(crate) fn new(code: &'static str) -> Self {
        Self { code, uncertain: false, is_over: false, ends_session: false, more: Object::new() }
    }

    /// Nothing is open.
    pub(crate) fn locked() -> Self {
        Self::new("locked")
    }

    /// The vault may have done it.
    pub(crate) fn outcome_unknown() -> Self {
        Self { uncertain: true, ..Self::new(ProblemCode::OutcomeUnknown.as_str()) }
    }

    /// Something that a person typed, or what the page made of it.
    pub(crate) fn input(field: &str, reason: &str) -> Self {
        Self { more: Object::new().text("field", field).text("reason", reason), ..Self::new("input") }
    }

    /// A word that is not on the list.
    fn word(field: &str, position: usize, nearest: &[String]) -> Self {
        let input = Self::input(field, "unknown-word");
        let nearest = texts(nearest.iter().map(String::as_str));
        Self { more: input.more.number("position", position as u64).raw("nearest", &nearest), ..input }
    }

    /// A text in a field that cannot be what it stands for.
    pub(crate) fn text(field: &str, error: TextError) -> Self {
        let (reason, found) = match error {
            TextError::Empty => ("empty", None),
            TextError::TooLong(_) => ("too-long", None),
            TextError::Unassigned(found) => ("unassigned", Some(found)),
            TextError::Untypable(found) => ("untypable", Some(found)),
            TextError::SpaceInName(found) => ("space", Some(found)),
            _ => ("invalid", None),
        };
        let input = Self::input(field, reason);
        let Some(CharacterAt { character, position }) = found else { return input };
        let code_point = format!("U+{:04X}", u32::from(character));
        Self { more: input.more.number("at", position as u64).text("character", &code_point), ..input }
    }

    /// A phrase that is none.
    pub(crate) fn phrase(error: &PhraseError) -> Self {
        let field = "secret";
        match error {
            PhraseError::UnknownWord { position, nearest, .. } => Self::word(field, *position, nearest),
            _ => Self::input(field, reason(error.code())),
        }
    }

    /// A recovery code that is none.
    pub(crate) fn recovery_code(error: &RecoveryCodeError) -> Self {
        let field = "code";
        match error {
            RecoveryCodeError::UnknownWord { position, nearest } => Self::word(field, *position, nearest),
            _ => Self::input(field, reason(error.code())),
        }
    }

    /// The JSON of `Failure` in the page's `api.ts`.
    pub(crate) fn into_js(self) -> JsValue {
        let more = self.more.text("code", self.code).flag("uncertain", self.uncertain);
        let json = more.flag("over", self.is_over).finish();
        JsValue::from_str(&json)
    }
}

/// The end of a code, whose beginning the field says.
fn reason(code: &'static str) -> &'static str {
    code.trim_start_matches("phrase-").trim_start_matches("recovery-code-")
}

impl From<EntryError> for Failure {
    fn from(error: EntryError) -> Self {
        let (field, reason) = match error {
            EntryError::SeedNotHex => ("secret", "not-hex"),
            EntryError::SeedLength => ("secret", "seed-length"),
            EntryError::TextLength => ("secret", "text-length"),
            EntryError::PassphraseLength => ("bip39Passphrase", "too-long"),
            EntryError::DerivationPath => ("derivationPaths", "invalid"),
            EntryError::Network => ("network", "invalid"),
            EntryError::Birthday => ("birthday", "invalid"),
            _ => ("details", "invalid"),
        };
        Self::input(field, reason)
    }
}

impl From<StateStoreError> for Failure {
    fn from(error: StateStoreError) -> Self {
        Self::from(ClientError::from(error))
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        if let ClientError::PairingText(error) = error {
            return Self::input("pairing", pairing_text(error));
        }
        let uncertain = error.outcome() == Outcome::Uncertain;
        // What a pairing had reached may be gone with the worker.
        let is_over = error.ends_pairing() || matches!(error, ClientError::NoPairing);
        let ends_session =
            matches!(error.problem(), Some(ProblemCode::SessionEnded | ProblemCode::AccountDeleted));
        let more = Object::new();
        let more = match &error {
            ClientError::PassphraseOrAccount { remaining, next_wait, passphrases_since } => more
                .number("remaining", u64::from(*remaining))
                .number("nextWait", *next_wait)
                .number_if("passphrasesSince", passphrases_since.map(|time| time.0)),
            ClientError::BudgetSpent { retry_after } => more.number("retryAfter", *retry_after),
            ClientError::ForeignServerKey { replaced_at } => {
                more.number_if("passphrasesSince", replaced_at.map(|time| time.0))
            }
            ClientError::Rollback { seen, offered }
            | ClientError::Fork { seen, offered }
            | ClientError::Gap { seen, offered } => more.number("seen", seen.0).number("offered", offered.0),
            ClientError::CodeWaiting { elsewhere: Some(vault) } => more.text("vault", &vault.to_string()),
            ClientError::NotPermitted { needs } => more.text("needs", needs.as_str()),
            ClientError::Refused(refusal) => {
                let more = more.number_if("retryAfter", refusal.retry_after);
                match &refusal.field {
                    Some(field) => more.text("field", &field.to_string()),
                    None => more,
                }
            }
            _ => more,
        };
        Self { code: error.code(), uncertain, is_over, ends_session, more }
    }
}

fn pairing_text(error: OfferedError) -> &'static str {
    match error {
        OfferedError::Foreign => "no-pairing",
        OfferedError::Unsupported => "newer",
        _ => "damaged",
    }
}
