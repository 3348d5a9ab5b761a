//! Pairing: what the new device shows, and the messages that pass through the mailbox (protocol.md section 19).

use crate::Topic;
use crate::case::{array, bytes, expect, hex, result_of, text};
use crate::seeded::Seeded;
use anyhow::{Context, Result};
use rootcellar_client::OpenError;
use rootcellar_client::inventory::Label;
use rootcellar_client::pairing::{
    Confirmation, DeviceSecret, Exchange, Offered, OfferedError, PairingKey, Reply,
};
use rootcellar_client::snapshot::Seen;
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::{AccountId, Digest, NameHash, Number, VaultId};
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "pairing", generate, check };

/// An honest pairing, whose messages the cases change.
struct Pairing {
    base: Value,
    offered: Offered,
    /// The managing device's side.
    managing: Exchange,
    /// The new device's side.
    joining: Exchange,
    reply: Reply,
    confirmation: Confirmation,
}

fn vault() -> VaultId {
    "vault.example.org".to_owned().try_into().expect("a vault ID")
}

fn reply(seeded: &mut Seeded) -> Reply {
    Reply {
        nonce: seeded.bytes(),
        request_key: seeded.bytes(),
        device: DeviceId(seeded.bytes()),
        label: Label::parse("Pixel 9").expect("a label"),
    }
}

fn pairing(seeded: &mut Seeded) -> Pairing {
    let (material, reply) = (seeded.bytes(), reply(seeded));
    let key = PairingKey::derive(&material);
    let offered = Offered { key: key.public(), commitment: reply.commitment() };
    let (managing, opening) = Exchange::send(&offered, &vault(), seeded).expect("HPKE takes the key");
    let joining = Exchange::receive(&offered, &key, &vault(), &opening).expect("HPKE takes the share");
    let confirmation = Confirmation {
        account: AccountId(seeded.bytes()),
        device_secret: DeviceSecret::from_bytes(&seeded.bytes()),
        vault_id: vault(),
        device_list: Seen { number: Number(3), digest: Digest(seeded.bytes()) },
        server_public_key: Some(seeded.bytes()),
        name_hash: Some(NameHash(seeded.bytes())),
        last_seen: Some(Seen { number: Number(42), digest: Digest(seeded.bytes()) }),
    };
    let base = json!({
        "key_material": hex(material), "vault_id": vault().as_str(), "text": offered.to_string(),
        "opening": hex(opening), "reply": hex(joining.seal_reply(&reply, seeded)),
        "confirmation": hex(managing.seal_confirmation(&confirmation, seeded)),
    });
    Pairing { base, offered, managing, joining, reply, confirmation }
}

fn generate() -> Vec<(String, Value)> {
    let mut seeded = Seeded::new("pairing");
    let pairing = pairing(&mut seeded);
    let mut vectors = Vec::new();
    let mut add = |name: &str, changes: Value| {
        let mut vector = pairing.base.clone();
        for (field, value) in changes.as_object().expect("changes are an object") {
            vector[field] = value.clone();
        }
        describe(&mut vector).expect("the generator makes vectors that can be read");
        vectors.push((name.to_owned(), vector));
    };
    add("honest", json!({}));
    texts(&pairing, &mut add);
    openings(&pairing, &mut add);
    replies(&pairing, &mut seeded, &mut add);
    confirmations(&pairing, &mut seeded, &mut add);
    vectors
}

fn texts(pairing: &Pairing, add: &mut impl FnMut(&str, Value)) {
    let text = pairing.offered.to_string();
    let mut swapped = text.clone().into_bytes();
    swapped[40] = if swapped[40] == b'A' { b'B' } else { b'A' };
    let swapped = String::from_utf8(swapped).expect("ASCII");
    add("text-folded", json!({ "text": format!(" {}\n\t{}\u{2003}", &text[..60], &text[60..]) }));
    add("text-of-another-thing", json!({ "text": "legal winner thank year wave sausage" }));
    add("text-of-version-2", json!({ "text": text.replace("pair-1:", "pair-2:") }));
    add("text-without-a-version", json!({ "text": text.replace("pair-1:", "pair-:") }));
    add("text-mistyped", json!({ "text": swapped }));
    add("text-truncated", json!({ "text": text[..text.len() - 1] }));
    let last = text.chars().next_back().map(|last| char::from(u8::try_from(last).expect("ASCII") + 1));
    let trailing = format!("{}{}", &text[..text.len() - 1], last.expect("a text"));
    add("text-with-trailing-bits", json!({ "text": trailing }));
    add("text-padded", json!({ "text": format!("{text}=") }));
}

