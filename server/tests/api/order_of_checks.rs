//! Section 13.2: of several refusals that apply, the first of the order is given.

use crate::deletion;
use crate::permissions::{ROUTES, World, world};
use crate::support::client::{Signs, User};
use crate::support::devices::{Device, request};
use crate::support::vault;
use axum::body::Body;
use ed25519_dalek::SigningKey;
use http::{HeaderValue, Request};
use rootcellar_spec::wire::account::DeleteResponse;
use rootcellar_spec::wire::devices::{ChangeResponse, DevicesRequest, PairingConfirmation};
use rootcellar_spec::wire::login::Permission::{Backup, Manage, View};
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::registration::PassphraseStartRequest;
use rootcellar_spec::{Digest, ProblemCode, Timestamp, VaultId, parts};
use rootcellar_vault::clock::Clock;
use serde_json::Value;

fn header(text: &str) -> HeaderValue {
    text.parse().expect("a header")
}

/// Who signs with `key` and sends `token`.
struct Sender<'a> {
    token: &'a str,
    key: &'a SigningKey,
}

impl Signs for Sender<'_> {
    fn token(&self) -> &str {
        self.token
    }

    fn key(&self) -> &SigningKey {
        self.key
    }
}

/// Sets members of a JSON object.
fn with(body: &[u8], changes: &[(&str, Value)]) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(body).expect("JSON");
    for (member, changed) in changes {
        value[*member] = changed.clone();
    }
    serde_json::to_vec(&value).expect("serializes")
}

fn b64(bytes: &[u8]) -> Value {
    rootcellar_spec::base64url::encode(bytes).into()
}

/// The same request with a fault that shows in the request alone, and the field at fault.
fn faulty(method: &str, path: &str, to: &str, body: &[u8]) -> Option<(String, Vec<u8>, &'static str)> {
    let broken = |body, field| Some((to.to_owned(), body, field));
    match (method, path) {
        ("PUT", _) => broken(body[..body.len() - 1].to_vec(), "snapshot"),
        ("GET", paths::SNAPSHOT) => Some((format!("{}/AAAA", paths::SNAPSHOTS), Vec::new(), "operation")),
        ("GET", _) => None,
        (_, paths::DEVICES) => broken(with(body, &[("list", b64(b"RCDEVS"))]), "list"),
        (_, paths::PAIRINGS) => broken(with(body, &[("opening", b64(&[1; 63]))]), "opening"),
        (_, paths::PASSPHRASE_START) => {
            broken(with(body, &[("registration_request", b64(&[0xff; 32]))]), "registration_request")
        }
        (_, paths::PASSPHRASE_FINISH) => {
            broken(with(body, &[("registration_record", b64(&[0xff; 192]))]), "registration_record")
        }
        (_, paths::RECOVERY_CODE) => {
            let mut value: Value = serde_json::from_slice(body).expect("JSON");
            value["recovery_methods"][0]["proof"] = b64(&[0; 64]);
            broken(serde_json::to_vec(&value).expect("serializes"), "recovery_methods[0].proof")
        }
        (_, paths::REKEY) => {
            let (control, snapshot) = parts::split(body).expect("two parts");
            let control = with(control, &[("list", b64(b"RCDEVS"))]);
            broken(parts::join(&control, snapshot.unwrap_or_default()), "list")
        }
        _ => broken(with(body, &[("extra", 1.into())]), "extra"),
    }
}

async fn revoke(world: &World) {
    let gone = world.user.list(Some(&world.list));
    let reply = world.user.change(&world.vault, &world.session, &gone, Vec::new()).await;
    reply.json::<ChangeResponse>();
}

async fn delete(world: &World) {
    let request = deletion::request(&world.user);
    let session = world.user.log_in_again(&world.vault).await;
    world.user.post(&world.vault, &session, paths::DELETE, &request).await.json::<DeleteResponse>();
}

/// Step 1 before step 2: none of these requests is signed.
#[tokio::test]
async fn route_method_and_announced_size_come_before_the_signature() {
    let vault = vault().await;
    let send = async |method: &str, path: &str, body: Vec<u8>| {
        let request = Request::builder().method(method).uri(path).body(Body::from(body));
        vault.send(request.expect("a request")).await
    };
    for (method, path, _) in ROUTES {
        let limit = match (method, path) {
            ("GET", _) => 0,
            ("PUT", _) => rootcellar_spec::limits::SNAPSHOT_BYTES,
            (_, paths::DEVICES) => rootcellar_spec::limits::DEVICES_BODY_BYTES,
            (_, paths::REKEY) => parts::PARTS_BODY_BYTES,
            _ => rootcellar_spec::limits::JSON_BODY_BYTES,
        };
        let path = path.replace("{operation}", "AAAA");
        send("DELETE", &path, vec![0; limit + 1]).await.problem(ProblemCode::MethodNotAllowed);
        send(method, &path, vec![0; limit + 1]).await.problem(ProblemCode::TooLarge);
        send(method, &path, vec![0; limit]).await.problem(ProblemCode::SignatureInvalid);
    }
    send("GET", "/v1/account/nothing", vec![0; 9]).await.problem(ProblemCode::NotFound);
}

