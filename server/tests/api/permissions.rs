//! Section 15.6: every request about an account, by every permission that a device may have, and by what has ended.

use crate::devices::alice;
use crate::passphrase::prepare;
use crate::recovery_code::with_new_code;
use crate::support::client::{Session, Signs, User, keyslot};
use crate::support::devices::{Device, List, request};
use crate::support::{TestVault, vault};
use axum::body::Body;
use http::Request;
use rootcellar_spec::wire::account::DeleteRequest;
use rootcellar_spec::wire::devices::{ChangeResponse, RecoveryCodeRequest, RekeyRequest, RestoreRequest};
use rootcellar_spec::wire::login::Permission::{self, Backup, Manage, Restore, View};
use rootcellar_spec::wire::pairing::OpenRequest;
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::registration::PassphraseStartRequest;
use rootcellar_spec::{Digest, Generation, ProblemCode, SuiteId, parts};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// Method, path as the description has it, and what it needs.
pub(crate) const ROUTES: [(&str, &str, Permission); 15] = [
    ("GET", paths::ACCOUNT, View),
    ("GET", paths::HISTORY, View),
    ("GET", paths::HEAD, View),
    ("GET", paths::SNAPSHOT, View),
    ("GET", paths::DEVICE, View),
    ("GET", paths::DEVICES, View),
    ("PUT", paths::SNAPSHOT, Backup),
    ("POST", paths::RESTORE, Restore),
    ("POST", paths::DEVICES, Manage),
    ("POST", paths::PAIRINGS, Manage),
    ("POST", paths::PASSPHRASE_START, Manage),
    ("POST", paths::PASSPHRASE_FINISH, Manage),
    ("POST", paths::RECOVERY_CODE, Manage),
    ("POST", paths::REKEY, Manage),
    ("POST", paths::DELETE, Manage),
];

#[test]
fn no_request_of_an_account_is_missing_here() {
    let description: Value =
        serde_json::from_str(include_str!("../../../spec/openapi.json")).expect("the description is JSON");
    let mut described = BTreeSet::new();
    for (path, item) in description["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let signed = operation["security"].to_string();
            if signed.contains("session") {
                described.insert((method.to_uppercase(), path.clone()));
            }
        }
    }
    let here = ROUTES.map(|(method, path, _)| (method.to_owned(), path.to_owned()));
    assert_eq!(described, BTreeSet::from(here));
}

pub(crate) struct World {
    pub(crate) vault: TestVault,
    pub(crate) user: User,
    pub(crate) session: Session,
    pub(crate) list: List,
    pub(crate) device: Device,
    pub(crate) saved: crate::support::client::Snapshot,
}

/// An account with a snapshot and a device.
pub(crate) async fn world(permission: Permission) -> World {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let saved = user.snapshot(None, "saved");
    assert_eq!(user.put(&vault, &session, &saved).await.status, 200);
    let ([device], list) = user.enrol(&vault, &session, [permission]).await;
    World { vault, user, session, list, device, saved }
}

fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("serializes")
}

impl World {
    /// Path and body of a request that is good but for who sends it.
    pub(crate) async fn good(&mut self, method: &str, path: &str) -> (String, Vec<u8>) {
        let Self { vault, user, session, list, device, saved } = self;
        let next = user.snapshot(Some(saved), "next");
        let operation = user.operation();
        let body = match (method, path) {
            ("GET", paths::SNAPSHOT) => return (saved.path(), Vec::new()),
            ("PUT", _) => return (next.path(), next.bytes),
            ("GET", _) => Vec::new(),
            (_, paths::RESTORE) => json(&RestoreRequest { operation }),
            (_, paths::DEVICES) => {
                let new = Device::new(user).entry(View);
                json(&request(&user.list(Some(list)), vec![device.entry(Manage), new]))
            }
            (_, paths::PAIRINGS) => json(&OpenRequest { mailbox: Digest::of(b"box"), opening: [1; 64] }),
            (_, paths::PASSPHRASE_START) => {
                let (start, _) = user.registration_request("new");
                let registration_request = start.registration_request;
                json(&PassphraseStartRequest { name_hash: None, registration_request })
            }
            (_, paths::PASSPHRASE_FINISH) => json(&prepare(vault, user, session, "new").await),
            (_, paths::RECOVERY_CODE) => {
                let (generation, replaces) = (Generation::FIRST, Digest::of(&user.locator));
                let recovery_methods =
                    vec![with_new_code(user).recovery_method(keyslot(4), generation, operation)];
                json(&RecoveryCodeRequest { operation, generation, replaces, recovery_methods })
            }
            (_, paths::REKEY) => self.rekey(),
            (_, paths::DELETE) => json(&DeleteRequest { operation }),
            _ => unreachable!("{method} {path}"),
        };
        (path.to_owned(), body)
    }

