//! Section 15.5: what a recovery method must be, in each of the three requests that set one, and the proof that its sender
//! holds the login key.

use crate::recovery_code::{request, with_new_code, with_sessions};
use crate::rekey::NewKeys;
use crate::support::client::{Session, User, keyslot};
use crate::support::{Reply, TestVault, vault};
use ed25519_dalek::{Signer, SigningKey};
use rootcellar_spec::wire::account::Account;
use rootcellar_spec::wire::devices::ChangeResponse;
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::recovery::{RecoveryBinding, RecoveryMethod};
use rootcellar_spec::{AccountId, Generation, OperationId, ProblemCode, base64url};
use std::sync::Arc;

/// A request that sets recovery methods, for who has a session, or for who has none yet.
enum Sender {
    Registration(Box<User>),
    Code(Arc<User>, Box<Session>),
    Rekey(Arc<User>, Box<Session>),
}

/// Changes what is signed, or the method that it is signed for.
type Change<'a> = &'a dyn Fn(&mut RecoveryBinding, &mut RecoveryMethod);
/// Alters the methods of a request, which is of this operation and generation, and by the person whose code it is.
type Alter<'a> = &'a dyn Fn(&User, RecoveryBinding, Vec<RecoveryMethod>) -> Vec<RecoveryMethod>;

impl Sender {
    async fn all(vault: &TestVault) -> [Self; 3] {
        let mut user = User::new("alice");
        user.register(vault, "right").await;
        let sessions = [user.log_in(vault, "right").await, user.log_in(vault, "right").await];
        let [code, rekey] = sessions.map(Box::new);
        let user = Arc::new(user);
        let bob = Box::new(User::new("bob"));
        [Self::Registration(bob), Self::Code(Arc::clone(&user), code), Self::Rekey(user, rekey)]
    }

    async fn send(&mut self, vault: &TestVault, alter: Alter<'_>) -> Reply {
        match self {
            Self::Registration(user) => {
                let mut request = user.prepare_registration(vault, "x").await;
                let binding = binding(user, Generation::FIRST, request.operation);
                request.recovery_methods = alter(user, binding, request.recovery_methods);
                vault.post(paths::REGISTRATION_FINISH, &request).await
            }
            Self::Code(user, session) => {
                let new = with_new_code(user);
                let mut request = request(user, &new);
                let binding = binding(&new, request.generation, request.operation);
                request.recovery_methods = alter(&new, binding, request.recovery_methods);
                user.post(vault, &**session, paths::RECOVERY_CODE, &request).await
            }
            Self::Rekey(user, session) => {
                let mut keys = NewKeys::after(user, None);
                let binding = binding(user, keys.request.generation, keys.request.operation);
                keys.request.recovery_methods = alter(&keys.user, binding, keys.request.recovery_methods);
                keys.send(vault, &**session).await
            }
        }
    }
}

fn binding(user: &User, generation: Generation, operation: OperationId) -> RecoveryBinding {
    RecoveryBinding { account: user.account, generation, operation }
}

/// Accounts and pointers: a registration's first request charges the name, whatever its outcome.
async fn accounts(vault: &TestVault) -> Vec<(String, Vec<u8>)> {
    let contents = vault.store.contents().await.into_iter();
    contents
        .filter(|(name, _)| !name.starts_with("guesses/"))
        .map(|(name, body)| (name, body.to_vec()))
        .collect()
}

async fn refused(code: ProblemCode, field: &str, alter: Alter<'_>) {
    let vault = vault().await;
    for mut sender in Sender::all(&vault).await {
        let before = accounts(&vault).await;
        let problem = sender.send(&vault, alter).await.problem(code);
        assert_eq!(problem.field.as_deref(), Some(field), "{problem:?}");
        assert_eq!(accounts(&vault).await, before, "{field}: something was written");
    }
}

/// Alters the one method and proves it again.
async fn refused_with_proof(code: ProblemCode, field: &str, alter: impl Fn(&mut RecoveryMethod)) {
    refused(code, field, &|user, binding, mut methods| {
        alter(&mut methods[0]);
        vec![user.proven(methods.remove(0), binding.generation, binding.operation)]
    })
    .await;
}

#[tokio::test]
async fn what_a_client_sets_opens() {
    for index in 0..3 {
        let vault = vault().await;
        let mut sender = Sender::all(&vault).await.into_iter().nth(index).expect("three");
        assert_eq!(sender.send(&vault, &|_, _, methods| methods).await.status, 200, "{index}");
    }
}

