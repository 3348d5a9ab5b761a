//! What of a history the account's present keys and device list bear out, and what is the vault's word (section 20).

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

/// What an event tells of: where several tell of the same, only the newest can be borne out.
#[derive(PartialEq, Eq)]
enum Matter {
    Snapshot(u64),
    Generation(u64),
    Device(Option<DeviceId>),
}

impl Matter {
    fn of(event: &Event) -> Option<Self> {
        match event.kind.as_str() {
            kind::SAVE => Some(Self::Snapshot(event.detail)),
            kind::REKEY => Some(Self::Generation(event.detail)),
            kind::ENROLMENT | kind::PAIRING | kind::PERMISSION | kind::REVOCATION => {
                Some(Self::Device(event.subject))
            }
            _ => None,
        }
    }
}

impl Evidence<'_> {
    /// Of each event of a stream, whether the present keys and list bear it out.
    pub(super) fn marks(&self, events: &[Event]) -> Vec<bool> {
        let is_newest = |at: usize, matter: &Matter| {
            !events[at + 1..].iter().any(|later| Matter::of(later).as_ref() == Some(matter))
        };
        let borne_out = |(at, event): (usize, &Event)| {
            Matter::of(event).is_some_and(|matter| self.shows(event) && is_newest(at, &matter))
        };
        events.iter().enumerate().map(borne_out).collect()
    }

    /// Whether what the event says is what they show. That a device is gone shows nothing: it may never have been there.
    fn shows(&self, event: &Event) -> bool {
        match event.kind.as_str() {
            kind::SAVE => self.shows_save(event.detail),
            kind::ENROLMENT | kind::PAIRING | kind::PERMISSION => {
                self.permission(event.subject).is_some_and(|held| u64::from(held.number()) == event.detail)
            }
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