    fn rekey(&self) -> Vec<u8> {
        let Self { user, list, saved, .. } = self;
        let (generation, operation) = (Generation(2), user.operation());
        let mut header = user.snapshot(Some(saved), "").header;
        (header.generation, header.operation) = (generation, operation);
        let snapshot = crate::support::client::Snapshot::new(header, "all again");
        let mut header = user.list(Some(list)).header;
        (header.generation, header.operation) = (generation, operation);
        let control = json(&RekeyRequest {
            operation,
            suite: SuiteId::ONE,
            generation,
            replaces: Digest::of(&user.locator),
            passphrase_keyslot: keyslot(5),
            recovery_methods: vec![with_new_code(user).recovery_method(keyslot(6), generation, operation)],
            list: Some(List::new(header).bytes),
            devices: Vec::new(),
        });
        parts::join(&control, &snapshot.bytes)
    }

    /// A request, signed by its sender.
    pub(crate) fn request(&self, by: &impl Signs, method: &str, path: &str, body: Vec<u8>) -> Request<Body> {
        let mut request = self.user.request(&self.vault, by, method, path, body);
        if path == paths::REKEY {
            request.headers_mut().insert("content-type", parts::MEDIA_TYPE.parse().expect("a header"));
        }
        request
    }

    async fn send(&self, by: &impl Signs, method: &str, path: &str, body: Vec<u8>) -> crate::support::Reply {
        self.vault.send(self.request(by, method, path, body)).await
    }
}

#[tokio::test]
async fn every_request_by_every_permission() {
    for (method, path, needs) in ROUTES {
        for permission in Permission::ALL {
            let mut world = world(permission).await;
            let (to, body) = world.good(method, path).await;
            let before = world.vault.store.contents().await;
            let reply = world.send(&world.device, method, &to, body).await;
            let what = format!("{method} {path} by {}", permission.as_str());
            if permission >= needs {
                assert_eq!(reply.status, 200, "{what}: {}", String::from_utf8_lossy(&reply.body));
            } else {
                assert_eq!(reply.problem(ProblemCode::NotPermitted).status, 403, "{what}");
                assert_eq!(world.vault.store.contents().await, before, "{what}: nothing is written");
            }
        }
    }
}

#[tokio::test]
async fn every_request_by_a_session_and_by_what_has_ended() {
    for (method, path, _) in ROUTES {
        let mut world = world(Manage).await;
        let (to, body) = world.good(method, path).await;
        if ![paths::DEVICE, paths::RESTORE].contains(&path) {
            let session = &world.session;
            let reply = world.send(session, method, &to, body.clone()).await;
            assert_eq!(reply.status, 200, "{method} {path}: {}", String::from_utf8_lossy(&reply.body));
        }

        let mut world = self::world(Manage).await;
        let (to, body) = world.good(method, path).await;
        let gone = world.user.list(Some(&world.list));
        let reply = world.user.change(&world.vault, &world.session, &gone, Vec::new()).await;
        reply.json::<ChangeResponse>();
        let before = world.vault.store.contents().await;
        let reply = world.send(&world.device, method, &to, body.clone()).await;
        assert_eq!(reply.problem(ProblemCode::DeviceRevoked).status, 401, "{method} {path}");
        let reply = world.send(&world.session, method, &to, body).await;
        assert_eq!(reply.problem(ProblemCode::SessionEnded).status, 401, "{method} {path}");
        assert_eq!(world.vault.store.contents().await, before, "{method} {path}: nothing is written");
    }
}
