//! The mailboxes in which two devices meet (section 15.8).

use super::{State, VaultResponse, ok, read, refuse};
use crate::transport::Request;
use rootcellar_spec::wire::pairing::{
    OPENING_BYTES, OpenRequest, OpenResponse, ReadRequest, ReadResponse, ReplyRequest, ReplyResponse,
};
use rootcellar_spec::{Digest, ProblemCode, Timestamp};

/// A mailbox, which never expires here.
pub(super) struct Mailbox {
    pub(super) name: Digest,
    opening: [u8; OPENING_BYTES],
    reply: Option<Vec<u8>>,
    pub(super) confirmation: Option<Vec<u8>>,
}

impl State {
    pub(super) fn open_mailbox(&mut self, request: &Request) -> VaultResponse {
        let OpenRequest { mailbox: name, opening } = read(request);
        match self.mailboxes.iter().find(|mailbox| mailbox.name == name) {
            Some(mailbox) if mailbox.opening != opening => return refuse(ProblemCode::PairingUsed),
            Some(_) => {}
            None => self.mailboxes.push(Mailbox { name, opening, reply: None, confirmation: None }),
        }
        let time = Timestamp(self.time);
        ok(&OpenResponse { expires_at: time, time })
    }

    pub(super) fn read_mailbox(&self, request: &Request) -> VaultResponse {
        let body: ReadRequest = read(request);
        let time = Timestamp(self.time);
        match self.mailboxes.iter().find(|mailbox| mailbox.name == body.mailbox) {
            None => refuse(ProblemCode::PairingUnknown),
            Some(Mailbox { opening, reply, confirmation, .. }) => ok(&ReadResponse {
                opening: *opening,
                reply: reply.clone(),
                confirmation: confirmation.clone(),
                expires_at: time,
                time,
            }),
        }
    }

    pub(super) fn reply(&mut self, request: &Request) -> VaultResponse {
        let body: ReplyRequest = read(request);
        match self.mailboxes.iter_mut().find(|mailbox| mailbox.name == body.mailbox) {
            None => return refuse(ProblemCode::PairingUnknown),
            Some(mailbox) => mailbox.reply = Some(body.reply),
        }
        ok(&ReplyResponse { time: Timestamp(self.time) })
    }
}
