//! Pairing (protocol.md section 19): two devices agree on keys through a mailbox that neither needs
//! to trust, and the user compares six digits.
//!
//! There is no I/O here. Each step is a type, and steps that respond consume the one before, so that
//! neither side accepts a second opening or a second reply. Only the confirmation can be opened
//! again, if its result was lost. The new device goes [`Offer`] → [`Joining`] → [`Joined`], the
//! managing device [`Meeting`] → [`Confirming`] → the bytes of a [`Confirmation`].
//!
//! ```
//! use rootcellar_client::inventory::Label;
//! use rootcellar_client::pairing::{Meeting, Offer, Offered};
//! use rootcellar_client::SystemRandomness;
//! use rootcellar_spec::{VaultId, values::DeviceId};
//!
//! let vault: VaultId = "vault.example.org".to_owned().try_into()?;
//! let offer = Offer::draw(&vault, DeviceId([1; 16]), Label::parse("Pixel 9")?, &mut SystemRandomness);
//! let meeting = Meeting::open(&Offered::parse(&offer.text())?, &vault, &mut SystemRandomness)?;
//! let (joining, reply) = offer.reply(meeting.opening(), &mut SystemRandomness)?;
//! let confirming = meeting.receive(&reply)?;
//! assert_eq!(joining.code(), confirming.code());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod code;
mod exchange;
mod managing;
mod messages;
mod new_device;
mod offered;
#[cfg(test)]
mod tests;

pub use code::Code;
pub use exchange::{Exchange, PairingKey, PairingPublicKey};
pub use managing::{Confirming, Meeting};
pub use messages::{Confirmation, DeviceSecret, Reply};
pub use new_device::{Joined, Joining, Offer};
pub use offered::{Commitment, Offered, OfferedError};
