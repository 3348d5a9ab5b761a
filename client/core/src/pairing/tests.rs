//! An honest pairing, every message of it changed, and somebody in the middle.

use super::*;
use crate::continuity::Seen;
use crate::flow_tests::counting::Counting;
use crate::inventory::Label;
use crate::open_error::OpenError;
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::{AccountId, Digest, NameHash, Number, VaultId};

const DEVICE: DeviceId = DeviceId([7; 16]);

fn vault() -> VaultId {
    "vault.example.org".to_owned().try_into().expect("a vault ID")
}

fn label(text: &str) -> Label {
    Label::parse(text).expect("a label")
}

fn offer(randomness: &mut Counting) -> Offer {
    Offer::draw(&vault(), DEVICE, label("Pixel 9"), randomness)
}

fn meet(text: &str, randomness: &mut Counting) -> Meeting {
    let offered = Offered::parse(text).expect("an offer");
    Meeting::open(&offered, &vault(), randomness).expect("opens")
}

fn confirmation() -> Confirmation {
    Confirmation {
        account: AccountId([3; 16]),
        device_secret: DeviceSecret::from_bytes(&[0x5e; 32]),
        vault_id: vault(),
        device_list: Seen { number: Number(4), digest: Digest([5; 32]) },
        server_public_key: Some([6; 32]),
        name_hash: Some(NameHash([7; 32])),
        last_seen: Some(Seen { number: Number(8), digest: Digest([9; 32]) }),
    }
}

