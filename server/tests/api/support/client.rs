//! A client: OPAQUE with a KSF that costs nothing, signatures, and snapshots whose sealed parts are made up.

use super::{AUTHORITY, Reply, Seeded, TestVault};
use axum::body::Body;
use ed25519_dalek::{Signer, SigningKey};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use opaque_ke::{
    CipherSuite, ClientLogin, ClientLoginFinishParameters, ClientRegistration,
    ClientRegistrationFinishParameters, CredentialResponse, Identifiers, RegistrationResponse, Ristretto255,
    TripleDh, ksf,
};
use rand_core_06::{CryptoRng, RngCore};
use rootcellar_spec::request_signature::{
    Covered, INPUT_HEADER, LOGIN_MAC_HEADER, Parameters, SESSION_HEADER, SIGNATURE_HEADER, signature_header,
};
use rootcellar_spec::snapshot::{FORM, Header, MAC_BYTES, write_authenticated};
use rootcellar_spec::wire::recovery::{RecoveryBinding, RecoveryMethod};
use rootcellar_spec::wire::{login, paths, recovery, registration};
use rootcellar_spec::{
    AccountId, Digest, Generation, NameHash, Number, OperationId, SuiteId, Timestamp, VaultId, base64url,
    content_digest, encode_parts::encode_parts, labels,
};
use rootcellar_vault::clock::Clock;
use rootcellar_vault::entropy::Entropy;
use rootcellar_vault::opaque;
use serde::Serialize;
use sha2::Sha512;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) struct Suite;

impl CipherSuite for Suite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, <voprf::Ristretto255 as voprf::CipherSuite>::Hash>;
    type Ksf = ksf::Identity;
}

pub(crate) struct Rng(Seeded);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Seeded(seed, AtomicU64::new(0)))
    }

    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        self.0.bytes()
    }
}

impl RngCore for Rng {
    fn next_u32(&mut self) -> u32 {
        rand_core_06::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core_06::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core_06::Error> {
        self.0.fill(out);
        Ok(())
    }
}

impl CryptoRng for Rng {}

/// Each client draws other randomness than every other one.
static SEED: AtomicU64 = AtomicU64::new(1000);

pub(crate) fn vault_id() -> VaultId {
    VaultId::try_from(AUTHORITY.to_owned()).expect("a vault ID")
}

/// What one person knows and has.
pub(crate) struct User {
    pub(crate) name_hash: NameHash,
    pub(crate) account: AccountId,
    pub(crate) recovery: SigningKey,
    pub(crate) locator: [u8; 32],
    pub(crate) rng: Rng,
}

/// A login between its trips.
pub(crate) struct Begun {
    pub(crate) request: login::StartRequest,
    state: ClientLogin<Suite>,
}

/// A session.
pub(crate) struct Session {
    pub(crate) token: String,
    pub(crate) key: SigningKey,
    pub(crate) answer: login::LoginResponse,
    pub(crate) snapshot: Option<Vec<u8>>,
}

/// What signs requests about an account: a session, or an enrolled device.
pub(crate) trait Signs {
    /// Value of the session header.
    fn token(&self) -> &str;
    fn key(&self) -> &SigningKey;

    /// Whether no name leads to the account.
    fn needs_name(&self) -> bool {
        false
    }
}

impl Signs for Session {
    fn token(&self) -> &str {
        &self.token
    }

    fn key(&self) -> &SigningKey {
        &self.key
    }

    fn needs_name(&self) -> bool {
        !self.answer.named
    }
}

pub(crate) fn keyslot(fill: u8) -> Vec<u8> {
    keyslot_of(SuiteId::ONE, fill)
}

pub(crate) fn keyslot_of(suite: SuiteId, fill: u8) -> Vec<u8> {
    let mut keyslot = vec![fill; 332];
    keyslot[..2].copy_from_slice(&[1, 1]);
    keyslot[2..4].copy_from_slice(&suite.0.to_be_bytes());
    keyslot
}

impl User {
    pub(crate) fn new(name: &str) -> Self {
        let rng = Rng::new(SEED.fetch_add(1, Ordering::SeqCst));
        Self {
            name_hash: NameHash(Digest::of(name.as_bytes()).0),
            account: AccountId(rng.bytes()),
            recovery: SigningKey::from_bytes(&rng.bytes()),
            locator: rng.bytes(),
            rng,
        }
    }

