//! A vault in memory, honest until told otherwise: it keeps one account, verifies signatures, and checks saves as
//! section 15.6 says. Faults are injected between it and the client.

mod devices;
mod pairing;
mod session;

pub(super) use devices::Row;

use super::counting::Counting;
use crate::client::VaultUrl;
use crate::opaque::{self, Suite1};
use crate::transport::{Method, Request, Response, Transport, TransportError};
use ed25519_dalek::{Signature, VerifyingKey};
use opaque_ke::{
    CredentialFinalization, CredentialRequest, RegistrationRequest, RegistrationUpload, ServerLogin,
    ServerLoginParameters, ServerRegistration, ServerSetup,
};
use pairing::Mailbox;
use rootcellar_spec::request_signature::{
    Covered, INPUT_HEADER, Parameters, SESSION_HEADER, SIGNATURE_HEADER, parse_signature,
};
use rootcellar_spec::snapshot::Layout;
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::wire::login::{self, Budget, LoginResponse, Permission};
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::recovery::RecoveryRequest;
use rootcellar_spec::wire::registration;
use rootcellar_spec::wire::vault::{RegistrationMode, Vault};
use rootcellar_spec::{
    AccountId, Digest, Generation, NameHash, Problem, ProblemCode, SuiteId, Timestamp, VaultId,
    content_digest, parts,
};
use serde::Serialize;
use std::cell::{RefCell, RefMut};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What the vault keeps of its account.
#[derive(Clone)]
pub(super) struct Account {
    /// `None` where no name leads to it.
    pub(super) name_hash: Option<NameHash>,
    pub(super) request: registration::FinishRequest,
    pub(super) generation: Generation,
    pub(super) snapshots: Vec<(Head, Vec<u8>)>,
    pub(super) devices: Vec<Row>,
    pub(super) lists: Vec<Vec<u8>>,
}

/// What a fault does to the next request of its kind.
pub(super) enum Fault {
    /// No connection comes about.
    NoConnection,
    /// The vault's certificate is not accepted.
    Certificate,
    /// The request never arrives.
    LoseRequest,
    /// The request is answered, but the answer never arrives.
    LoseReply,
    /// The answer is another; built from the honest one.
    Replace(Box<dyn FnOnce(Response) -> Response>),
    /// The vault does not process the request and answers with this problem.
    Refuse(ProblemCode),
}

pub(super) struct State {
    pub(super) vault_id: &'static str,
    pub(super) setup: ServerSetup<Suite1>,
    pub(super) account: Option<Account>,
    pub(super) time: u64,
    pub(super) passphrases_since: Option<Timestamp>,
    /// The request that deleted the account.
    deleted_by: Option<Vec<u8>>,
    /// Faults by the path's beginning; the first that fits is used up.
    pub(super) faults: Vec<(Method, &'static str, Fault)>,
    /// Requests to this path are never answered.
    stalled: Option<&'static str>,
    /// Each request that was sent: method, path, body.
    pub(super) sent: Vec<(Method, String, Vec<u8>)>,
    rng: Counting,
    logins: BTreeMap<Vec<u8>, (NameHash, ServerLogin<Suite1>)>,
    sessions: BTreeMap<String, [u8; 32]>,
    mailboxes: Vec<Mailbox>,
}

/// The vault, as its owner and as the transport to it.
#[derive(Clone)]
pub(super) struct FakeVault(Rc<RefCell<State>>);

impl FakeVault {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Counting::new(seed);
        Self(Rc::new(RefCell::new(State {
            vault_id: "localhost",
            setup: ServerSetup::new(&mut rng),
            account: None,
            time: 1_700_000_000,
            passphrases_since: None,
            deleted_by: None,
            faults: Vec::new(),
            stalled: None,
            sent: Vec::new(),
            rng,
            logins: BTreeMap::new(),
            sessions: BTreeMap::new(),
            mailboxes: Vec::new(),
        })))
    }

