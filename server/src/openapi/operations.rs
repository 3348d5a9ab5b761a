//! Bodies and codes of the routes that [`crate::router`] lists.

use super::operation::{Body, Described, ResponseBody, Signed, schema};
use rootcellar_spec::ProblemCode::{self, *};
use rootcellar_spec::wire::{account, history, login, recovery, registration, vault};

const VAULT: &str = "vault";
const LOGIN: &str = "login";
const REGISTRATION: &str = "registration";
pub(super) const ACCOUNT: &str = "account";
pub(super) const DEVICES: &str = "devices";
pub(super) const PAIRING: &str = "pairing";
const HEALTH: &str = "health";

/// Groups of routes, with a description.
pub(super) const TAGS: [(&str, &str); 7] = [
    (VAULT, "The vault's ID, keys and settings (protocol section 15.1)."),
    (LOGIN, "Login by passphrase and by recovery code (sections 15.2 to 15.4)."),
    (REGISTRATION, "A new account (section 15.5)."),
    (ACCOUNT, "Requests of a session or an enrolled device (section 15.6)."),
    (DEVICES, "Enrolled devices (section 15.7)."),
    (PAIRING, "Pairing a new device (section 15.8)."),
    (HEALTH, "For the operator's tools, not part of the protocol."),
];

/// The refusals of reads from the store.
pub(super) const READS: [ProblemCode; 1] = [StoreUnavailable];
/// The refusals of writes to the store.
pub(super) const WRITES: [ProblemCode; 4] = [StoreUnavailable, StorageFull, OutcomeUnknown, ReadOnly];
/// The refusals of a charge to the guess budget.
const CHARGED: [ProblemCode; 2] = [BudgetSpent, ClockUntrusted];
/// The refusals of any signature.
const SIGNED: [ProblemCode; 2] = [SignatureInvalid, ClockSkew];
/// The refusals of a signature by a session or a device.
pub(super) const IN_SESSION: [ProblemCode; 5] =
    [SignatureInvalid, ClockSkew, SessionEnded, DeviceRevoked, AccountDeleted];
/// The same for requests that need a higher permission than `view`.
pub(super) const PERMITTED: [ProblemCode; 6] =
    [SignatureInvalid, ClockSkew, SessionEnded, DeviceRevoked, AccountDeleted, NotPermitted];

pub(super) fn codes(groups: &[&[ProblemCode]]) -> Vec<ProblemCode> {
    groups.concat()
}

pub(crate) fn show_vault() -> Described {
    Described {
        id: "showVault",
        tag: VAULT,
        summary: "Returns the vault's ID, keys and settings",
        description: "Vault ID, public key to pin, suites, and who may register.",
        signed: Signed::Not,
        body: Body::None,
        answer: ResponseBody::Json(schema::<vault::Vault>()),
        limited: true,
        codes: READS.to_vec(),
    }
}

pub(crate) fn start_login() -> Described {
    Described {
        id: "startLogin",
        tag: LOGIN,
        summary: "Exchanges KE1 for KE2",
        description: "Charges the name before anything is evaluated. The response for an unknown account is the same, with a \
                      KE2 for which no passphrase works.",
        signed: Signed::Not,
        body: Body::Json(schema::<login::StartRequest>()),
        answer: ResponseBody::Json(schema::<login::StartResponse>()),
        limited: true,
        codes: codes(&[&[ForeignVault], &CHARGED, &WRITES]),
    }
}

pub(crate) fn finish_login() -> Described {
    Described {
        id: "finishLogin",
        tag: LOGIN,
        summary: "Exchanges KE3 for keyslot, session and current snapshot",
        description: "Signed by the `request_key` in the body, without a session. Refunds the login's charge, and records the \
                      login in the account's history before anything is released. After 503, send the same request again. The \
                      same bytes get the same response until the token expires.",
        signed: Signed::ByItselfWithMac,
        body: Body::Json(schema::<login::FinishRequest>()),
        answer: ResponseBody::Parts(schema::<login::LoginResponse>()),
        limited: true,
        codes: codes(&[&[LoginExpired, LoginRefused, LoginUsed, AccountDeleted], &SIGNED, &WRITES]),
    }
}

