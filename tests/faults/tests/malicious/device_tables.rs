//! Tables of devices that say otherwise than the list, which the owner signed (protocol.md sections 15.7 and 18).

use crate::scene::{Scene, Told, Victim, enter, held};
use rootcellar_client::state_store::StateStore;
use rootcellar_faults::malicious::alter;
use rootcellar_faults::operations::ALICE;
use rootcellar_faults::person::Disk;
use rootcellar_faults::time::run;
use rootcellar_spec::base64url;
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use serde_json::{Value, json};

type Lie = fn(&mut Value, &Told, &Told);

fn rows(answer: &mut Value) -> &mut Vec<Value> {
    answer["devices"].as_array_mut().expect("rows")
}

/// A device that nobody enrolled, with a key that the vault has.
fn spy() -> Value {
    let (id, key) = (base64url::encode(&[0x55; 16]), base64url::encode(&[0x66; 32]));
    json!({"id": id, "request_key": key, "permission": "view", "enrolled_at": 1, "last_seen_at": 1})
}

const LIES: &[(&str, Lie)] = &[
    ("an added device", |answer, _, _| rows(answer).push(spy())),
    ("a device instead of another", |answer, _, _| rows(answer)[0] = spy()),
    ("a hidden device", |answer, _, _| drop(rows(answer).pop())),
    ("no devices", |answer, _, _| rows(answer).clear()),
    ("a device twice", |answer, _, _| {
        let row = rows(answer)[0].clone();
        rows(answer).push(row);
    }),
    ("a lowered permission", |answer, _, _| rows(answer)[0]["permission"] = json!("view")),
    ("another permission", |answer, _, _| rows(answer)[0]["permission"] = json!("restore")),
    ("another request key", |answer, _, _| {
        rows(answer)[0]["request_key"] = spy()["request_key"].clone();
    }),
    ("another id", |answer, _, _| rows(answer)[0]["id"] = spy()["id"].clone()),
    ("an older table with the newest list", |answer, early, _| {
        answer["devices"] = early.devices["devices"].clone();
    }),
    ("the newest table with an older list", |answer, early, _| {
        answer["list"] = early.devices["list"].clone()
    }),
    ("an older table with its list", |answer, early, _| *answer = early.devices.clone()),
    ("another account's table", |answer, _, bob| answer["devices"] = bob.devices["devices"].clone()),
    ("another account's table and list", |answer, _, bob| *answer = bob.devices.clone()),
    ("a table without its list", |answer, _, _| {
        drop(answer.as_object_mut().expect("an object").remove("list"))
    }),
    ("neither devices nor a list", |answer, _, _| {
        rows(answer).clear();
        answer.as_object_mut().expect("an object").remove("list");
    }),
];

#[test]
fn a_table_that_contradicts_the_list_changes_nothing() {
    run(async {
        let scene = Scene::set().await;
        for (name, lie) in LIES {
            for victim in Victim::ALL {
                deceive(&scene, victim, name, *lie).await;
            }
        }
    });
}

async fn deceive(scene: &Scene, victim: Victim, name: &str, lie: Lie) {
    let case = format!("{victim:?} is given {name}");
    let (simulation, disk) = scene.with(victim).await;
    let client = simulation.program_on(&disk);
    let mut session = enter(&simulation, &client, victim).await.expect("the truth is taken");
    assert_eq!(session.devices_fault(), None, "{case}");
    let before = held(&disk);
    let (early, bob) = (scene.early.clone(), scene.bob.clone());
    simulation.vault.tongue().lie(move |request, response| {
        if request.path == paths::DEVICES && response.status == 200 {
            alter(response, |answer| lie(answer, &early, &bob));
        }
    });

    let error = session.devices().await.expect_err(&case);
    assert_eq!(error.code(), "devices-refused", "{case}: {error}");
    let error = session.permit(DeviceId([2; 16]), Permission::View).await.expect_err(&case);
    assert_eq!(error.code(), "devices-refused", "{case}, and permits: {error}");
    let error = session.revoke(DeviceId([2; 16])).await.expect_err(&case);
    assert_eq!(error.code(), "devices-refused", "{case}, and revokes: {error}");
    simulation.look(ALICE, &session);
    assert_eq!(simulation.vault.tongue().told(), 1, "{case}, and asks on");
    assert_eq!(held(&disk), before, "{case}, and remembers it");
}

/// What a device keeps of its own permission.
fn kept(disk: &Disk) -> Option<(Permission, Vec<u8>)> {
    let enrolment = disk.enrolment().expect("reads");
    enrolment.map(|enrolment| (enrolment.permission, enrolment.keyslot))
}

/// What a vault says to a device of what it may do.
const PERMISSIONS: &[(&str, &str, &str)] = &[
    ("less than the owner signed, under the same keys", "restore", "devices"),
    ("less than its keyslot is for", "backup", "foreign-keyslot"),
    ("that it may only look", "view", "foreign-keyslot"),
];

#[test]
fn a_device_believes_no_permission_that_the_owner_did_not_sign() {
    run(async {
        let scene = Scene::set().await;
        for (name, permission, expected) in PERMISSIONS {
            let case = format!("a device is told {name}");
            let (simulation, disk) = scene.with(Victim::Enrolled).await;
            let before = (held(&disk), kept(&disk));
            simulation.vault.tongue().lie(move |request, response| {
                if request.path == paths::DEVICE && response.status == 200 {
                    alter(response, |answer| answer["permission"] = json!(permission));
                }
            });
            let client = simulation.program_on(&disk);
            let (local_state, secrets) =
                (disk.local_state().expect("remembers"), disk.secrets().expect("enrolled"));
            match client.device_session(local_state, &secrets).await {
                Ok(session) => {
                    assert_eq!(*expected, "devices", "{case}, and takes it");
                    assert!(session.devices_fault().is_some(), "{case}, and takes it");
                }
                Err(error) => {
                    assert_eq!(error.code(), *expected, "{case}: {error}");
                    assert_eq!(held(&disk), before.0, "{case}, and remembers it");
                }
            }
            assert_eq!(kept(&disk), before.1, "{case}, and keeps it");
        }
    });
}
