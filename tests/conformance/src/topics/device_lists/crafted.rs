//! Device lists whose signature holds, whatever they say: written by hand.

use super::{ACCOUNT_KEY, header, held, keys};
use crate::seeded::Seeded;
use minicbor::Encoder;
use rootcellar_client::aad::AssociatedData;
use rootcellar_client::device_list;
use rootcellar_client::envelope;
use rootcellar_spec::device_list::Layout;
use rootcellar_spec::header::Header;

/// One device's map: each field as a key and encoded value.
fn device(id: u8, changes: &[(u8, Option<Vec<u8>>)]) -> Vec<u8> {
    let mut fields = vec![
        (1, octets(&[id; 16])),
        (2, text("phone")),
        (3, vec![2]),
        (4, octets(&[0xe1; 32])),
        (5, vec![7]),
    ];
    for (key, value) in changes {
        fields.retain(|(known, _)| known != key);
        fields.extend(value.clone().map(|value| (*key, value)));
    }
    map(&fields)
}

fn octets(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Encoder::new(&mut out).bytes(bytes).expect("writing to memory does not fail");
    out
}

fn text(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    Encoder::new(&mut out).str(text).expect("writing to memory does not fail");
    out
}

/// An array of encoded items.
fn array(items: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    Encoder::new(&mut out).array(items.len() as u64).expect("writing to memory does not fail");
    items.iter().for_each(|item| out.extend_from_slice(item));
    out
}

/// A map of keys and encoded values, in the order of the keys.
fn map(fields: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut fields = fields.to_vec();
    fields.sort_by_key(|(key, _)| *key);
    let mut out = Vec::new();
    Encoder::new(&mut out).map(fields.len() as u64).expect("writing to memory does not fail");
    for (key, value) in fields {
        Encoder::new(&mut out).u8(key).expect("writing to memory does not fail");
        out.extend_from_slice(&value);
    }
    out
}

/// The sealed device keys of these ids, as a field of the list with this header.
fn device_keys(header: &Header, ids: &[u8]) -> Vec<u8> {
    let one = |id: &u8| map(&[(1, octets(&[*id; 16])), (2, octets(&[0x31; 32]))]);
    let plaintext = map(&[(1, array(&ids.iter().map(one).collect::<Vec<_>>()))]);
    let held = held(&ACCOUNT_KEY);
    let key = keys(&held).device_keys.expose();
    let aad = AssociatedData::device_keys(header);
    octets(&envelope::seal(key, &aad, &plaintext, &mut Seeded::new("crafted keys")).expect("small"))
}

/// Seals and signs a plaintext.
fn signed(header: &Header, plaintext: &[u8]) -> Vec<u8> {
    let held = held(&ACCOUNT_KEY);
    let aad = AssociatedData::device_list(header);
    let key = held.inventory().expose();
    let sealed = envelope::seal(key, &aad, plaintext, &mut Seeded::new("crafted list")).expect("small");
    device_list::sign(header, &sealed, keys(&held).device_list)
}

/// A list of these devices, and device keys of these ids.
fn list(devices: &[Vec<u8>], ids: &[u8]) -> Vec<u8> {
    let header = header(1);
    signed(&header, &map(&fields(devices, device_keys(&header, ids))))
}

fn fields(devices: &[Vec<u8>], device_keys: Vec<u8>) -> Vec<(u8, Vec<u8>)> {
    vec![(1, vec![5]), (2, octets(&[0; 16])), (3, array(devices)), (4, device_keys)]
}

/// A list of one device with these changes to its map.
fn of_device(changes: &[(u8, Option<Vec<u8>>)]) -> Vec<u8> {
    list(&[device(1, changes)], &[1])
}

/// Every one, by its name.
pub(super) fn all() -> Vec<(&'static str, Vec<u8>)> {
    let first = header(1);
    let whole = |plaintext: Vec<u8>| signed(&first, &plaintext);
    let one = || fields(&[device(1, &[])], device_keys(&first, &[1]));
    let without = |key: u8| map(&one().into_iter().filter(|(known, _)| *known != key).collect::<Vec<_>>());
    let moved = header(2);
    let many: Vec<u8> = (1..18).collect();
    let devices = |ids: &[u8]| ids.iter().map(|id| device(*id, &[])).collect::<Vec<_>>();
    vec![
        ("changed-by-a-device-that-is-not-enrolled", list(&[device(1, &[])], &[1])),
        ("unknown-field-of-the-list", whole(map(&[one(), vec![(9, vec![0xf5])]].concat()))),
        ("unknown-field-of-a-device", of_device(&[(9, Some(vec![0xf5]))])),
        ("device-id-twice", list(&devices(&[1, 1]), &[1, 1])),
        ("seventeen-devices", list(&devices(&many), &many)),
        ("kind-app-written-out", of_device(&[(6, Some(vec![1]))])),
        ("kind-passkey", of_device(&[(6, Some(vec![2]))])),
        ("kind-of-a-newer-version", of_device(&[(6, Some(vec![0x18, 0x63]))])),
        ("kind-is-text", of_device(&[(6, Some(text("app")))])),
        ("permission-zero", of_device(&[(3, Some(vec![0]))])),
        ("permission-five", of_device(&[(3, Some(vec![5]))])),
        ("permission-missing", of_device(&[(3, None)])),
        ("label-empty", of_device(&[(2, Some(text("")))])),
        ("label-with-control-character", of_device(&[(2, Some(text("a\u{1b}[2J")))])),
        ("request-key-short", of_device(&[(4, Some(octets(&[0xe1; 31])))])),
        ("device-id-short", of_device(&[(1, Some(octets(&[1; 15])))])),
        ("enrolled-missing", of_device(&[(5, None)])),
        ("changed-by-missing", whole(without(2))),
        ("devices-missing", whole(without(3))),
        ("device-keys-missing", whole(without(4))),
        ("device-keys-of-another-device", list(&[device(1, &[])], &[2])),
        ("device-keys-in-another-order", list(&devices(&[1, 2]), &[2, 1])),
        ("device-keys-of-fewer-devices", list(&devices(&[1, 2]), &[1])),
        ("device-keys-of-another-list", whole(map(&fields(&[device(1, &[])], device_keys(&moved, &[1]))))),
        ("plaintext-with-trailing-byte", whole([map(&one()), vec![0]].concat())),
        ("envelope-of-another-list", {
            let other = signed(&moved, &map(&one()));
            let layout = Layout::parse(&other).expect("a list");
            device_list::sign(&first, layout.envelope, keys(&held(&ACCOUNT_KEY)).device_list)
        }),
        (
            "longer-than-a-list-may-be",
            device_list::sign(&first, &[1; 10_400], keys(&held(&ACCOUNT_KEY)).device_list),
        ),
    ]
}