    pub(super) fn state(&self) -> RefMut<'_, State> {
        self.0.borrow_mut()
    }

    /// The account, which a test may alter.
    pub(super) fn account(&self) -> RefMut<'_, Account> {
        RefMut::map(self.state(), |state| state.account.as_mut().expect("an account"))
    }

    pub(super) fn fault(&self, method: Method, path: &'static str, fault: Fault) {
        self.state().faults.push((method, path, fault));
    }

    /// From now on requests to this path are never answered.
    pub(super) fn stall(&self, path: &'static str) {
        self.state().stalled = Some(path);
    }

    /// Puts another root secret in the place of the vault's own.
    pub(super) fn replace_root_secret(&self) {
        let mut state = self.state();
        let state = &mut *state;
        state.setup = ServerSetup::new(&mut state.rng);
        state.passphrases_since = Some(Timestamp(state.time));
        if let Some(account) = &mut state.account {
            account.name_hash = None;
        }
    }

    /// Forgets which requests were sent, and tells how many they were.
    pub(super) fn take_sent(&self) -> Vec<(Method, String, Vec<u8>)> {
        std::mem::take(&mut self.state().sent)
    }
}

impl Transport for FakeVault {
    async fn send(&self, vault: &VaultUrl, request: &Request) -> Result<Response, TransportError> {
        if self.state().stalled == Some(request.path.as_str()) {
            return std::future::pending().await;
        }
        let mut state = self.state();
        state.sent.push((request.method, request.path.clone(), request.body.clone()));
        let fits = |(method, path, _): &(Method, &'static str, Fault)| {
            *method == request.method && request.path.starts_with(path)
        };
        let fault = state.faults.iter().position(fits).map(|index| state.faults.remove(index).2);
        let lost = || TransportError::NoResponse("lost".into());
        match fault {
            Some(Fault::NoConnection) => return Err(TransportError::NoConnection("cut".into())),
            Some(Fault::Certificate) => return Err(TransportError::UnknownAuthority),
            Some(Fault::LoseRequest) => return Err(lost()),
            Some(Fault::Refuse(code)) => return Ok(problem(Problem::new(code, "as the test says"))),
            _ => {}
        }
        let response = state.answer(request, &vault.authority()).unwrap_or_else(|refusal| problem(*refusal));
        // What a fault does may change the vault.
        drop(state);
        match fault {
            Some(Fault::LoseReply) => Err(lost()),
            Some(Fault::Replace(replace)) => Ok(replace(response)),
            _ => Ok(response),
        }
    }
}

type VaultResponse = Result<Response, Box<Problem>>;

fn refuse<T>(code: ProblemCode) -> Result<T, Box<Problem>> {
    Err(Box::new(Problem::new(code, "refused")))
}

fn problem(problem: Problem) -> Response {
    let date = ("date".to_owned(), "Tue, 14 Nov 2023 22:13:20 GMT".to_owned());
    let body = serde_json::to_vec(&problem).expect("serializes");
    Response { status: problem.status, headers: vec![date], body }
}

fn ok(body: &impl Serialize) -> VaultResponse {
    Ok(Response { status: 200, headers: Vec::new(), body: serde_json::to_vec(body).expect("serializes") })
}

fn two_parts(control: &impl Serialize, snapshot: Option<&[u8]>) -> VaultResponse {
    let control = serde_json::to_vec(control).expect("serializes");
    let body = parts::join(&control, snapshot.unwrap_or_default());
    Ok(Response { status: 200, headers: Vec::new(), body })
}

fn read<'a, T: serde::Deserialize<'a>>(request: &'a Request) -> T {
    serde_json::from_slice(&request.body).expect("a body of the protocol")
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str())
}

impl State {
    fn vault_id(&self) -> VaultId {
        self.vault_id.to_owned().try_into().expect("a vault ID")
    }