pub(crate) fn recover() -> Described {
    Described {
        id: "recover",
        tag: LOGIN,
        summary: "Exchanges the recovery code for keyslot, session and current snapshot",
        description: "Signed by the recovery login key, without a session. Nothing is charged. The refusals of an unknown \
                      locator and of a wrong signature are the same.",
        signed: Signed::ByItself,
        body: Body::Json(schema::<recovery::RecoveryRequest>()),
        answer: ResponseBody::Parts(schema::<login::LoginResponse>()),
        limited: true,
        codes: codes(&[&[RecoveryRefused, ClockSkew], &READS]),
    }
}

pub(crate) fn start_registration() -> Described {
    Described {
        id: "startRegistration",
        tag: REGISTRATION,
        summary: "Evaluates the OPRF for a new passphrase",
        description: "Charges the name like a login, whether or not it is taken.",
        signed: Signed::Not,
        body: Body::Json(schema::<registration::StartRequest>()),
        answer: ResponseBody::Json(schema::<registration::StartResponse>()),
        limited: true,
        codes: codes(&[&[ForeignVault, RegistrationClosed], &CHARGED, &WRITES]),
    }
}

pub(crate) fn finish_registration() -> Described {
    Described {
        id: "finishRegistration",
        tag: REGISTRATION,
        summary: "Creates the account and claims the name",
        description: "A refusal leaves nothing behind. The same bytes get the same response as the first time.",
        signed: Signed::Not,
        body: Body::Json(schema::<registration::FinishRequest>()),
        answer: ResponseBody::Json(schema::<registration::FinishResponse>()),
        limited: true,
        codes: codes(&[
            &[Unsupported, LoginExpired, RegistrationClosed, InviteRequired, InviteRefused],
            &[NameTaken, OperationUsed, AccountDeleted],
            &WRITES,
        ]),
    }
}

pub(crate) fn show_account() -> Described {
    Described {
        id: "showAccount",
        tag: ACCOUNT,
        summary: "Returns the account",
        description: "With the retained snapshots, newest first.",
        signed: Signed::InSession,
        body: Body::None,
        answer: ResponseBody::Json(schema::<account::Account>()),
        limited: true,
        codes: codes(&[&IN_SESSION, &READS]),
    }
}

pub(crate) fn delete_account() -> Described {
    Described {
        id: "deleteAccount",
        tag: ACCOUNT,
        summary: "Deletes the account permanently",
        description: "Its name is free at once. The same bytes get the same response. Every other request of its sessions is \
                      refused with `account-deleted`.",
        signed: Signed::InSession,
        body: Body::Json(schema::<account::DeleteRequest>()),
        answer: ResponseBody::Json(schema::<account::DeleteResponse>()),
        limited: true,
        codes: codes(&[&[OperationUsed], &PERMITTED, &WRITES]),
    }
}

pub(crate) fn show_history() -> Described {
    Described {
        id: "showHistory",
        tag: ACCOUNT,
        summary: "Returns the account's history",
        description: "The newest events of both streams, oldest first. Each stream is chained by digests (section 20).",
        signed: Signed::InSession,
        body: Body::None,
        answer: ResponseBody::Json(schema::<history::History>()),
        limited: true,
        codes: codes(&[&IN_SESSION, &READS]),
    }
}

pub(crate) fn show_head() -> Described {
    Described {
        id: "showHead",
        tag: ACCOUNT,
        summary: "Returns the current snapshot",
        description: "If there is none yet, `head` is null and the second part empty. If `head` is present and the second part \
                      empty, the vault has lost that snapshot; request older ones by operation. `snapshot` is not sent.",
        signed: Signed::InSession,
        body: Body::None,
        answer: ResponseBody::Parts(schema::<account::SnapshotResponse>()),
        limited: true,
        codes: codes(&[&IN_SESSION, &READS]),
    }
}

