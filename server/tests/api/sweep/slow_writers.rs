//! Writers that stop for days between any two of their calls, and sweeps that stop too: what was acknowledged is there.

use super::{DAY, Notes, half_made, impatient, plant_snapshot, recovered, save, sweep};
use crate::passphrase::prepare;
use crate::recovery_code::with_new_code;
use crate::rekey::NewKeys;
use crate::support::client::{Session, Snapshot, User};
use crate::support::pausing::{At, Pausing, Says};
use crate::support::{Reply, TestVault};
use axum::body::Body;
use http::Request;
use rootcellar_server::store::{Key, Store};
use rootcellar_spec::wire::paths;
use rootcellar_vault::clock::Clock;
use rootcellar_vault::sweep::run as run_sweep;

/// What the slow writer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    /// Registers.
    Register,
    /// Resumes a registration that stopped after the locator.
    Resume,
    /// The same after someone got in by the recovery code.
    ResumeRecovered,
    /// Saves.
    Save,
    /// Saves the orphan of a save that stopped two days before.
    SaveAgain,
    /// Saves to an account with an incomplete registration.
    SaveHalfMade,
    /// Changes the passphrase.
    Passphrase,
    /// Changes it where that claims the name too.
    PassphraseHalfMade,
    /// Begins a login.
    Login,
    /// Finishes one.
    LoginFinish,
    /// Logs in by the recovery code.
    Recover,
    /// Puts another recovery code in place.
    RecoveryCode,
    /// Changes the keys.
    Rekey,
}

const ALL: [Deed; 13] = [
    Deed::Register,
    Deed::Resume,
    Deed::ResumeRecovered,
    Deed::Save,
    Deed::SaveAgain,
    Deed::SaveHalfMade,
    Deed::Passphrase,
    Deed::PassphraseHalfMade,
    Deed::Login,
    Deed::LoginFinish,
    Deed::Recover,
    Deed::RecoveryCode,
    Deed::Rekey,
];

/// A vault in which the deed can be done, and what must be there after it.
struct Scene {
    vault: TestVault,
    user: User,
    /// The same person with the recovery code that the deed puts in place.
    renewed: Option<User>,
    request: Request<Body>,
    /// What the account holds before.
    before: Option<Snapshot>,
    /// What it holds once the deed is acknowledged.
    after: Option<Snapshot>,
    passphrase: Option<&'static str>,
}

fn json(path: &str, body: &impl serde::Serialize) -> Request<Body> {
    let body = serde_json::to_vec(body).expect("serializes");
    let request = Request::post(path).header("content-type", "application/json");
    request.body(Body::from(body)).expect("a request")
}

async fn recovery_session(vault: &TestVault, user: &User) -> Session {
    let key = ed25519_dalek::SigningKey::from_bytes(&[4; 32]);
    Session::of(&vault.send(user.recovery_request(&key, vault.clock.now())).await, key)
}

impl Scene {
    async fn set(deed: Deed) -> Self {
        let vault = impatient().await;
        match deed {
            Deed::Register => {
                let mut user = User::new("alice");
                let request =
                    json(paths::REGISTRATION_FINISH, &user.prepare_registration(&vault, "right").await);
                Self::registering(vault, user, request)
            }
            Deed::Resume | Deed::ResumeRecovered => {
                let (user, request) = half_made(&vault).await;
                if deed == Deed::ResumeRecovered {
                    recovery_session(&vault, &user).await;
                }
                let request = json(paths::REGISTRATION_FINISH, &request);
                Self::registering(vault, user, request)
            }
            Deed::SaveHalfMade | Deed::PassphraseHalfMade => {
                let (user, _) = half_made(&vault).await;
                let session = recovery_session(&vault, &user).await;
                Self::on_account(deed, vault, user, session, None).await
            }
            _ => {
                let mut user = User::new("alice");
                user.register(&vault, "right").await;
                let session = user.log_in(&vault, "right").await;
                let first = user.snapshot(None, "first");
                save(&vault, &user, &session, &first).await;
                Self::on_account(deed, vault, user, session, Some(first)).await
            }
        }
    }

    fn registering(vault: TestVault, user: User, request: Request<Body>) -> Self {
        Self { vault, user, renewed: None, request, before: None, after: None, passphrase: Some("right") }
    }

