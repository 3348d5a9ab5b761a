//! Mailboxes whose messages are not those of the two devices, and what a paired device is told then (protocol.md section 19).

use crate::scene::{Scene, Told, Victim, bytes, enter, held, shorter};
use rootcellar_client::ClientError;
use rootcellar_client::inventory::Label;
use rootcellar_client::pairing::{Code, Meeting, Offer, Offered};
use rootcellar_client::transport::{Request, Response};
use rootcellar_faults::malicious::alter;
use rootcellar_faults::operations::ALICE;
use rootcellar_faults::person::{Disk, InProcess};
use rootcellar_faults::time::run;
use rootcellar_faults::vault::HOST;
use rootcellar_faults::{Draws, Simulation};
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{VaultId, base64url};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use tokio::sync::oneshot;

fn vault_id() -> VaultId {
    HOST.to_owned().try_into().expect("a vault ID")
}

fn label() -> Label {
    Label::parse("Pixel 9").expect("a label")
}

/// What someone else shows.
pub(crate) fn an_offer() -> String {
    Offer::draw(&vault_id(), DeviceId([0x77; 16]), label(), &mut Draws::from(5)).text()
}

/// What becomes of a pairing: the code of the first error, or one of these.
const PAIRED: &str = "paired";
const CODES_DIFFER: &str = "the codes differ";

/// Carried by the person.
struct Carried {
    text: oneshot::Receiver<String>,
    code: oneshot::Receiver<Code>,
}

/// Pairs a new device with Alice's first one, as a person does who compares the codes and stops both where one says that it
/// failed. `seen` is told what the new device shows, and may show something else instead.
async fn pair(simulation: &Simulation, disk: &Disk, instead: impl Fn(String) -> String) -> &'static str {
    let (mut old, new) = (simulation.program(ALICE, 0), simulation.program_on(disk));
    let (show, text) = oneshot::channel();
    let (compare, code) = oneshot::channel();
    let mut managing = pin!(bring_in(simulation, &mut old, Carried { text, code }));
    let mut joining = pin!(async {
        let offer = new.offer_pairing(label()).await?;
        let _ = show.send(instead(offer.text()));
        let joining = new.await_opening(offer).await?;
        let _ = compare.send(joining.code());
        new.finish_pairing(&joining, disk.local_state()).await
    });
    let joined = tokio::select! {
        managed = &mut managing => match managed {
            Ok(true) => joining.await,
            Ok(false) => return CODES_DIFFER,
            Err(error) => Err(error),
        },
        joined = &mut joining => joined,
    };
    joined.map_or_else(|error| error.code(), |_| PAIRED)
}

/// The managing device's side. Whether the codes were the same.
async fn bring_in(
    simulation: &Simulation,
    client: &mut rootcellar_client::Client<InProcess>,
    carried: Carried,
) -> Result<bool, ClientError> {
    let mut session = enter(simulation, client, Victim::Known).await?;
    let Ok(text) = carried.text.await else { return std::future::pending().await };
    let meeting = session.open_pairing(&text).await?;
    let confirming = session.await_reply(meeting).await?;
    let Ok(code) = carried.code.await else { return std::future::pending().await };
    if code != confirming.code() {
        return Ok(false);
    }
    session.confirm_pairing(&confirming, Permission::Backup).await.map(|()| true)
}

/// What is said of a mailbox, once a message is there.
type Lie = fn(&mut Value);

fn flip(message: &mut Value, at: usize) {
    *message = bytes(message, |message| message[at] ^= 1);
}

/// Of the opening, as long as there is no reply: to both devices, of which the managing one knows better.
const OPENINGS: &[(&str, Lie, &str)] = &[
    ("another nonce", |opening| flip(opening, 40), "pairing-refused"),
    ("another key", |opening| flip(opening, 3), "pairing-refused"),
    ("no key", |opening| *opening = json!(base64url::encode(&[0; 64])), "pairing-refused"),
    ("one that ends too early", |opening| *opening = shorter(opening), "malformed-response"),
    ("none", |opening| *opening = Value::Null, "malformed-response"),
];

