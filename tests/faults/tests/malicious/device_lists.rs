//! Device lists that are not the newest of the account (protocol.md section 18).

use crate::scene::{Scene, Told, Victim, bytes, enter, shorter};
use rootcellar_client::recovery_code::RecoveryCode;
use rootcellar_client::{ClientError, Session};
use rootcellar_faults::malicious::alter;
use rootcellar_faults::operations::ALICE;
use rootcellar_faults::person::InProcess;
use rootcellar_faults::time::run;
use rootcellar_faults::{Draws, Simulation};
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use serde_json::{Value, json};
use std::rc::Rc;

/// What is given instead of the true list; `None` withholds it.
type Instead = fn(&Value, &Told, &Told) -> Option<Value>;

const HEADER_NUMBER: usize = 30;
const ACCOUNT: usize = 10;

/// What is said to be newer is refused like any other, but not called damaged.
const NEWER: &str = "a newer format";

const LIES: &[(&str, Instead)] = &[
    ("another account's", |_, _, bob| Some(bob.devices["list"].clone())),
    ("another account's under this one's id", |list, _, bob| {
        let own = rootcellar_spec::base64url::decode(list.as_str()?)?;
        Some(bytes(&bob.devices["list"], |other| {
            other[ACCOUNT..ACCOUNT + 16].copy_from_slice(&own[ACCOUNT..ACCOUNT + 16]);
        }))
    }),
    ("an older one", |_, early, _| Some(early.devices["list"].clone())),
    ("none", |_, _, _| None),
    ("an empty one", |_, _, _| Some("".into())),
    ("one that ends too early", |list, _, _| Some(shorter(list))),
    ("one with more bytes", |list, _, _| Some(bytes(list, |list| list.push(0)))),
    ("half of one", |list, _, _| Some(bytes(list, |list| list.truncate(list.len() / 2)))),
    ("another number", |list, _, _| Some(bytes(list, |list| list[HEADER_NUMBER + 7] += 1))),
    ("another envelope", |list, _, _| {
        Some(bytes(list, |list| {
            let at = list.len() - 80;
            list[at] ^= 1;
        }))
    }),
    ("another signature", |list, _, _| {
        Some(bytes(list, |list| {
            let at = list.len() - 1;
            list[at] ^= 1;
        }))
    }),
    (NEWER, |list, _, _| Some(bytes(list, |list| list[7] = 2))),
    ("the older one's beginning with this one's end", |list, early, _| {
        let own = rootcellar_spec::base64url::decode(list.as_str()?)?;
        Some(bytes(&early.devices["list"], |older| {
            let (from, length) = (older.len() - 64, own.len());
            older[from..].copy_from_slice(&own[length - 64..]);
        }))
    }),
];

/// Puts something instead of the list, wherever one is given.
fn replace(json: &mut Value, path: &str, instead: impl Fn(&Value) -> Option<Value>) {
    let member = match path {
        paths::DEVICES => "list",
        paths::LOGIN_FINISH | paths::RECOVERY | paths::DEVICE | paths::RESTORE => "device_list",
        _ => return,
    };
    match instead(&json[member]) {
        Some(other) => json[member] = other,
        // A device's answer has one always.
        None if path == paths::DEVICE || path == paths::RESTORE => json[member] = json!(""),
        None => drop(json.as_object_mut().expect("an object").remove(member)),
    }
}

#[test]
fn a_list_that_is_not_the_newest_of_the_account_changes_nothing() {
    run(async {
        let scene = Scene::set().await;
        for (name, instead) in LIES {
            for victim in Victim::ALL {
                deceive(&scene, victim, name, *instead).await;
            }
        }
    });
}

async fn deceive(scene: &Scene, victim: Victim, name: &str, instead: Instead) {
    let case = format!("{victim:?} is given {name}");
    let (simulation, disk) = scene.with(victim).await;
    let before = disk.local_state().and_then(|local_state| local_state.device_list);
    let objects = stable(&simulation);
    let (early, bob) = (scene.early.clone(), scene.bob.clone());
    simulation.vault.tongue().lie(move |request, response| {
        if response.status == 200 {
            let (early, bob): (&Rc<Told>, &Rc<Told>) = (&early, &bob);
            let is_of_lists = request.path.starts_with(paths::DEVICES)
                || [paths::LOGIN_FINISH, paths::RECOVERY, paths::DEVICE, paths::RESTORE]
                    .contains(&request.path.as_str());
            if is_of_lists {
                alter(response, |json| replace(json, &request.path, |list| instead(list, early, bob)));
            }
        }
    });

    let client = simulation.program_on(&disk);
    let mut session =
        enter(&simulation, &client, victim).await.unwrap_or_else(|error| panic!("{case}: {error}"));
    assert!(session.devices_fault().is_some(), "{case}, and takes it");
    // Nothing of it keeps a seed from its owner.
    simulation.look(ALICE, &session);
    let expected = if name == NEWER { "newer-format" } else { "devices-refused" };
    let refused = refusals(&mut session).await;
    for (what, code) in refused {
        assert_eq!(code, Some(expected), "{case}, and {what}");
    }
    let by_passphrase = session.is_by_passphrase();
    let code = RecoveryCode::generate(&mut Draws::from(77));
    let rekeyed = session.rekey(&code, None).await.expect_err(&case);
    assert_eq!(rekeyed.code(), if by_passphrase { expected } else { "not-by-passphrase" }, "{case}");

    assert!(simulation.vault.tongue().told() > 0, "{case} was not told");
    let remembered = disk.local_state().and_then(|local_state| local_state.device_list);
    assert_eq!(remembered, before, "{case}, and remembers it");
    assert_eq!(stable(&simulation), objects, "{case}, and something was changed");
}

/// What each act that needs the list comes to.
async fn refusals(session: &mut Session<InProcess>) -> Vec<(&'static str, Option<&'static str>)> {
    let code = |result: Result<(), ClientError>| result.err().map(|error| error.code());
    let other = DeviceId([2; 16]);
    let secrets = rootcellar_client::device::DeviceSecrets::generate(&mut Draws::from(99));
    vec![
        ("lists", code(session.devices().await.map(drop))),
        ("revokes", code(session.revoke(other).await.map(drop))),
        ("permits", code(session.permit(other, Permission::View).await.map(drop))),
        ("enrols", code(session.enrol(&secrets, Permission::Manage).await)),
        ("meets", code(session.open_pairing(&crate::pairings::an_offer()).await.map(drop))),
    ]
}

/// Devices, lists and snapshots, in the store.
fn stable(simulation: &Simulation) -> Vec<String> {
    let objects = simulation.vault.truth().objects();
    let accounts = objects.iter().filter(|(key, _)| key.as_str().ends_with("/account"));
    let members = ["devices", "device_list", "snapshots", "passphrase_keyslot", "recovery_methods"];
    let devices = |devices: &Value| -> Value {
        let rows = devices.as_array().cloned().unwrap_or_default();
        rows.into_iter()
            .map(|row| json!([row["id"], row["request_key"], row["permission"], row["keyslot"]]))
            .collect()
    };
    accounts
        .flat_map(|(_, (body, _))| {
            let account: Value = serde_json::from_slice(body).expect("an account");
            members.map(|member| match member {
                "devices" => devices(&account[member]).to_string(),
                _ => account[member].to_string(),
            })
        })
        .collect()
}
