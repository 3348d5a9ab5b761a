//! The routes for devices and pairings.

use super::operation::{Body, Described, ResponseBody, Signed, schema};
use super::operations::{DEVICES, IN_SESSION, PAIRING, PERMITTED, READS, WRITES, codes};
use rootcellar_spec::ProblemCode::*;
use rootcellar_spec::wire::{devices, pairing, paths};
use utoipa::openapi::HttpMethod;

pub(super) fn show_device() -> Described {
    Described {
        method: HttpMethod::Get,
        path: paths::DEVICE,
        id: "showDevice",
        tag: DEVICES,
        summary: "What the device that asks needs to go on",
        description: "Its keyslot, the device list and the newest snapshot. For devices only: a session is told `device-revoked`.",
        signed: Signed::InSession,
        body: Body::None,
        answer: ResponseBody::Parts(schema::<devices::DeviceResponse>()),
        limited: true,
        codes: codes(&[&IN_SESSION, &READS]),
    }
}

pub(super) fn restore() -> Described {
    Described {
        method: HttpMethod::Post,
        path: paths::RESTORE,
        id: "restore",
        tag: DEVICES,
        summary: "The same, for a device that is about to open entries",
        description: "Needs `restore`. The history tells of it, once for the same operation.",
        signed: Signed::InSession,
        body: Body::Json(schema::<devices::RestoreRequest>()),
        answer: ResponseBody::Parts(schema::<devices::DeviceResponse>()),
        limited: true,
        codes: codes(&[&[OperationUsed], &PERMITTED, &WRITES]),
    }
}

pub(super) fn show_devices() -> Described {
    Described {
        method: HttpMethod::Get,
        path: paths::DEVICES,
        id: "showDevices",
        tag: DEVICES,
        summary: "The enrolled devices",
        description: "In the order of their enrolment, with the newest device list, against which a client holds them (section 18).",
        signed: Signed::InSession,
        body: Body::None,
        answer: ResponseBody::Json(schema::<devices::DevicesResponse>()),
        limited: true,
        codes: codes(&[&IN_SESSION, &READS]),
    }
}

pub(super) fn change_devices() -> Described {
    Described {
        method: HttpMethod::Post,
        path: paths::DEVICES,
        id: "changeDevices",
        tag: DEVICES,
        summary: "Enrols, permits and revokes devices",
        description: "Needs `manage`. The list must follow the newest one. Where a device is gone, has another request key or a lower \
                      permission afterwards, all sessions end. The session or device that sent it may send the same bytes again \
                      and gets the same answer.",
        signed: Signed::InSession,
        body: Body::Json(schema::<devices::DevicesRequest>()),
        answer: ResponseBody::Json(schema::<devices::ChangeResponse>()),
        limited: true,
        codes: codes(&[
            &[Unsupported, DevicesMoved, GenerationMoved, OperationUsed, PairingUnknown, PairingUsed],
            &PERMITTED,
            &WRITES,
        ]),
    }
}

pub(super) fn open_pairing() -> Described {
    Described {
        method: HttpMethod::Post,
        path: paths::PAIRINGS,
        id: "openPairing",
        tag: PAIRING,
        summary: "Opens a pairing mailbox",
        description: "Needs `manage`. It lives for 600 seconds.",
        signed: Signed::InSession,
        body: Body::Json(schema::<pairing::OpenRequest>()),
        answer: ResponseBody::Json(schema::<pairing::OpenResponse>()),
        limited: true,
        codes: codes(&[&[PairingUnknown, PairingUsed], &PERMITTED, &WRITES]),
    }
}

pub(super) fn read_pairing() -> Described {
    Described {
        method: HttpMethod::Post,
        path: paths::PAIRING,
        id: "readPairing",
        tag: PAIRING,
        summary: "What is in a pairing mailbox",
        description: "Whoever knows the mailbox may read it; what the messages say is sealed.",
        signed: Signed::Not,
        body: Body::Json(schema::<pairing::ReadRequest>()),
        answer: ResponseBody::Json(schema::<pairing::ReadResponse>()),
        limited: true,
        codes: codes(&[&[PairingUnknown, ReadOnly], &READS]),
    }
}

pub(super) fn reply_to_pairing() -> Described {
    Described {
        method: HttpMethod::Post,
        path: paths::PAIRING_REPLY,
        id: "replyToPairing",
        tag: PAIRING,
        summary: "Puts the new device's reply into a pairing mailbox",
        description: "The first reply stays; the same again is answered alike.",
        signed: Signed::Not,
        body: Body::Json(schema::<pairing::ReplyRequest>()),
        answer: ResponseBody::Json(schema::<pairing::ReplyResponse>()),
        limited: true,
        codes: codes(&[&[PairingUnknown, PairingUsed], &WRITES]),
    }
}