/// Of the reply, to the managing device.
const REPLIES: &[(&str, Lie, &str)] = &[
    (
        "another tag",
        |reply| *reply = bytes(reply, |all| *all.last_mut().expect("some") ^= 1),
        "pairing-refused",
    ),
    ("another commitment", |reply| flip(reply, 30), "pairing-refused"),
    ("one that ends too early", |reply| *reply = shorter(reply), "pairing-refused"),
    ("an empty one", |reply| *reply = json!(""), "pairing-refused"),
    ("a confirmation's kind", |reply| *reply = bytes(reply, |all| all[1] = 7), "pairing-refused"),
    ("none", |reply| *reply = Value::Null, "pairing-expired"),
];

/// Of the confirmation, to the new device.
const CONFIRMATIONS: &[(&str, Lie, &str)] = &[
    ("another tag", |told| *told = bytes(told, |all| *all.last_mut().expect("some") ^= 1), "pairing-refused"),
    ("another nonce", |told| flip(told, 9), "pairing-refused"),
    ("one that ends too early", |told| *told = shorter(told), "pairing-refused"),
    ("an empty one", |told| *told = json!(""), "pairing-refused"),
    ("a reply's kind", |told| *told = bytes(told, |all| all[1] = 6), "pairing-refused"),
    ("none", |told| *told = Value::Null, "pairing-expired"),
];

/// Whether a message is the newest in the mailbox.
fn is_newest(mailbox: &Value, member: &str) -> bool {
    let next = match member {
        "opening" => "reply",
        "reply" => "confirmation",
        _ => return mailbox["confirmation"].is_string(),
    };
    mailbox[member].is_string() && !mailbox[next].is_string()
}

fn of_mailbox(request: &Request, response: &Response) -> bool {
    request.path == paths::PAIRING && response.status == 200
}

#[test]
fn a_message_that_is_not_the_other_devices_brings_nobody_in() {
    run(async {
        let scene = Scene::set().await;
        let kinds = [("opening", OPENINGS), ("reply", REPLIES), ("confirmation", CONFIRMATIONS)];
        for (member, lies) in kinds {
            for (name, lie, expected) in lies {
                let (simulation, disk) = scene.with(Victim::Fresh).await;
                let lie = *lie;
                simulation.vault.tongue().lie(move |request, response| {
                    if of_mailbox(request, response) {
                        alter(response, |mailbox| {
                            if is_newest(mailbox, member) {
                                lie(&mut mailbox[member]);
                                // What is not there is left out.
                                if mailbox[member].is_null() {
                                    mailbox.as_object_mut().expect("an object").remove(member);
                                }
                            }
                        });
                    }
                });
                let case = format!("the {member}: {name}");
                nobody_came(&simulation, &disk, &case, member == "confirmation", expected, |text| text).await;
            }
        }
        let (simulation, disk) = scene.with(Victim::Fresh).await;
        assert_eq!(pair(&simulation, &disk, |text| text).await, PAIRED, "without a lie");
    });
}

/// A pairing fails as expected, and the new device has learned nothing. Where the managing device was told the truth, it has
/// let the new one in, which the owner sees; it is in nobody's hands.
async fn nobody_came(
    simulation: &Simulation,
    disk: &Disk,
    case: &str,
    is_let_in: bool,
    expected: &str,
    instead: impl Fn(String) -> String,
) {
    let before = held(disk);
    assert_eq!(pair(simulation, disk, instead).await, expected, "{case}");
    assert!(simulation.vault.tongue().told() > 0, "{case} was not told");
    assert_eq!(held(disk), before, "{case}, and the new device remembers it");
    simulation.vault.tongue().listen();
    let client = simulation.program(ALICE, 0);
    let mut session = enter(simulation, &client, Victim::Known).await.expect("logs in");
    let devices = session.devices().await.expect("lists");
    let is_in = devices.iter().any(|known| known.device.id == disk.id());
    assert_eq!(is_in, is_let_in, "{case}, and the new device is in");
}

/// Someone who sees everything that passes, and takes both sides with keys of his own.
#[test]
fn a_man_in_the_middle_is_caught_by_the_codes() {
    run(async {
        let scene = Scene::set().await;
        for seed in 0..20 {
            let (simulation, disk) = scene.with(Victim::Fresh).await;
            let shown: Rc<RefCell<Option<Offered>>> = Rc::default();
            let (seen, own) = (shown.clone(), Draws::from(1000 + seed));
            // To the managing device he shows an offer of his own.
            let his = Offer::draw(&vault_id(), disk.id(), label(), &mut own.clone());
            let his_text = his.text();
            let instead = move |text: String| {
                *seen.borrow_mut() = Some(Offered::parse(&text).expect("an offer"));
                his_text.clone()
            };
            let middle = Rc::new(RefCell::new(Middle { his: Some(his), reply: None, opening: None }));
            let (between, draws) = (middle.clone(), own.clone());
            simulation.vault.tongue().lie(move |request, response| {
                if request.path == paths::PAIRING || request.path == paths::PAIRING_REPLY {
                    let offered = shown.borrow();
                    between.borrow_mut().speak(offered.as_ref(), request, response, &draws);
                }
            });
            let case = "someone is in the middle";
            nobody_came(&simulation, &disk, case, false, CODES_DIFFER, instead).await;
        }
    });
}