    fn answer(&mut self, request: &Request, authority: &str) -> VaultResponse {
        match (request.method, request.path.as_str()) {
            (Method::Get, paths::VAULT) => self.vault(),
            (Method::Post, paths::REGISTRATION_START) => self.registration_start(request),
            (Method::Post, paths::REGISTRATION_FINISH) => self.registration_finish(request),
            (Method::Post, paths::LOGIN_START) => self.login_start(request),
            (Method::Post, paths::LOGIN_FINISH) => self.login_finish(request, authority),
            (Method::Post, paths::RECOVERY) => self.recovery(request, authority),
            (Method::Post, paths::PAIRING) => self.read_mailbox(request),
            (Method::Post, paths::PAIRING_REPLY) => self.reply(request),
            _ => self.in_session(request, authority),
        }
    }

    fn vault(&self) -> VaultResponse {
        ok(&Vault {
            protocol: 1,
            vault_id: self.vault_id(),
            server_public_key: self.setup.keypair().public().serialize().as_slice().try_into().expect("32"),
            suites: vec![SuiteId::ONE],
            registration: RegistrationMode::Open,
            passphrases_since: self.passphrases_since,
            time: Timestamp(self.time),
        })
    }

    fn foreign(&self, asked: &VaultId) -> Result<(), Box<Problem>> {
        if asked.as_str() == self.vault_id {
            return Ok(());
        }
        Err(Box::new(Problem {
            vault_id: Some(self.vault_id()),
            ..Problem::new(ProblemCode::ForeignVault, "foreign")
        }))
    }

    fn evaluate(&self, name_hash: &NameHash, blinded: &[u8]) -> VaultResponse {
        let request = RegistrationRequest::deserialize(blinded).expect("a request");
        let response = ServerRegistration::start(&self.setup, request, &name_hash.0).expect("evaluates");
        ok(&registration::StartResponse {
            registration_response: response.message.serialize().as_slice().try_into().expect("64"),
            token: name_hash.0.to_vec(),
        })
    }

    fn registration_start(&mut self, request: &Request) -> VaultResponse {
        let body: registration::StartRequest = read(request);
        self.foreign(&body.vault_id)?;
        self.evaluate(&body.name_hash, &body.registration_request)
    }

    fn registration_finish(&mut self, request: &Request) -> VaultResponse {
        let body: registration::FinishRequest = read(request);
        match &self.account {
            Some(account) if account.request.operation != body.operation => {
                return refuse(ProblemCode::NameTaken);
            }
            _ => {}
        }
        let name_hash = NameHash(body.token.clone().try_into().expect("32"));
        let account_id = body.account_id;
        let generation = Generation::FIRST;
        self.account = Some(Account {
            name_hash: Some(name_hash),
            request: body,
            generation,
            snapshots: Vec::new(),
            devices: Vec::new(),
            lists: Vec::new(),
        });
        ok(&registration::FinishResponse { account_id, time: Timestamp(self.time) })
    }

    fn login_start(&mut self, request: &Request) -> VaultResponse {
        let body: login::StartRequest = read(request);
        self.foreign(&body.vault_id)?;
        let known = self.account.as_ref().filter(|account| account.name_hash == Some(body.name_hash));
        let record = known.map(|account| {
            let record = &account.request.registration_record;
            ServerRegistration::finish(RegistrationUpload::deserialize(record).expect("a record"))
        });
        let context = opaque::context(SuiteId::ONE, &body.vault_id, &body.name_hash);
        let parameters = ServerLoginParameters { context: Some(&context), ..Default::default() };
        let ke1 = CredentialRequest::deserialize(&body.ke1).expect("KE1");
        let started =
            ServerLogin::start(&mut self.rng, &self.setup, record, ke1, &body.name_hash.0, parameters)
                .expect("starts");
        let token = Digest::of(&request.body).0.to_vec();
        self.logins.insert(token.clone(), (body.name_hash, started.state));
        ok(&login::StartResponse {
            suite: SuiteId::ONE,
            ke2: started.message.serialize().as_slice().try_into().expect("320"),
            token,
            budget: Budget { remaining: 3, next_wait: 0 },
            quorum_slots: [0; 512],
        })
    }