    async fn on_account(
        deed: Deed,
        vault: TestVault,
        mut user: User,
        mut session: Session,
        before: Option<Snapshot>,
    ) -> Self {
        let next = user.snapshot(before.as_ref(), "next");
        let (mut after, mut passphrase, mut renewed) = (before.clone(), Some("right"), None);
        let request = match deed {
            Deed::Save | Deed::SaveAgain | Deed::SaveHalfMade => {
                if deed == Deed::SaveAgain {
                    plant_snapshot(&vault, &next).await;
                    vault.pass(2 * DAY);
                    session = user.log_in(&vault, "right").await;
                }
                if deed == Deed::SaveHalfMade {
                    passphrase = None;
                }
                after = Some(next.clone());
                user.request(&vault, &session, "PUT", &next.path(), next.bytes)
            }
            Deed::Passphrase | Deed::PassphraseHalfMade => {
                let change = prepare(&vault, &mut user, &session, "new").await;
                passphrase = Some("new");
                let body = serde_json::to_vec(&change).expect("serializes");
                user.request(&vault, &session, "POST", paths::PASSPHRASE_FINISH, body)
            }
            Deed::LoginFinish => {
                let begun = user.begin("right");
                let answer = vault.post(paths::LOGIN_START, &begun.request).await.json();
                user.finish_login(&begun, "right", &answer, vault.clock.now()).expect("right").0
            }
            Deed::Recover => {
                let key = ed25519_dalek::SigningKey::from_bytes(&[5; 32]);
                user.recovery_request(&key, vault.clock.now())
            }
            Deed::RecoveryCode => {
                let new = with_new_code(&user);
                let change = crate::recovery_code::request(&user, &new);
                renewed = Some(new);
                let body = serde_json::to_vec(&change).expect("serializes");
                user.request(&vault, &session, "POST", paths::RECOVERY_CODE, body)
            }
            Deed::Rekey => {
                let keys = NewKeys::after(&user, before.as_ref());
                let request = keys.http(&vault, &session);
                (after, renewed) = (keys.snapshot, Some(keys.user));
                request
            }
            _ => json(paths::LOGIN_START, &user.begin("right").request),
        };
        Self { vault, user, renewed, request, before, after, passphrase }
    }

    /// What the recovery code gives: the former or the new one, never both, and the new one once it was acknowledged.
    async fn held(&self, acknowledged: bool, what: &str) -> Option<Vec<u8>> {
        let former = recovered(&self.vault, &self.user).await;
        let Some(renewed) = &self.renewed else { return former };
        let new = recovered(&self.vault, renewed).await;
        assert!(former.is_some() != new.is_some(), "{what}: one code works");
        assert!(new.is_some() || !acknowledged, "{what}: the new code works");
        former.or(new)
    }

    /// What was acknowledged is there, also after another sweep.
    async fn check(mut self, reply: &Reply, what: &str) {
        assert_ne!(reply.status, 500, "{what}: {}", String::from_utf8_lossy(&reply.body));
        for again in [false, true] {
            let held = self.held(reply.status == 200, what).await;
            let bytes =
                |snapshot: &Option<Snapshot>| snapshot.as_ref().map(|snapshot| snapshot.bytes.clone());
            if reply.status == 200 {
                assert_eq!(held, bytes(&self.after), "{what}, swept again: {again}");
                if let Some(passphrase) = self.passphrase {
                    self.user.log_in(&self.vault, passphrase).await;
                }
            } else if self.before.is_some() {
                assert!(held == bytes(&self.before) || held == bytes(&self.after), "{what}");
            }
            self.vault.pass(2 * DAY);
            sweep(&self.vault.state, true).await;
        }
    }
}

/// One run: the writer stops at `writer`, `days` pass, the sweep stops at `sweeper`, the writer continues to its end, and
/// so does the sweep. Returns whether either did not come as far as where it was to stop.
async fn run(deed: Deed, writer: At, days: u64, sweeper: At) -> (bool, bool) {
    let what = format!("{deed:?}, stopped {writer:?}; {days} days; sweep stopped {sweeper:?}");
    let mut scene = Scene::set(deed).await;
    let request = std::mem::take(&mut scene.request);
    let slow = Pausing::new(scene.vault.store.clone(), Says::Gone, writer);
    let replica = scene.vault.replica_on(slow.clone());
    let mut task = tokio::spawn(async move { replica.send(request).await });
    let early = tokio::select! {
        reply = &mut task => Some(reply.expect("answers")),
        () = slow.reached() => None,
    };
    scene.vault.pass(days * DAY);

    let broom = Pausing::new(scene.vault.store.clone(), Says::Gone, sweeper);
    let replica = scene.vault.replica_on(broom.clone());
    let mut sweeping = tokio::spawn(async move {
        run_sweep(&replica.state, true, &mut Notes::default()).await.expect("the store answers")
    });
    let swept = tokio::select! {
        report = &mut sweeping => { report.expect("ends"); true }
        () = broom.reached() => false,
    };
    let writer_ended = early.is_some();
    let reply = match early {
        Some(reply) => reply,
        None => {
            slow.go_on();
            task.await.expect("answers")
        }
    };
    if !swept {
        broom.go_on();
        assert!(sweeping.await.expect("ends").complete);
    }
    scene.check(&reply, &what).await;
    (writer_ended, swept)
}