/// Within step 2: headers and spelling, the signature, its time, and the digest of the body.
#[tokio::test]
async fn a_signature_is_checked_in_its_own_order_before_the_session() {
    let vault = vault().await;
    let user = User::new("alice");
    let at = |time: Timestamp, session: Option<&str>| {
        let path = if session.is_some() { paths::DELETE } else { paths::RECOVERY };
        user.signed("POST", path, b"{}".to_vec(), &user.recovery, session, time)
    };
    let now = vault.clock.now();
    for session in [Some("AA"), None] {
        let refused =
            if session.is_some() { ProblemCode::SignatureInvalid } else { ProblemCode::RecoveryRefused };
        let late = now.plus(301);
        for name in ["signature", "signature-input", "content-digest"] {
            let mut request = at(late, session);
            request.headers_mut().remove(name);
            vault.send(request).await.problem(refused);
            let mut request = at(late, session);
            let twice = request.headers()[name].clone();
            request.headers_mut().append(name, twice);
            vault.send(request).await.problem(refused);
        }
        let mut misspelled = at(late, session);
        let input =
            misspelled.headers()["signature-input"].to_str().expect("text").replace(";nonce", "; nonce");
        misspelled.headers_mut().insert("signature-input", header(&input));
        vault.send(misspelled).await.problem(refused);
        let mut unsigned = at(late, session);
        let zeros = format!("rc=:{}==:", "A".repeat(86));
        unsigned.headers_mut().insert("signature", header(&zeros));
        vault.send(unsigned).await.problem(refused);

        let mut other_body = at(late, session);
        *other_body.body_mut() = Body::from("not JSON");
        vault.send(other_body).await.problem(ProblemCode::ClockSkew);
        let mut other_body = at(now, session);
        *other_body.body_mut() = Body::from("not JSON");
        vault.send(other_body).await.problem(refused);
    }
}

#[tokio::test]
async fn a_session_header_where_none_belongs_is_a_wrong_signature() {
    let vault = vault().await;
    let user = User::new("alice");
    let sent = async |path| {
        let request =
            user.signed("POST", path, b"not JSON".to_vec(), &user.recovery, Some("AA"), vault.clock.now());
        vault.send(request).await
    };
    sent(paths::LOGIN_FINISH).await.problem(ProblemCode::SignatureInvalid);
    sent(paths::RECOVERY).await.problem(ProblemCode::RecoveryRefused);
}

/// Step 3 before step 4: what the session header is, before what the body is.
#[tokio::test]
async fn the_session_header_comes_before_the_body() {
    for (method, path, _) in ROUTES {
        let mut world = world(Manage).await;
        let (to, body) = world.good(method, path).await;
        let (to, body, _) = faulty(method, path, &to, &body).unwrap_or((to, body, ""));
        let key = &world.session.key;
        let what = format!("{method} {path}");
        for ended in ["AA", "not base64url"] {
            let sender = Sender { token: ended, key };
            let reply = world.vault.send(world.request(&sender, method, &to, body.clone())).await;
            reply.problem(ProblemCode::SessionEnded);
        }
        let sender = Sender { token: "device.AA", key };
        let reply = world.vault.send(world.request(&sender, method, &to, body.clone())).await;
        let problem = reply.problem(ProblemCode::Malformed);
        assert_eq!(problem.field.as_deref(), Some("rootcellar-session"), "{what}");
        let stranger = SigningKey::from_bytes(&[6; 32]);
        let sender = Sender { token: world.session.token(), key: &stranger };
        let reply = world.vault.send(world.request(&sender, method, &to, body.clone())).await;
        reply.problem(ProblemCode::SessionEnded);
        world.vault.pass(900);
        let reply = world.vault.send(world.request(&world.session, method, &to, body)).await;
        reply.problem(ProblemCode::SessionEnded);
    }
}

/// Step 4 before step 5: what shows in the request alone is said to a device that may not do it, to one that was revoked, and
/// about an account that is gone.
#[tokio::test]
async fn what_the_request_alone_shows_comes_before_the_account() {
    for (method, path, _) in ROUTES {
        for state in ["not permitted", "revoked", "gone"] {
            let mut world = world(View).await;
            let (to, body) = world.good(method, path).await;
            let Some((to, body, field)) = faulty(method, path, &to, &body) else { continue };
            match state {
                "revoked" => revoke(&world).await,
                "gone" => delete(&world).await,
                _ => {}
            }
            let reply = world.vault.send(world.request(&world.device, method, &to, body)).await;
            let problem = reply.problem(ProblemCode::Malformed);
            assert_eq!(problem.field.as_deref(), Some(field), "{method} {path}, {state}");
        }
    }
}

