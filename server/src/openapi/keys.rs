//! The routes that replace an account's keys and recovery code.

use super::operation::{Body, Described, ResponseBody, Signed, schema};
use super::operations::{ACCOUNT, PERMITTED, WRITES, codes};
use rootcellar_spec::ProblemCode::{
    DevicesMoved, GenerationMoved, HeadMoved, OperationUsed, RecoveryCodeMoved, Unsupported,
};
use rootcellar_spec::wire::devices;

pub(crate) fn replace_recovery_code() -> Described {
    Described {
        id: "replaceRecoveryCode",
        tag: ACCOUNT,
        summary: "Replaces the recovery code",
        description: "Revokes the old code and every session. The same bytes get the same response, from the sender or from a \
                      later session or device with `manage`.",
        signed: Signed::InSession,
        body: Body::Json(schema::<devices::RecoveryCodeRequest>()),
        answer: ResponseBody::Json(schema::<devices::ChangeResponse>()),
        limited: true,
        codes: codes(&[
            &[Unsupported, GenerationMoved, RecoveryCodeMoved, OperationUsed],
            &PERMITTED,
            &WRITES,
        ]),
    }
}

pub(crate) fn rekey() -> Described {
    Described {
        id: "rekey",
        tag: ACCOUNT,
        summary: "Changes the account's keys",
        description: "Replaces both keyslots, the recovery code, the current snapshot and the devices at once. Revokes every \
                      session, and removes every older snapshot and every device that is not in the request. The same bytes get \
                      the same response, from the sender or from a later session or device with `manage`.",
        signed: Signed::InSession,
        body: Body::Parts(schema::<devices::RekeyRequest>()),
        answer: ResponseBody::Json(schema::<devices::RekeyResponse>()),
        limited: true,
        codes: codes(&[
            &[Unsupported, HeadMoved, GenerationMoved, DevicesMoved, RecoveryCodeMoved, OperationUsed],
            &PERMITTED,
            &WRITES,
        ]),
    }
}