    pub(crate) fn operation(&self) -> OperationId {
        OperationId(self.rng.bytes())
    }

    pub(crate) fn registration_request(
        &mut self,
        passphrase: &str,
    ) -> (registration::StartRequest, ClientRegistration<Suite>) {
        let started = ClientRegistration::start(&mut self.rng, passphrase.as_bytes()).expect("starts");
        let request = registration::StartRequest {
            vault_id: vault_id(),
            name_hash: self.name_hash,
            registration_request: started.message.serialize().into(),
        };
        (request, started.state)
    }

    pub(crate) fn record(
        &mut self,
        state: ClientRegistration<Suite>,
        passphrase: &str,
        answer: &registration::StartResponse,
    ) -> [u8; 192] {
        let response = RegistrationResponse::deserialize(&answer.registration_response).expect("a response");
        let parameters = ClientRegistrationFinishParameters::new(Identifiers::default(), None);
        let finished =
            state.finish(&mut self.rng, passphrase.as_bytes(), response, parameters).expect("finishes");
        finished.message.serialize().as_slice().try_into().expect("192 bytes")
    }

    /// Everything up to the last request of a registration.
    pub(crate) async fn prepare_registration(
        &mut self,
        vault: &TestVault,
        passphrase: &str,
    ) -> registration::FinishRequest {
        let (request, state) = self.registration_request(passphrase);
        let answer: registration::StartResponse =
            vault.post(paths::REGISTRATION_START, &request).await.json();
        let operation = self.operation();
        registration::FinishRequest {
            registration_record: self.record(state, passphrase, &answer),
            token: answer.token,
            operation,
            account_id: self.account,
            suite: SuiteId::ONE,
            passphrase_keyslot: keyslot(1),
            recovery_methods: vec![self.recovery_method(keyslot(2), Generation::FIRST, operation)],
            invite: None,
        }
    }

    /// The recovery method of this person's code, with its proof for a request.
    pub(crate) fn recovery_method(
        &self,
        keyslot: Vec<u8>,
        generation: Generation,
        operation: OperationId,
    ) -> RecoveryMethod {
        let method = RecoveryMethod {
            label: None,
            wait: 0,
            keyslot,
            locator: self.locator,
            login_public_key: self.recovery.verifying_key().to_bytes(),
            proof: [0; 64],
        };
        self.proven(method, generation, operation)
    }

    /// The same method with the proof that belongs to it.
    pub(crate) fn proven(
        &self,
        method: RecoveryMethod,
        generation: Generation,
        operation: OperationId,
    ) -> RecoveryMethod {
        let binding = RecoveryBinding { account: self.account, generation, operation };
        let proof = self.recovery.sign(&method.proof_message(binding)).to_bytes();
        RecoveryMethod { proof, ..method }
    }

    pub(crate) async fn register(&mut self, vault: &TestVault, passphrase: &str) {
        let request = self.prepare_registration(vault, passphrase).await;
        let answer: registration::FinishResponse =
            vault.post(paths::REGISTRATION_FINISH, &request).await.json();
        assert_eq!(answer.account_id, self.account);
    }

    pub(crate) fn begin(&mut self, passphrase: &str) -> Begun {
        let started = ClientLogin::start(&mut self.rng, passphrase.as_bytes()).expect("starts");
        let ke1 = started.message.serialize().as_slice().try_into().expect("96 bytes");
        let request = login::StartRequest { vault_id: vault_id(), name_hash: self.name_hash, ke1 };
        Begun { request, state: started.state }
    }

    /// The second request of a login, or `None` where the passphrase does not open KE2.
    pub(crate) fn finish_login(
        &mut self,
        begun: &Begun,
        passphrase: &str,
        answer: &login::StartResponse,
        now: Timestamp,
    ) -> Option<(Request<Body>, SigningKey)> {
        let key = SigningKey::from_bytes(&self.rng.bytes());
        let request = self.finish_login_with(begun, passphrase, answer, now, &key)?;
        Some((request, key))
    }