/// The same of what else of a change of devices shows in the request alone.
#[tokio::test]
async fn every_part_of_a_change_of_devices_is_looked_at_before_the_account() {
    let world = world(View).await;
    let list = world.user.list(Some(&world.list));
    let devices = || vec![world.device.kept(View)];
    let mut same_key = Device::new(&world.user);
    same_key.key = world.device.key.clone();
    let confirmation = PairingConfirmation { mailbox: Digest::of(b"box"), confirmation: vec![1; 2049] };
    let good = request(&list, devices());
    let twice = vec![world.device.kept(View), same_key.entry(View)];
    for (faulty, field) in [
        (DevicesRequest { operation: world.user.operation(), ..good.clone() }, "list"),
        (request(&list, twice), "devices"),
        (DevicesRequest { pairing: Some(confirmation), ..good.clone() }, "confirmation"),
    ] {
        let reply = world.user.post(&world.vault, &world.device, paths::DEVICES, &faulty).await;
        assert_eq!(reply.problem(ProblemCode::Malformed).field.as_deref(), Some(field));
    }
    let reply = world.user.post(&world.vault, &world.device, paths::DEVICES, &good).await;
    reply.problem(ProblemCode::NotPermitted);
}

/// Within step 5: gone, then ended or revoked, then permitted, then whether it fits.
#[tokio::test]
async fn the_account_is_asked_in_its_own_order() {
    for (method, path, needs) in ROUTES {
        let what = format!("{method} {path}");
        let mut world = world(View).await;
        let (to, body) = world.good(method, path).await;
        if method == "PUT" || path == paths::REKEY {
            // What was built no longer follows the head.
            let other = world.user.snapshot(Some(&world.saved), "saved meanwhile");
            assert_eq!(world.user.put(&world.vault, &world.session, &other).await.status, 200);
        }
        let sent = async |world: &World| {
            let request = world.request(&world.device, method, &to, body.clone());
            world.vault.send(request).await
        };
        if needs > View {
            sent(&world).await.problem(ProblemCode::NotPermitted);
        }
        revoke(&world).await;
        sent(&world).await.problem(ProblemCode::DeviceRevoked);
        let by_session = || world.request(&world.session, method, &to, body.clone());
        world.vault.send(by_session()).await.problem(ProblemCode::SessionEnded);
        delete(&world).await;
        sent(&world).await.problem(ProblemCode::AccountDeleted);
        let reply = world.vault.send(by_session()).await;
        assert_eq!(reply.problem(ProblemCode::AccountDeleted).status, 410, "{what}");
    }
}

/// Permission comes before the question whether the save was made before, and that before the head.
#[tokio::test]
async fn a_save_is_asked_for_permission_then_recognised_then_held_against_the_head() {
    let world = world(Backup).await;
    let World { vault, user, session, list, device, saved } = &world;
    let next = user.snapshot(Some(saved), "next");
    assert_eq!(user.put(vault, device, &next).await.status, 200);
    let later = user.snapshot(Some(&next), "later");
    assert_eq!(user.put(vault, session, &later).await.status, 200);
    assert_eq!(user.put(vault, device, &next).await.status, 200, "it was made, though the head has moved");
    let beside = user.snapshot(Some(saved), "beside");
    user.put(vault, device, &beside).await.problem(ProblemCode::HeadMoved);

    let narrowed = user.list(Some(list));
    user.change(vault, session, &narrowed, vec![device.entry(View)]).await.json::<ChangeResponse>();
    for save in [&next, &beside] {
        user.put(vault, device, save).await.problem(ProblemCode::NotPermitted);
    }
}

/// The first steps of a login, a registration and a change of passphrase look at all of the request before they charge.
#[tokio::test]
async fn first_steps_check_the_whole_request_before_they_charge() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let session = user.log_in(&vault, "right").await;
    let before = vault.store.contents().await;
    let elsewhere = VaultId::try_from("elsewhere.example".to_owned()).expect("a vault ID");

    let good = user.begin("right").request;
    let mut foreign = good.clone();
    (foreign.vault_id, foreign.ke1) = (elsewhere.clone(), [0xff; 96]);
    vault.post(paths::LOGIN_START, &foreign).await.problem(ProblemCode::ForeignVault);
    let mut invalid = good;
    invalid.ke1 = [0xff; 96];
    vault.post(paths::LOGIN_START, &invalid).await.problem(ProblemCode::Malformed);

    let (good, _) = user.registration_request("right");
    let mut foreign = good.clone();
    (foreign.vault_id, foreign.registration_request) = (elsewhere, [0xff; 32]);
    vault.post(paths::REGISTRATION_START, &foreign).await.problem(ProblemCode::ForeignVault);
    let mut invalid = good.clone();
    invalid.registration_request = [0xff; 32];
    vault.post(paths::REGISTRATION_START, &invalid).await.problem(ProblemCode::Malformed);
    let of_account = PassphraseStartRequest { name_hash: None, registration_request: [0xff; 32] };
    user.post(&vault, &session, paths::PASSPHRASE_START, &of_account).await.problem(ProblemCode::Malformed);
    assert_eq!(vault.store.contents().await, before, "nothing was charged");
    assert_eq!(vault.post(paths::REGISTRATION_START, &good).await.status, 200);
    assert_ne!(vault.store.contents().await, before, "a good one is charged");
}
