//! What of a history a client can check by itself, and what is the vault's word.

use rootcellar_spec::Generation;
use rootcellar_spec::header::Header;
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::wire::history::{Event, kind};
use rootcellar_spec::wire::login::Permission;

/// What the owner's keys have authenticated.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// Header of the newest snapshot, which was opened.
    pub newest: Option<&'a Header>,
    /// The devices of the newest device list, which was opened; `None` where there is no list.
    pub devices: Option<&'a [(DeviceId, Permission)]>,
    /// Generation of the keyslot that opened.
    pub generation: Generation,
}

impl Evidence<'_> {
    /// Whether it shows that what the event says took place.
    pub(super) fn shows(&self, event: &Event) -> bool {
        match event.kind.as_str() {
            kind::SAVE => self.shows_save(event.detail),
            kind::ENROLMENT | kind::PAIRING | kind::PERMISSION => {
                self.permission(event.subject).is_some_and(|held| u64::from(held.number()) == event.detail)
            }
            kind::REVOCATION => self.devices.is_some() && self.permission(event.subject).is_none(),
            kind::REKEY => event.detail > 1 && event.detail <= u64::from(self.generation.0),
            _ => false,
        }
    }

    /// A snapshot names its ancestors, so that there was one of each of their numbers.
    fn shows_save(&self, number: u64) -> bool {
        self.newest.is_some_and(|newest| {
            let back = newest.number.0.checked_sub(number).and_then(|back| usize::try_from(back).ok());
            number > 0 && back.is_some_and(|back| back <= newest.ancestors.len())
        })
    }

    fn permission(&self, device: Option<DeviceId>) -> Option<Permission> {
        let (_, permission) = self.devices?.iter().find(|(id, _)| Some(*id) == device)?;
        Some(*permission)
    }
}