/// After the last call of a sweep.
const NEVER: At = At::Before(usize::MAX);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_that_stops_anywhere_loses_nothing_to_a_sweep() {
    for deed in ALL {
        for days in [2, 40] {
            for n in 0.. {
                let (ended, _) = run(deed, At::Before(n), days, NEVER).await;
                run(deed, At::After(n), days, NEVER).await;
                if ended {
                    assert!(n > 0, "{deed:?} makes calls");
                    break;
                }
            }
        }
    }
}

/// Both stop: the sweep has judged, the writer continues, the sweep acts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_that_stops_too_takes_nothing_either() {
    for deed in [
        Deed::Register,
        Deed::Resume,
        Deed::SaveAgain,
        Deed::SaveHalfMade,
        Deed::PassphraseHalfMade,
        Deed::Rekey,
    ] {
        for n in 0.. {
            let mut ended = false;
            for m in 0.. {
                let (writer, sweep) = run(deed, At::Before(n), 2, At::Before(m)).await;
                ended = writer;
                if sweep {
                    assert!(m > 1, "a sweep makes calls");
                    break;
                }
            }
            if ended {
                break;
            }
        }
    }
}

async fn has_account(vault: &TestVault) -> bool {
    vault.store.names("accounts/").await.iter().any(|name| name.ends_with("/account"))
}

/// Stops a registration twice: for days before its name leads anywhere, and again before another call, where a sweep that
/// judged the account in between removes it. Returns whether the writer came as far as both stops.
async fn swept_between(deed: Deed, says: Says, first: usize, second: usize) -> bool {
    let mut scene = Scene::set(deed).await;
    let request = std::mem::take(&mut scene.request);
    let inner = Pausing::new(scene.vault.store.clone(), says, At::Before(second));
    let outer = Pausing::new(inner.clone(), says, At::Before(first));
    let replica = scene.vault.replica_on(outer.clone());
    let mut task = tokio::spawn(async move { replica.send(request).await });
    tokio::select! {
        _ = &mut task => return false,
        () = outer.reached() => {}
    }
    let is_named = !scene.vault.store.names("names/").await.is_empty();
    // A sweep judges no account old that is made after the days have passed.
    let is_made = has_account(&scene.vault).await;
    scene.vault.pass(2 * DAY);
    outer.go_on();
    tokio::select! {
        _ = &mut task => return false,
        () = inner.reached() => {}
    }
    let version: &[u8; 12] =
        if deed == Deed::ResumeRecovered { b"\"version\":2," } else { b"\"version\":1," };
    for (name, body) in scene.vault.store.contents().await {
        let is_account = name.ends_with("/account") && body.windows(12).any(|part| part == version);
        if is_account && is_made && !is_named {
            let key = Key::new(name);
            let found = scene.vault.store.get(&key).await.expect("reads").object.expect("is there");
            scene.vault.store.delete(&key, &found.etag).await.expect("deletes");
        }
    }
    inner.go_on();
    let reply = task.await.expect("answers");
    let is_there = has_account(&scene.vault).await;
    let what = format!("{deed:?} on a store that says {says:?}, stopped at {first} and {second}");
    assert!(is_there || reply.status != 200, "{what}: an account was acknowledged and is gone");
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_registration_is_acknowledged_whose_account_was_swept() {
    for says in [Says::Gone, Says::NotMatching] {
        for deed in [Deed::Register, Deed::Resume, Deed::ResumeRecovered] {
            for first in 0.. {
                let mut second = first;
                while swept_between(deed, says, first, second).await {
                    second += 1;
                }
                if second == first {
                    assert!(first > 3, "{deed:?} makes calls");
                    break;
                }
            }
        }
    }
}
