//! The routes that replace an account's keys and recovery code.

use super::operation::{Body, Described, ResponseBody, Signed, schema};
use super::operations::{ACCOUNT, PERMITTED, WRITES, codes};
use rootcellar_spec::ProblemCode::{
    DevicesMoved, GenerationMoved, HeadMoved, OperationUsed, RecoveryCodeMoved, Unsupported,
};
use rootcellar_spec::wire::{devices, paths};
use utoipa::openapi::HttpMethod;

pub(super) fn replace_recovery_code() -> Described {
    Described {
        method: HttpMethod::Post,
        path: paths::RECOVERY_CODE,
        id: "replaceRecoveryCode",
        tag: ACCOUNT,
        summary: "Puts another recovery code in place",
        description: "The former code ends with it, and so does every session. The same bytes get the same answer, from the \
                      sender or from a later session or device with `manage`.",
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

pub(super) fn rekey() -> Described {
    Described {
        method: HttpMethod::Post,
        path: paths::REKEY,
        id: "rekey",
        tag: ACCOUNT,
        summary: "Changes the account's keys",
        description: "Both keyslots, the recovery code, the newest snapshot and the devices at once. Every session ends, and every \
                      former snapshot and every device that is not named goes. The same bytes get the same answer, from the \
                      sender or from a later session or device with `manage`.",
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