    fn finish_login_with(
        &mut self,
        begun: &Begun,
        passphrase: &str,
        answer: &login::StartResponse,
        now: Timestamp,
        key: &SigningKey,
    ) -> Option<Request<Body>> {
        let context = opaque::context(answer.suite, &vault_id(), &self.name_hash);
        let ke2 = CredentialResponse::deserialize(&answer.ke2).expect("KE2");
        let parameters = ClientLoginFinishParameters { context: Some(&context), ..Default::default() };
        let state = begun.state.clone();
        let finished = state.finish(&mut self.rng, passphrase.as_bytes(), ke2, parameters).ok()?;
        let request = login::FinishRequest {
            token: answer.token.clone(),
            ke3: finished.message.serialize().as_slice().try_into().expect("64 bytes"),
            request_key: key.verifying_key().to_bytes(),
            purpose: None,
        };
        let body = serde_json::to_vec(&request).expect("serializes");
        let mac = login_mac(&finished.session_key, &self.name_hash, &request, &body);
        let mut sealed = self.signed("POST", paths::LOGIN_FINISH, body, key, None, now);
        sealed.headers_mut().insert(LOGIN_MAC_HEADER, base64url::encode(&mac).parse().expect("a header"));
        Some(sealed)
    }

    pub(crate) async fn log_in(&mut self, vault: &TestVault, passphrase: &str) -> Session {
        let key = SigningKey::from_bytes(&self.rng.bytes());
        self.log_in_with(vault, passphrase, key).await
    }

    /// Logs in with this request key.
    pub(crate) async fn log_in_with(
        &mut self,
        vault: &TestVault,
        passphrase: &str,
        key: SigningKey,
    ) -> Session {
        let begun = self.begin(passphrase);
        let answer: login::StartResponse = vault.post(paths::LOGIN_START, &begun.request).await.json();
        let now = vault.clock.now();
        let request =
            self.finish_login_with(&begun, passphrase, &answer, now, &key).expect("the right passphrase");
        let reply = vault.send(request).await;
        Session::of(&reply, key)
    }

    pub(crate) fn recovery_request(&self, request_key: &SigningKey, now: Timestamp) -> Request<Body> {
        let request = recovery::RecoveryRequest {
            locator: self.locator,
            request_key: request_key.verifying_key().to_bytes(),
        };
        let body = serde_json::to_vec(&request).expect("serializes");
        self.signed("POST", paths::RECOVERY, body, &self.recovery, None, now)
    }

    /// Logs in by recovery code.
    pub(crate) async fn recover(&self, vault: &TestVault) -> Session {
        let key = SigningKey::from_bytes(&self.rng.bytes());
        Session::of(&vault.send(self.recovery_request(&key, vault.clock.now())).await, key)
    }

    pub(crate) async fn log_in_again(&self, vault: &TestVault) -> Session {
        let mut same = Self { rng: Rng::new(self.rng.0.1.load(Ordering::SeqCst) + 9999), ..Self::new("") };
        (same.name_hash, same.account) = (self.name_hash, self.account);
        same.log_in(vault, "right").await
    }

    /// `GET /v1/account` as a client signs it that knows the vault as `host`, with a token that is none.
    pub(crate) fn signed_for(&self, host: &str, now: Timestamp) -> Request<Body> {
        let authority = host.to_ascii_lowercase();
        let authority = authority.strip_suffix(":80").unwrap_or(&authority);
        let key = &self.recovery;
        let mut request = self.signed_as(authority, "GET", paths::ACCOUNT, Vec::new(), key, Some("AA"), now);
        request.headers_mut().insert("host", host.parse().expect("a header"));
        request
    }

    pub(crate) fn signed(
        &self,
        method: &str,
        path: &str,
        body: Vec<u8>,
        key: &SigningKey,
        session: Option<&str>,
        now: Timestamp,
    ) -> Request<Body> {
        self.signed_as(AUTHORITY, method, path, body, key, session, now)
    }