fn openings(pairing: &Pairing, add: &mut impl FnMut(&str, Value)) {
    let opening = bytes(&pairing.base, "opening").expect("hex");
    let with = |at: usize| {
        let mut changed = opening.clone();
        changed[at] ^= 1;
        hex(changed)
    };
    add("opening-share-changed", json!({ "opening": with(0) }));
    add("opening-share-zero", json!({ "opening": hex([&[0; 32], &opening[32..]].concat()) }));
    add("opening-nonce-changed-gives-another-code", json!({ "opening": with(63) }));
    let code = |nonce: u8| {
        let opening = [&opening[..63], &[nonce]].concat();
        let mut vector = pairing.base.clone();
        vector["opening"] = hex(&opening).into();
        describe(&mut vector).expect("the generator makes vectors that can be read");
        (vector["code"].as_str().is_some_and(|code| code.starts_with('0'))).then_some(opening)
    };
    let leading_zero = (0..=255).find_map(code).expect("one of ten codes has one");
    add("code-with-leading-zero", json!({ "opening": hex(leading_zero) }));
    add("another-vault", json!({ "vault_id": "vault.example.com" }));
    add("another-key", json!({ "key_material": hex([7; 32]) }));
}

fn replies(pairing: &Pairing, seeded: &mut Seeded, add: &mut impl FnMut(&str, Value)) {
    let Reply { nonce, request_key, device, label } = &pairing.reply;
    let honest = || Reply { nonce: *nonce, request_key: *request_key, device: *device, label: label.clone() };
    for (what, other) in [
        ("nonce", Reply { nonce: [7; 32], ..honest() }),
        ("request-key", Reply { request_key: [7; 32], ..honest() }),
        ("device", Reply { device: DeviceId([7; 16]), ..honest() }),
        ("label", Reply { label: Label::parse("Pixel 8").expect("a label"), ..honest() }),
    ] {
        let sealed = pairing.joining.seal_reply(&other, seeded);
        add(&format!("reply-with-another-{what}"), json!({ "reply": hex(sealed) }));
    }
    let again = pairing.joining.seal_reply(&pairing.reply, seeded);
    add("reply-sealed-again-gives-the-same-code", json!({ "reply": hex(again) }));
    let plaintext = pairing.reply.encode();
    // The label is the last field: a head of two bytes and seven letters.
    let unlabelled = &plaintext[1..plaintext.len() - 9];
    for (name, plaintext) in [
        ("reply-with-an-unknown-field", [&[0xa5], &plaintext[1..], &[0x05, 0xf5]].concat()),
        ("reply-without-a-label", [&[0xa3], unlabelled].concat()),
        ("reply-with-an-empty-label", [&[0xa4], unlabelled, &[0x04, 0x60]].concat()),
        ("reply-with-a-trailing-byte", [&plaintext[..], &[0]].concat()),
        ("reply-too-long", {
            let unknown = vec![0; 1_100];
            [&[0xa5], &plaintext[1..], &[0x05, 0x59, 0x04, 0x4c], &unknown].concat()
        }),
    ] {
        let sealed = pairing.joining.seal_reply_plaintext(&plaintext, seeded);
        add(name, json!({ "reply": hex(sealed) }));
    }
    changed("reply", &again_of(pairing, "reply"), 7, add);
    add("reply-of-a-confirmation", json!({ "reply": pairing.base["confirmation"] }));
}

fn confirmations(pairing: &Pairing, seeded: &mut Seeded, add: &mut impl FnMut(&str, Value)) {
    let Confirmation { account, device_secret, vault_id, device_list, .. } = &pairing.confirmation;
    let bare = || Confirmation {
        account: *account,
        device_secret: DeviceSecret::from_bytes(device_secret.expose()),
        vault_id: vault_id.clone(),
        device_list: *device_list,
        server_public_key: None,
        name_hash: None,
        last_seen: None,
    };
    let other = "vault.example.com".to_owned().try_into().expect("a vault ID");
    for (name, confirmation) in [
        ("confirmation-without-what-is-not-known", bare()),
        ("confirmation-of-another-vault", Confirmation { vault_id: other, ..bare() }),
        (
            "confirmation-with-a-list-of-number-zero",
            Confirmation { device_list: Seen { number: Number(0), digest: Digest([7; 32]) }, ..bare() },
        ),
    ] {
        let sealed = pairing.managing.seal_confirmation(&confirmation, seeded);
        add(name, json!({ "confirmation": hex(sealed) }));
    }
    let plaintext = bare().encode();
    for (name, plaintext) in [
        // The account is the first field, of two and sixteen bytes.
        ("confirmation-without-an-account", [&[0xa4], &plaintext[19..]].concat()),
        ("confirmation-with-a-number-without-its-digest", {
            [&[0xa6], &plaintext[1..], &[0x08, 0x18, 0x2a]].concat()
        }),
        ("confirmation-with-an-unknown-field", [&[0xa6], &plaintext[1..], &[0x0a, 0xf5]].concat()),
    ] {
        let sealed = pairing.managing.seal_confirmation_plaintext(&plaintext, seeded);
        add(name, json!({ "confirmation": hex(sealed) }));
    }
    changed("confirmation", &again_of(pairing, "confirmation"), 6, add);
    add("confirmation-of-a-reply", json!({ "confirmation": pairing.base["reply"] }));
}