/// A client took the specification's `recovery_login_key` for the member of this name: 8 of 14 seeds are points.
#[tokio::test]
async fn a_seed_in_the_place_of_the_public_key_is_refused_whether_or_not_it_is_a_point() {
    let vault = vault().await;
    let mut points = 0;
    for seed in 1..=14_u8 {
        let mut user = User::new("alice");
        user.recovery = SigningKey::from_bytes(&[seed; 32]);
        let mut request = user.prepare_registration(&vault, "x").await;
        request.recovery_methods[0].login_public_key = [seed; 32];
        let method = request.recovery_methods.remove(0);
        request.recovery_methods = vec![user.proven(method, Generation::FIRST, request.operation)];
        let reply = vault.post(paths::REGISTRATION_FINISH, &request).await;
        let field = reply.problem(ProblemCode::Malformed).field;
        points += usize::from(field.as_deref() == Some("recovery_methods[0].proof"));
        vault.pass(86_400);
    }
    assert!((1..14).contains(&points), "{points}: neither check did it alone");
}

/// Signs something else than what is sent.
fn signed<'a>(
    alter: Change<'a>,
    by: Option<SigningKey>,
) -> impl Fn(&User, RecoveryBinding, Vec<RecoveryMethod>) -> Vec<RecoveryMethod> + 'a {
    move |user, mut binding, mut methods| {
        let mut signed = methods[0].clone();
        alter(&mut binding, &mut signed);
        let key = by.as_ref().unwrap_or(&user.recovery);
        methods[0].proof = key.sign(&signed.proof_message(binding)).to_bytes();
        methods
    }
}

#[tokio::test]
async fn a_proof_counts_for_its_own_request_and_method_alone() {
    let field = "recovery_methods[0].proof";
    let malformed = ProblemCode::Malformed;
    let cases: [Change<'_>; 8] = [
        &|binding, _| binding.account = AccountId([9; 16]),
        &|binding, _| binding.generation.0 += 1,
        &|binding, _| binding.operation = OperationId([9; 16]),
        &|_, method| method.locator[0] ^= 1,
        &|_, method| method.keyslot[100] ^= 1,
        &|_, method| method.label = Some(vec![1]),
        &|_, method| method.wait = 1,
        &|_, method| method.login_public_key[0] ^= 1,
    ];
    for alter in cases {
        refused(malformed, field, &signed(alter, None)).await;
    }
    refused(malformed, field, &signed(&|_, _| {}, Some(SigningKey::from_bytes(&[9; 32])))).await;
    refused(malformed, field, &|_, _, mut methods| {
        methods[0].proof[63] ^= 0x80;
        methods
    })
    .await;
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut non_canonical = [0xff; 32];
    (non_canonical[0], non_canonical[31]) = (0xed + 3, 0x7f);
    for key in [[0; 32], identity, [2; 32], non_canonical] {
        refused_with_proof(ProblemCode::Malformed, "recovery_methods[0].login_public_key", |method| {
            method.login_public_key = key;
        })
        .await;
    }
}

#[tokio::test]
async fn a_vault_says_what_it_does_not_support() {
    let (malformed, unsupported) = (ProblemCode::Malformed, ProblemCode::Unsupported);
    refused(malformed, "recovery_methods", &|_, _, _| Vec::new()).await;
    refused(unsupported, "recovery_methods", &|_, _, methods| [methods.clone(), methods].concat()).await;
    refused_with_proof(unsupported, "recovery_methods[0].wait", |method| method.wait = 1).await;
    refused_with_proof(malformed, "recovery_methods[0].keyslot", |method| method.keyslot.truncate(331)).await;
    refused_with_proof(malformed, "recovery_methods[0].keyslot", |method| method.keyslot[1] = 2).await;
    refused_with_proof(unsupported, "recovery_methods[0].keyslot", |method| method.keyslot[0] = 2).await;
    refused_with_proof(malformed, "recovery_methods[0].label", |method| method.label = Some(Vec::new()))
        .await;
    refused_with_proof(malformed, "recovery_methods[0].label", |method| method.label = Some(label(1100)))
        .await;
    refused_with_proof(malformed, "recovery_methods[0].label", |method| method.label = Some(keyslot(1)))
        .await;
}

fn label(bytes: usize) -> Vec<u8> {
    let mut label = vec![7; bytes];
    label[..4].copy_from_slice(&[1, 9, 0, 1]);
    label
}

#[tokio::test]
async fn a_label_is_kept_as_it_was_sent() {
    let (vault, user, [session, _]) = with_sessions().await;
    let account: Account = user.get(&vault, &session, paths::ACCOUNT).await.json();
    assert_eq!(account.recovery_methods[0].label, None);
    let new = with_new_code(&user);
    let mut request = request(&user, &new);
    let method = RecoveryMethod { label: Some(label(588)), ..request.recovery_methods.remove(0) };
    request.recovery_methods = vec![new.proven(method, request.generation, request.operation)];
    user.post(&vault, &session, paths::RECOVERY_CODE, &request).await.json::<ChangeResponse>();
    let session = new.recover(&vault).await;
    let reply = new.get(&vault, &session, paths::ACCOUNT).await;
    let account: Account = reply.json();
    assert_eq!(account.recovery_methods[0].label, Some(label(588)));
    let text = String::from_utf8(reply.body.to_vec()).expect("JSON");
    assert!(
        !text.contains(&base64url::encode(&new.locator)),
        "the locator finds the account, and stays out of it"
    );
}