pub(crate) fn show_snapshot() -> Described {
    Described {
        id: "showSnapshot",
        tag: ACCOUNT,
        summary: "Returns the snapshot that an operation saved",
        description: "`snapshot` is the record of the requested snapshot, and `head` that of the current one.",
        signed: Signed::InSession,
        body: Body::None,
        answer: ResponseBody::Parts(schema::<account::SnapshotResponse>()),
        limited: true,
        codes: codes(&[&[SnapshotMissing], &IN_SESSION, &READS]),
    }
}

pub(crate) fn save_snapshot() -> Described {
    Described {
        id: "saveSnapshot",
        tag: ACCOUNT,
        summary: "Saves a snapshot after the head",
        description: "The response is read back from the store. `snapshot` is what this request saved, also if it is sent again \
                      after a later save; `head` is then the later one. The second part is empty if the store does not return \
                      the bytes.",
        signed: Signed::InSession,
        body: Body::Snapshot,
        answer: ResponseBody::Parts(schema::<account::SnapshotResponse>()),
        limited: true,
        codes: codes(&[
            &[Unsupported, HeadMoved, GenerationMoved, OperationUsed, DeviceQuota],
            &PERMITTED,
            &WRITES,
        ]),
    }
}

pub(crate) fn start_passphrase_change() -> Described {
    Described {
        id: "startPassphraseChange",
        tag: ACCOUNT,
        summary: "Evaluates the OPRF for the account's new passphrase",
        description: "Charges the account's name like a login.",
        signed: Signed::InSession,
        body: Body::Json(schema::<registration::PassphraseStartRequest>()),
        answer: ResponseBody::Json(schema::<registration::StartResponse>()),
        limited: true,
        codes: codes(&[&PERMITTED, &CHARGED, &WRITES]),
    }
}

pub(crate) fn finish_passphrase_change() -> Described {
    Described {
        id: "finishPassphraseChange",
        tag: ACCOUNT,
        summary: "Replaces registration record and keyslot by those of the new passphrase",
        description: "Revokes every session, including this one. With `keep_sessions`, it revokes none and moves the account to \
                      a newer suite with the same passphrase. The same session may send the same bytes again and gets the same \
                      response.",
        signed: Signed::InSession,
        body: Body::Json(schema::<registration::PassphraseFinishRequest>()),
        answer: ResponseBody::Json(schema::<registration::PassphraseFinishResponse>()),
        limited: true,
        codes: codes(&[
            &[Unsupported, LoginExpired, GenerationMoved, OperationUsed, NameTaken],
            &PERMITTED,
            &WRITES,
        ]),
    }
}

pub(crate) fn healthz() -> Described {
    Described {
        id: "showHealth",
        tag: HEALTH,
        summary: "Checks that the process responds",
        description: "Does not check the store.",
        signed: Signed::Not,
        body: Body::None,
        answer: ResponseBody::Text("ok\n"),
        limited: false,
        codes: Vec::new(),
    }
}

pub(crate) fn readyz() -> Described {
    Described {
        id: "showReadiness",
        tag: HEALTH,
        summary: "Checks the vault's store and clock",
        description: "Reads one object and checks that the store belongs to this vault. Fails while the clock is wrong, because \
                      the vault then accepts no passphrases.",
        signed: Signed::Not,
        body: Body::None,
        answer: ResponseBody::Text("ready\n"),
        limited: false,
        codes: READS.to_vec(),
    }
}

pub(crate) fn storez() -> Described {
    Described {
        id: "showStoreReadiness",
        summary: "Checks the vault's store",
        description: "The same without the clock, for a load balancer: recovery codes and devices work while the clock is wrong.",
        ..readyz()
    }
}