fn again_of(pairing: &Pairing, field: &str) -> Vec<u8> {
    bytes(&pairing.base, field).expect("hex")
}

/// A message with one part changed, or cut.
fn changed(field: &str, sealed: &[u8], other_kind: u8, add: &mut impl FnMut(&str, Value)) {
    let with = |at: usize, value: u8| {
        let mut changed = sealed.to_vec();
        changed[at] = value;
        hex(changed)
    };
    let last = sealed.len() - 1;
    for (name, bytes) in [
        ("version-2", with(0, 2)),
        ("kind-changed", with(1, other_kind)),
        ("unknown-suite", with(3, 9)),
        ("nonce-changed", with(4, sealed[4] ^ 1)),
        ("commitment-changed", with(28, sealed[28] ^ 1)),
        ("ciphertext-changed", with(60, sealed[60] ^ 1)),
        ("tag-changed", with(last, sealed[last] ^ 1)),
        ("truncated", hex(&sealed[..last])),
    ] {
        add(&format!("{field}-{name}"), json!({ field: bytes }));
    }
}

fn describe(vector: &mut Value) -> Result<()> {
    let outcome = read(vector)?;
    vector["result"] = result_of(&outcome).into();
    if let Ok(content) = outcome {
        for (field, value) in content.as_object().context("content is an object")? {
            vector[field] = value.clone();
        }
    }
    Ok(())
}

/// What someone makes of the messages who knows the new device's key.
fn read(vector: &Value) -> Result<Result<Value, OpenError>> {
    let key = PairingKey::derive(&array(vector, "key_material")?);
    let vault_id = VaultId::try_from(text(vector, "vault_id")?.to_owned())?;
    let offered = match Offered::parse(text(vector, "text")?) {
        Ok(offered) => offered,
        Err(OfferedError::Unsupported) => return Ok(Err(OpenError::Unsupported)),
        Err(_) => return Ok(Err(OpenError::Malformed("text"))),
    };
    let (opening, sealed) = (array(vector, "opening")?, bytes(vector, "reply")?);
    let confirmation = bytes(vector, "confirmation")?;
    Ok(Exchange::receive(&offered, &key, &vault_id, &opening).and_then(|exchange| {
        let reply = exchange.open_reply(&sealed)?;
        let confirmation = exchange.open_confirmation(&confirmation)?;
        Ok(json!({
            "mailbox": hex(offered.mailbox().0),
            "code": exchange.code(&reply.nonce).to_string(),
            "new_device": {
                "nonce": hex(reply.nonce), "request_key": hex(reply.request_key),
                "device": hex(reply.device.0), "label": reply.label.exact(),
            },
            "confirmed": content(&confirmation),
        }))
    }))
}

fn content(confirmation: &Confirmation) -> Value {
    let seen = |seen: &Seen| json!({ "number": seen.number.0, "digest": hex(seen.digest.0) });
    json!({
        "account": hex(confirmation.account.0),
        "device_secret": hex(confirmation.device_secret.expose()),
        "device_list": seen(&confirmation.device_list),
        "server_public_key": confirmation.server_public_key.map(hex),
        "name_hash": confirmation.name_hash.map(|hash| hex(hash.0)),
        "last_seen": confirmation.last_seen.as_ref().map(seen),
    })
}

fn check(vector: &Value) -> Result<()> {
    let mut found = vector.clone();
    describe(&mut found)?;
    let fields = ["result", "mailbox", "code", "new_device", "confirmed"];
    fields.into_iter().try_for_each(|field| expect(vector, field, found[field].clone()))
}
