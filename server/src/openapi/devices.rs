//! The routes for devices and pairings.

use super::operation::{Body, Described, ResponseBody, Signed, schema};
use super::operations::{DEVICES, IN_SESSION, PAIRING, PERMITTED, READS, WRITES, codes};
use rootcellar_spec::ProblemCode::*;
use rootcellar_spec::wire::{devices, pairing};

pub(crate) fn show_device() -> Described {
    Described {
        id: "showDevice",
        tag: DEVICES,
        summary: "Returns what the device needs to continue",
        description: "Its keyslot, the device list and the current snapshot. Only for devices: a session gets `device-revoked`.",
        signed: Signed::InSession,
        body: Body::None,
        answer: ResponseBody::Parts(schema::<devices::DeviceResponse>()),
        limited: true,
        codes: codes(&[&IN_SESSION, &READS]),
    }
}

pub(crate) fn restore() -> Described {
    Described {
        id: "restore",
        tag: DEVICES,
        summary: "Returns the same to a device that is about to decrypt entries",
        description: "Requires `restore`. The history records it, once per operation.",
        signed: Signed::InSession,
        body: Body::Json(schema::<devices::RestoreRequest>()),
        answer: ResponseBody::Parts(schema::<devices::DeviceResponse>()),
        limited: true,
        codes: codes(&[&[OperationUsed], &PERMITTED, &WRITES]),
    }
}

pub(crate) fn show_devices() -> Described {
    Described {
        id: "showDevices",
        tag: DEVICES,
        summary: "Returns the enrolled devices",
        description: "In the order of their enrolment, with the current device list, with which a client compares them \
                      (section 18).",
        signed: Signed::InSession,
        body: Body::None,
        answer: ResponseBody::Json(schema::<devices::DevicesResponse>()),
        limited: true,
        codes: codes(&[&IN_SESSION, &READS]),
    }
}

pub(crate) fn change_devices() -> Described {
    Described {
        id: "changeDevices",
        tag: DEVICES,
        summary: "Enrols, changes and revokes devices",
        description: "Requires `manage`. The list must follow the current one. If a device is removed, or gets another request key or \
                      a lower permission, all sessions are revoked. The same session or device may send the same bytes again \
                      and gets the same response.",
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

pub(crate) fn open_pairing() -> Described {
    Described {
        id: "openPairing",
        tag: PAIRING,
        summary: "Opens a pairing mailbox",
        description: "Requires `manage`. The mailbox expires after 600 seconds.",
        signed: Signed::InSession,
        body: Body::Json(schema::<pairing::OpenRequest>()),
        answer: ResponseBody::Json(schema::<pairing::OpenResponse>()),
        limited: true,
        codes: codes(&[&[PairingUnknown, PairingUsed], &PERMITTED, &WRITES]),
    }
}

pub(crate) fn read_pairing() -> Described {
    Described {
        id: "readPairing",
        tag: PAIRING,
        summary: "Returns the messages in a pairing mailbox",
        description: "Anyone who knows the mailbox may read it. The messages are encrypted.",
        signed: Signed::Not,
        body: Body::Json(schema::<pairing::ReadRequest>()),
        answer: ResponseBody::Json(schema::<pairing::ReadResponse>()),
        limited: true,
        codes: codes(&[&[PairingUnknown, ReadOnly], &READS]),
    }
}

pub(crate) fn reply_to_pairing() -> Described {
    Described {
        id: "replyToPairing",
        tag: PAIRING,
        summary: "Stores the new device's reply in a pairing mailbox",
        description: "The first reply is kept. Sending it again gets the same response.",
        signed: Signed::Not,
        body: Body::Json(schema::<pairing::ReplyRequest>()),
        answer: ResponseBody::Json(schema::<pairing::ReplyResponse>()),
        limited: true,
        codes: codes(&[&[PairingUnknown, PairingUsed], &WRITES]),
    }
}