/// A name, and what is changed.
type Change = (&'static str, fn(&mut Reply));

#[test]
fn both_show_one_code_and_the_new_device_learns_what_the_other_says() {
    let random = &mut Counting::new(1);
    let offer = offer(random);
    let meeting = meet(&offer.text(), random);
    assert_eq!(offer.mailbox(), meeting.mailbox());
    let (joining, reply) = offer.reply(meeting.opening(), random).expect("replies");
    let confirming = meeting.receive(&reply).expect("opens");
    assert_eq!(joining.code(), confirming.code());
    assert_eq!(joining.code().to_string().len(), 6);
    assert_eq!((confirming.device(), confirming.label().exact()), (DEVICE, "Pixel 9"));
    let request_key = *confirming.request_key();

    let sealed = confirming.confirm(&confirmation(), random);
    assert!(sealed.len() <= rootcellar_spec::limits::PAIRING_MESSAGE_BYTES);
    let joined = joining.receive(&sealed).expect("opens");
    // What became of it may be lost: it is opened again, and gives the same.
    let again = joining.receive(&sealed).expect("opens again");
    assert_eq!(again.request_key_seed(), joined.request_key_seed());
    assert_eq!(again.confirmation.device_secret.expose(), joined.confirmation.device_secret.expose());
    let said = &joined.confirmation;
    assert_eq!((said.account, said.device_secret.expose()), (AccountId([3; 16]), &[0x5e; 32]));
    assert_eq!((said.device_list, said.last_seen), (confirmation().device_list, confirmation().last_seen));
    assert_eq!((said.server_public_key, said.name_hash), (Some([6; 32]), Some(NameHash([7; 32]))));
    let own = crate::request_signing::RequestKey::from_seed(joined.request_key_seed());
    assert_eq!(own.public(), request_key);
}

#[test]
fn what_is_not_known_is_left_out() {
    let bare = Confirmation { server_public_key: None, name_hash: None, last_seen: None, ..confirmation() };
    let read = Confirmation::decode(&bare.encode()).expect("reads");
    assert_eq!((read.server_public_key, read.name_hash, read.last_seen), (None, None, None));
}

#[test]
fn a_text_that_was_changed_anywhere_is_no_offer() {
    let text = offer(&mut Counting::new(2)).text();
    assert_eq!(text.len(), 109);
    let folded = format!("  {}\n{} ", &text[..50], &text[50..]);
    assert_eq!(Offered::parse(&folded), Offered::parse(&text));
    for at in 0..text.len() {
        let mut changed = text.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("ASCII");
        assert!(Offered::parse(&changed).is_err(), "{at}");
        assert!(Offered::parse(&text[..at]).is_err(), "{at}");
    }
    assert_eq!(Offered::parse(&text.replace("pair-1", "pair-2")), Err(OfferedError::Unsupported));
    assert_eq!(Offered::parse("legal winner thank year"), Err(OfferedError::Foreign));
}

#[test]
fn an_opening_that_was_changed_anywhere_fails_or_changes_the_code() {
    let mut random = Counting::new(3);
    for at in 0..64 {
        let offer = offer(&mut random);
        let meeting = meet(&offer.text(), &mut random);
        let mut opening = *meeting.opening();
        opening[at] ^= 1;
        let Ok((joining, reply)) = offer.reply(&opening, &mut random) else { continue };
        match meeting.receive(&reply) {
            Err(error) => assert_eq!((error, at < 32), (OpenError::Authentication, true), "{at}"),
            Ok(confirming) => assert_ne!(joining.code(), confirming.code(), "{at}"),
        }
    }
}

#[test]
fn a_reply_and_a_confirmation_that_were_changed_anywhere_do_not_open() {
    let mut random = Counting::new(4);
    let offer = offer(&mut random);
    let meeting = meet(&offer.text(), &mut random);
    let opening = *meeting.opening();
    let key = PairingKey::derive(&[1; 32]);
    let offered = Offered {
        key: key.public(),
        commitment: Offered::parse(&offer.text()).expect("an offer").commitment,
    };
    let (managing, share) = Exchange::send(&offered, &vault(), &mut random).expect("sets up");
    let receiving = Exchange::receive(&offered, &key, &vault(), &share).expect("sets up");
    let (_, reply) = offer.reply(&opening, &mut random).expect("replies");
    let message = managing.seal_confirmation(&confirmation(), &mut random);
    for at in 0..message.len() {
        let mut changed = message.clone();
        changed[at] ^= 1;
        assert!(receiving.open_confirmation(&changed).is_err(), "{at}");
        assert!(receiving.open_confirmation(&message[..at]).is_err(), "{at}");
    }
    assert!(receiving.open_confirmation(&message).is_ok());
    // The one is not the other, and neither goes into another mailbox.
    assert_eq!(receiving.open_reply(&message).err(), Some(OpenError::Authentication));
    assert_eq!(managing.open_reply(&reply).err(), Some(OpenError::Authentication));
    for at in [0, 1, 2, 3, 4, 28, 60, reply.len() - 1] {
        let mut changed = reply.clone();
        changed[at] ^= 1;
        assert!(meet_again(&changed).is_err(), "{at}");
    }
    assert!(meet_again(&reply).is_ok());
    assert!(meeting.receive(&reply[..reply.len() - 1]).is_err());
}

/// What the managing device of the test above makes of a reply.
fn meet_again(reply: &[u8]) -> Result<Confirming, OpenError> {
    let mut random = Counting::new(4);
    let text = offer(&mut random).text();
    meet(&text, &mut random).receive(reply)
}

#[test]
fn what_the_new_device_had_not_committed_itself_to_is_refused() {
    let mut random = Counting::new(5);
    let honest = |random: &mut Counting| {
        let nonce = crate::randomness::bytes(random);
        Reply { nonce, request_key: [1; 32], device: DEVICE, label: label("Pixel 9") }
    };
    let changes: [Change; 5] = [
        ("nothing", |_| {}),
        ("nonce", |reply| reply.nonce[0] ^= 1),
        ("request key", |reply| reply.request_key = [2; 32]),
        ("device", |reply| reply.device = DeviceId([8; 16])),
        ("label", |reply| reply.label = label("Pixel 8")),
    ];
    for (what, change) in changes {
        // Who holds the key of the offer could seal anything: a new device that changes its mind, or somebody in the middle
        // with a key of their own beside the new device's commitment.
        let key = PairingKey::derive(&crate::randomness::bytes(&mut random));
        let mut reply = honest(&mut random);
        let offered = Offered { key: key.public(), commitment: reply.commitment() };
        let meeting = meet(&offered.to_string(), &mut random);
        let exchange = Exchange::receive(&offered, &key, &vault(), meeting.opening()).expect("sets up");
        change(&mut reply);
        let received = meeting.receive(&exchange.seal_reply(&reply, &mut random));
        match received {
            Ok(_) => assert_eq!(what, "nothing"),
            Err(error) => assert_eq!((error, what != "nothing"), (OpenError::Authentication, true), "{what}"),
        }
    }
}

/// One pairing through somebody who has a key pair of their own on both sides; tells whether the codes agree.
fn through_the_middle(seed: u64, keeps_commitment: bool) -> bool {
    let random = &mut Counting::new(seed);
    let offer = offer(random);
    let text = Offered::parse(&offer.text()).expect("an offer");
    // Towards the managing device: another key, with the device's own commitment or one to other things.
    let key = PairingKey::derive(&crate::randomness::bytes(random));
    let nonce = crate::randomness::bytes(random);
    let own = Reply { nonce, request_key: [1; 32], device: DEVICE, label: label("Pixel 9") };
    let commitment = if keeps_commitment { text.commitment } else { own.commitment() };
    let shown = Offered { key: key.public(), commitment };
    let meeting = meet(&shown.to_string(), random);
    // Towards the new device: an opening of their own, before its nonce is known.
    let (inner, opening) = Exchange::send(&text, &vault(), random).expect("sets up");
    let (joining, reply) = offer.reply(&opening, random).expect("replies");
    let learned = inner.open_reply(&reply).expect("opens");
    let outer = Exchange::receive(&shown, &key, &vault(), meeting.opening()).expect("sets up");
    let told = if keeps_commitment { learned } else { own };
    let confirming = meeting.receive(&outer.seal_reply(&told, random)).expect("what was committed to");
    joining.code() == confirming.code()
}

#[test]
fn somebody_in_the_middle_makes_the_codes_differ() {
    for keeps_commitment in [false, true] {
        let agreeing = (0..1_000).filter(|seed| through_the_middle(*seed, keeps_commitment)).count();
        assert!(agreeing <= 1, "{agreeing} of 1,000 agree; keeps the commitment: {keeps_commitment}");
    }
}

/// Were it otherwise, who sits in the middle could seal a reply again and again until the codes agree.
#[test]
fn sealing_a_reply_again_does_not_change_the_code() {
    let random = &mut Counting::new(6);
    let key = PairingKey::derive(&[1; 32]);
    let reply = Reply { nonce: [2; 32], request_key: [3; 32], device: DEVICE, label: label("Pixel 9") };
    let offered = Offered { key: key.public(), commitment: reply.commitment() };
    let codes = [7, 8].map(|seal| {
        let meeting = meet(&offered.to_string(), &mut Counting::new(9));
        let exchange = Exchange::receive(&offered, &key, &vault(), meeting.opening()).expect("sets up");
        let sealed = exchange.seal_reply(&reply, &mut Counting::new(seal));
        (sealed.clone(), meeting.receive(&sealed).expect("opens").code())
    });
    assert_ne!(codes[0].0, codes[1].0);
    assert_eq!(codes[0].1, codes[1].1);
    let (fresh, _) = Exchange::send(&offered, &vault(), random).expect("sets up");
    assert_ne!(fresh.code(&reply.nonce), codes[0].1);
}

#[test]
fn another_vault_is_another_pairing() {
    let random = &mut Counting::new(10);
    let offer = offer(random);
    let other: VaultId = "other.example.org".to_owned().try_into().expect("a vault ID");
    let offered = Offered::parse(&offer.text()).expect("an offer");
    let meeting = Meeting::open(&offered, &other, random).expect("opens");
    let (_, reply) = offer.reply(meeting.opening(), random).expect("replies");
    assert_eq!(meeting.receive(&reply).err(), Some(OpenError::Authentication));
}

#[test]
fn a_confirmation_that_names_another_vault_is_refused() {
    let random = &mut Counting::new(11);
    let offer = offer(random);
    let meeting = meet(&offer.text(), random);
    let (joining, reply) = offer.reply(meeting.opening(), random).expect("replies");
    let other = "other.example.org".to_owned().try_into().expect("a vault ID");
    let sealed = meeting
        .receive(&reply)
        .expect("opens")
        .confirm(&Confirmation { vault_id: other, ..confirmation() }, random);
    assert_eq!(joining.receive(&sealed).err(), Some(OpenError::Authentication));
}

#[test]
fn nothing_secret_is_printed() {
    let random = &mut Counting::new(12);
    let offer = offer(random);
    let meeting = meet(&offer.text(), random);
    let mut printed = format!("{offer:?} {meeting:?}");
    let (joining, reply) = offer.reply(meeting.opening(), random).expect("replies");
    let confirming = meeting.receive(&reply).expect("opens");
    printed += &format!("{joining:?} {confirming:?}");
    let joined = joining.receive(&confirming.confirm(&confirmation(), random)).expect("opens");
    printed += &format!("{joined:?}");
    let seed = format!("{:?}", &joined.request_key_seed()[..4]);
    let (seed, secret) = (seed.trim_matches(['[', ']']), "94, 94");
    assert!(!printed.contains(seed) && !printed.contains(secret) && !printed.contains("Pixel"), "{printed}");
}
