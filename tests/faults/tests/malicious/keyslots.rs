//! Keyslots that are not the ones of account, login method and generation (protocol.md section 7).

use crate::scene::{Scene, Told, Victim, bytes, enter, held, shorter};
use rootcellar_faults::malicious::alter;
use rootcellar_faults::time::run;
use rootcellar_spec::wire::paths;
use serde_json::{Value, json};

type Instead = fn(&Value, &Told, &Told, &Told) -> Value;

const FLIP_AT: &[(&str, usize)] =
    &[("another nonce", 5), ("another commitment", 30), ("other keys", 70), ("another tag", 331)];

const LIES: &[(&str, Instead)] = &[
    ("another account's, by passphrase", |_, _, _, bob| bob.login["keyslot"].clone()),
    ("another account's, by recovery code", |_, _, _, bob| bob.recovery["keyslot"].clone()),
    ("another account's, a device's", |_, _, _, bob| bob.device["keyslot"].clone()),
    ("the passphrase's of before it changed", |_, early, _, _| early.login["keyslot"].clone()),
    ("an empty one", |_, _, _, _| json!("")),
    ("one that ends too early", |slot, _, _, _| shorter(slot)),
    ("one with more bytes", |slot, _, _, _| bytes(slot, |slot| slot.push(0))),
    ("half of one", |slot, _, _, _| bytes(slot, |slot| slot.truncate(166))),
    ("another kind", |slot, _, _, _| bytes(slot, |slot| slot[1] = 2)),
];

/// Those of the same account and of another login method.
fn other_lanes(victim: Victim) -> Vec<(&'static str, Instead)> {
    let all: [(&str, Instead); 3] = [
        ("the passphrase's", |_, _, now, _| now.login["keyslot"].clone()),
        ("the recovery code's", |_, _, now, _| now.recovery["keyslot"].clone()),
        ("a device's", |_, _, now, _| now.device["keyslot"].clone()),
    ];
    let own = match victim {
        Victim::Known | Victim::Fresh => 0,
        Victim::Recovering => 1,
        Victim::Enrolled => 2,
    };
    let others = all.into_iter().enumerate().filter(|(at, _)| *at != own);
    others.map(|(_, lie)| lie).collect()
}

#[test]
fn a_keyslot_that_is_not_the_accounts_shows_nothing() {
    run(async {
        let scene = Scene::set().await;
        for victim in Victim::ALL {
            for (name, instead) in LIES.iter().copied().chain(other_lanes(victim)) {
                deceive(&scene, victim, name, move |slot, told| instead(slot, told.0, told.1, told.2)).await;
            }
            for (name, at) in FLIP_AT {
                deceive(&scene, victim, name, move |slot, _| bytes(slot, |slot| slot[*at] ^= 1)).await;
            }
        }
        let smaller = "the one of a lesser permission, which it had before";
        deceive(&scene, Victim::Enrolled, smaller, |_, told| told.0.device["keyslot"].clone()).await;
    });
}

async fn deceive(
    scene: &Scene,
    victim: Victim,
    name: &str,
    instead: impl Fn(&Value, (&Told, &Told, &Told)) -> Value + 'static,
) {
    let case = format!("{victim:?} is given {name}");
    let (simulation, disk) = scene.with(victim).await;
    let before = held(&disk);
    let told = (scene.early.clone(), scene.now.clone(), scene.bob.clone());
    simulation.vault.tongue().lie(move |request, response| {
        let gives_one = [paths::LOGIN_FINISH, paths::RECOVERY, paths::DEVICE, paths::RESTORE];
        if gives_one.contains(&request.path.as_str()) && response.status == 200 {
            alter(response, |answer| {
                answer["keyslot"] = instead(&answer["keyslot"], (&told.0, &told.1, &told.2));
            });
        }
    });
    let client = simulation.program_on(&disk);
    let Err(error) = enter(&simulation, &client, victim).await else { panic!("{case}, and takes it") };
    assert_eq!(error.code(), "foreign-keyslot", "{case}: {error}");
    assert_eq!(simulation.vault.tongue().told(), 1, "{case} once");
    assert_eq!(held(&disk), before, "{case}, and remembers it");
}