    #[expect(clippy::too_many_arguments, reason = "each is one covered part of a signature")]
    fn signed_as(
        &self,
        authority: &str,
        method: &str,
        path: &str,
        body: Vec<u8>,
        key: &SigningKey,
        session: Option<&str>,
        now: Timestamp,
    ) -> Request<Body> {
        let digest = content_digest::of(&body);
        let (plain_path, query) = path.split_once('?').unwrap_or((path, ""));
        let covered =
            Covered { method, authority, path: plain_path, query, content_digest: &digest, session };
        let parameters =
            Parameters { created: now, nonce: self.rng.bytes(), key: key.verifying_key().to_bytes() };
        let signature = key.sign(covered.signature_base(&parameters).as_bytes());
        let media_type = if method == "PUT" { "application/octet-stream" } else { "application/json" };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", AUTHORITY)
            .header("content-type", media_type)
            .header(content_digest::HEADER, &digest)
            .header(INPUT_HEADER, parameters.input_header(session.is_some()))
            .header(SIGNATURE_HEADER, signature_header(&signature.to_bytes()));
        if let Some(session) = session {
            request = request.header(SESSION_HEADER, session);
        }
        request.body(Body::from(body)).expect("a request")
    }

    pub(crate) fn request(
        &self,
        vault: &TestVault,
        session: &impl Signs,
        method: &str,
        path: &str,
        body: Vec<u8>,
    ) -> Request<Body> {
        self.signed(method, path, body, session.key(), Some(session.token()), vault.clock.now())
    }

    pub(crate) async fn get(&self, vault: &TestVault, session: &impl Signs, path: &str) -> Reply {
        vault.send(self.request(vault, session, "GET", path, Vec::new())).await
    }

    pub(crate) async fn post(
        &self,
        vault: &TestVault,
        session: &impl Signs,
        path: &str,
        body: &impl Serialize,
    ) -> Reply {
        let body = serde_json::to_vec(body).expect("serializes");
        vault.send(self.request(vault, session, "POST", path, body)).await
    }

    pub(crate) async fn put(&self, vault: &TestVault, session: &impl Signs, snapshot: &Snapshot) -> Reply {
        vault.send(self.request(vault, session, "PUT", &snapshot.path(), snapshot.bytes.clone())).await
    }

    /// A snapshot behind `before`, whose sealed parts are the text `content`.
    pub(crate) fn snapshot(&self, before: Option<&Snapshot>, content: &str) -> Snapshot {
        let number = before.map_or(1, |before| before.header.number.0 + 1);
        let mut ancestors = Vec::new();
        if let Some(before) = before {
            ancestors.push(Digest::of(&before.bytes));
            ancestors.extend_from_slice(&before.header.ancestors);
            ancestors.truncate(FORM.ancestors_of(Number(number)));
        }
        Snapshot::new(
            Header {
                suite: SuiteId::ONE,
                account: self.account,
                generation: Generation::FIRST,
                number: Number(number),
                operation: self.operation(),
                ancestors,
            },
            content,
        )
    }
}

/// Header and bytes of a snapshot.
#[derive(Clone)]
pub(crate) struct Snapshot {
    pub(crate) header: Header,
    pub(crate) bytes: Vec<u8>,
}

impl Snapshot {
    pub(crate) fn new(header: Header, content: &str) -> Self {
        let mut bytes = write_authenticated(&header, content.as_bytes(), &[content.as_bytes()]);
        bytes.extend_from_slice(&[7; MAC_BYTES]);
        Self { header, bytes }
    }

    pub(crate) fn path(&self) -> String {
        format!("{}/{}", paths::SNAPSHOTS, self.header.operation)
    }
}

impl Session {
    #[track_caller]
    pub(crate) fn of(reply: &Reply, key: SigningKey) -> Self {
        let (answer, snapshot) = reply.parts::<login::LoginResponse>();
        Self { token: base64url::encode(&answer.session.token), key, answer, snapshot }
    }
}

fn login_mac(
    session_key: &[u8],
    name_hash: &NameHash,
    request: &login::FinishRequest,
    body: &[u8],
) -> [u8; 64] {
    let mut key = [0; 64];
    let info = encode_parts(&[b"rootcellar-1 login-mac"]);
    Hkdf::<Sha512>::new(None, session_key).expand(&info, &mut key).expect("64 bytes");
    let mut mac = Hmac::<Sha512>::new_from_slice(&key).expect("any key");
    let digest = Digest::of(body).0;
    let label = labels::LOGIN_FINISH.as_bytes();
    mac.update(&encode_parts(&[
        label,
        &name_hash.0,
        &request.token,
        &request.ke3,
        &request.request_key,
        &digest,
    ]));
    mac.finalize().into_bytes().into()
}