struct Middle {
    /// What he shows to the managing device.
    his: Option<Offer>,
    /// His reply to the managing device.
    reply: Option<Vec<u8>>,
    /// His opening for the new device.
    opening: Option<[u8; 64]>,
}

impl Middle {
    fn speak(
        &mut self,
        offered: Option<&Offered>,
        request: &Request,
        response: &mut Response,
        draws: &Draws,
    ) {
        let Some(offered) = offered else { return };
        if request.path == paths::PAIRING_REPLY {
            // The new device's mailbox is his alone.
            *response = answer(json!({"time": 1_800_000_000}));
            return;
        }
        let asked: Value = serde_json::from_slice(&request.body).expect("a request");
        if asked["mailbox"] == json!(base64url::encode(&offered.mailbox().0)) {
            let opening = self.opening.get_or_insert_with(|| {
                let meeting = Meeting::open(offered, &vault_id(), &mut draws.clone()).expect("opens");
                *meeting.opening()
            });
            *response = answer(json!({
                "opening": base64url::encode(&opening[..]), "expires_at": 1_900_000_000, "time": 1_800_000_000,
            }));
        } else if response.status == 200 {
            alter(response, |mailbox| {
                if let Some(his) = self.his.take() {
                    let opening =
                        base64url::decode(mailbox["opening"].as_str().expect("bytes")).expect("bytes");
                    let opening = opening.try_into().expect("64 bytes");
                    let (_, reply) = his.reply(&opening, &mut draws.clone()).expect("replies");
                    self.reply = Some(reply);
                }
                mailbox["reply"] = json!(base64url::encode(self.reply.as_deref().unwrap_or_default()));
            });
        }
    }
}

fn answer(json: Value) -> Response {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Response { status: 200, headers, body: serde_json::to_vec(&json).expect("serializes") }
}

/// What is said to the new device when it asks for its keys.
type ToDevice = fn(&mut Value, &Told);

const TO_DEVICES: &[(&str, ToDevice, &str)] = &[
    (
        "the list of before it came",
        |answer, now| answer["device_list"] = now.devices["list"].clone(),
        "devices-refused",
    ),
    (
        "another account's list",
        |answer, _| {
            answer["device_list"] = bytes(&answer["device_list"], |list| list[10] ^= 1);
        },
        "devices-refused",
    ),
    ("no list", |answer, _| answer["device_list"] = json!(""), "devices-refused"),
    (
        "a permission that its keys do not have",
        |answer, _| answer["permission"] = json!("manage"),
        "foreign-keyslot",
    ),
    (
        "another device's keyslot",
        |answer, now| answer["keyslot"] = now.device["keyslot"].clone(),
        "foreign-keyslot",
    ),
    (
        "the passphrase's keyslot",
        |answer, now| answer["keyslot"] = now.login["keyslot"].clone(),
        "foreign-keyslot",
    ),
    (
        "another account",
        |answer, _| {
            answer["account_id"] = json!(base64url::encode(&[9; 16]));
        },
        "foreign-account",
    ),
    ("no backup", |answer, _| answer["head"] = Value::Null, "malformed-response"),
];

#[test]
fn a_new_device_keeps_nothing_that_its_owner_did_not_sign() {
    run(async {
        let scene = Scene::set().await;
        for (name, lie, expected) in TO_DEVICES {
            let (simulation, disk) = scene.with(Victim::Fresh).await;
            let (now, lie) = (scene.now.clone(), *lie);
            simulation.vault.tongue().lie(move |request, response| {
                if request.path == paths::DEVICE && response.status == 200 {
                    alter(response, |answer| lie(answer, &now));
                }
            });
            let case = format!("a new device is given {name}");
            nobody_came(&simulation, &disk, &case, true, expected, |text| text).await;
        }
    });
}