    fn login_finish(&mut self, request: &Request, authority: &str) -> VaultResponse {
        let body: login::FinishRequest = read(request);
        self.check_signature(request, authority, &body.request_key)?;
        let Some((name_hash, state)) = self.logins.get(&body.token).cloned() else {
            return refuse(ProblemCode::LoginExpired);
        };
        let ke3 = CredentialFinalization::deserialize(&body.ke3).expect("KE3");
        let Ok(finished) = state.finish(ke3, ServerLoginParameters::default()) else {
            return refuse(ProblemCode::LoginRefused);
        };
        let key = crate::keys::SessionKey::from_bytes(finished.session_key.as_ref()).login_mac_key();
        let (name, mac) = crate::request_signing::login_mac(&key, &name_hash, &body, &request.body);
        if header(request, name) != Some(&mac) {
            return refuse(ProblemCode::LoginRefused);
        }
        let keyslot = self.account.as_ref().map(|account| account.request.passphrase_keyslot.clone());
        self.begin_session(body.request_key, keyslot.expect("an account"))
    }

    fn recovery(&mut self, request: &Request, authority: &str) -> VaultResponse {
        let body: RecoveryRequest = read(request);
        let methods = self.account.iter().flat_map(|account| &account.request.recovery_methods);
        let Some(method) = methods.into_iter().find(|method| method.locator == body.locator).cloned() else {
            return refuse(ProblemCode::RecoveryRefused);
        };
        self.check_signature(request, authority, &method.login_public_key)?;
        self.begin_session(body.request_key, method.keyslot)
    }

    fn begin_session(&mut self, request_key: [u8; 32], keyslot: Vec<u8>) -> VaultResponse {
        let token = request_key.iter().rev().copied().collect::<Vec<u8>>();
        self.sessions.insert(rootcellar_spec::base64url::encode(&token), request_key);
        let account = self.account.as_ref().expect("an account");
        let newest = account.snapshots.last();
        let answer = LoginResponse {
            account_id: account.request.account_id,
            suite: SuiteId::ONE,
            suites: vec![SuiteId::ONE],
            generation: account.generation,
            keyslot,
            session: login::Session {
                token,
                expires_at: Timestamp(self.time + 900),
                permission: Permission::Manage,
            },
            named: account.name_hash.is_some(),
            head: newest.map(|(head, _)| head.clone()),
            device_list: account.lists.last().cloned(),
            failed_attempts: 0,
            time: Timestamp(self.time),
        };
        two_parts(&answer, newest.map(|(_, bytes)| bytes.as_slice()))
    }

    fn check_signature(
        &self,
        request: &Request,
        authority: &str,
        key: &[u8; 32],
    ) -> Result<(), Box<Problem>> {
        let session = header(request, SESSION_HEADER);
        let invalid = || Box::new(Problem::new(ProblemCode::SignatureInvalid, "invalid"));
        let parameters = header(request, INPUT_HEADER)
            .and_then(|input| Parameters::parse(input, session.is_some()))
            .filter(|parameters| parameters.key == *key)
            .ok_or_else(invalid)?;
        if parameters.created.distance(Timestamp(self.time)) > 300 {
            return refuse(ProblemCode::ClockSkew);
        }
        let signature = header(request, SIGNATURE_HEADER).and_then(parse_signature).ok_or_else(invalid)?;
        let content_digest = content_digest::of(&request.body);
        let covered = Covered {
            method: request.method.as_str(),
            authority,
            path: &request.path,
            query: "",
            content_digest: &content_digest,
            session,
        };
        VerifyingKey::from_bytes(key)
            .and_then(|key| {
                let base = covered.signature_base(&parameters);
                key.verify_strict(base.as_bytes(), &Signature::from_bytes(&signature))
            })
            .map_err(|_| invalid())
    }
}

/// The record of a snapshot; whoever calls it with altered bytes lies consistently.
pub(super) fn head_record(account: AccountId, bytes: &[u8], created_at: Timestamp) -> Head {
    let header = Layout::parse(bytes).expect("a snapshot").header;
    assert_eq!(header.account, account);
    Head {
        number: header.number,
        operation: header.operation,
        digest: Digest::of(bytes),
        generation: header.generation,
        size: bytes.len() as u64,
        created_at,
    }
}
