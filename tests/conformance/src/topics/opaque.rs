//! OPAQUE as this protocol uses it: registrations and logins of fixed randomness (protocol.md section 12).

use crate::Topic;
use crate::case::{array, bytes, expect, hex, text};
use crate::seeded::Seeded;
use anyhow::Result;
use opaque_ke::rand::{CryptoRng, Error, RngCore};
use opaque_ke::{
    CipherSuite, CredentialRequest, RegistrationRequest, RegistrationUpload, Ristretto255, ServerLogin,
    ServerLoginParameters, ServerRegistration, ServerSetup, TripleDh,
};
use rootcellar_client::Randomness;
use rootcellar_client::ksf::Argon2id;
use rootcellar_client::opaque::{LoginStarted, OpaqueError, RegistrationStarted, context};
use rootcellar_client::text::{AccountName, Passphrase};
use rootcellar_spec::{NameHash, SuiteId, VaultId};
use serde_json::{Value, json};

pub(super) const REGISTRATION: Topic =
    Topic { name: "opaque-registration", generate: registrations, check: check_registration };
pub(super) const LOGIN: Topic = Topic { name: "opaque-login", generate: logins, check: check_login };

const PASSPHRASE: &str = "umbrella carpet violin meadow";
const VAULT_ID: &str = "vault.example.org";

/// The suite's configuration, on the vault's side.
struct Suite;

impl CipherSuite for Suite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, sha2_010::Sha512>;
    type Ksf = Argon2id;
}

impl RngCore for Seeded {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes(self.bytes())
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes(self.bytes())
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        self.fill(out);
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Error> {
        self.fill(out);
        Ok(())
    }
}

impl CryptoRng for Seeded {}

/// Gives what a vector says was drawn, in the order in which this client draws.
struct Drawn(Vec<u8>);

impl Randomness for Drawn {
    fn fill(&mut self, out: &mut [u8]) {
        let drawn: Vec<u8> = self.0.drain(..out.len()).collect();
        out.copy_from_slice(&drawn);
    }
}

/// A scalar as this client draws one: 64 bytes, which are reduced.
fn scalar(vector: &Value) -> Result<Vec<u8>> {
    Ok([&array::<32>(vector, "blind")?[..], &[0; 32]].concat())
}

fn passphrase(vector: &Value) -> Result<Passphrase> {
    Ok(Passphrase::parse(text(vector, "passphrase")?)?)
}

/// A vault with one account.
struct Vault {
    setup: ServerSetup<Suite>,
    record: Option<ServerRegistration<Suite>>,
    seeded: Seeded,
}

fn result_of<T>(outcome: &Result<T, OpaqueError>) -> &'static str {
    match outcome {
        Ok(_) => "valid",
        Err(OpaqueError::Malformed) => "malformed",
        Err(_) => "authentication",
    }
}

/// Below the group's order, as every scalar: its highest bits are zero.
fn fixed_scalar(seeded: &mut Seeded) -> [u8; 32] {
    let mut scalar: [u8; 32] = seeded.bytes();
    scalar[31] &= 0x0f;
    scalar
}

fn registration_base(vault: &mut Vault) -> Value {
    let vector = json!({
        "passphrase": PASSPHRASE, "blind": hex(fixed_scalar(&mut vault.seeded)),
        "envelope_nonce": hex(vault.seeded.bytes::<32>()),
    });
    let state = start_registration(&vector).expect("the generator's vectors are whole");
    let request = RegistrationRequest::<Suite>::deserialize(state.request()).expect("the client's own");
    let started = ServerRegistration::<Suite>::start(&vault.setup, request, b"alice").expect("an element");
    let mut vector = vector;
    vector["response"] = hex(started.message.serialize()).into();
    vector
}

fn start_registration(vector: &Value) -> Result<RegistrationStarted> {
    Ok(RegistrationStarted::start(&passphrase(vector)?, &mut Drawn(scalar(vector)?)))
}

fn describe_registration(vector: &mut Value) -> Result<()> {
    let state = start_registration(vector)?;
    let request = *state.request();
    let mut drawn = Drawn(bytes(vector, "envelope_nonce")?);
    let ksf = Argon2id::default();
    let outcome = state.finish(&passphrase(vector)?, &array(vector, "response")?, &ksf, &mut drawn);
    vector["result"] = result_of(&outcome).into();
    if let Ok(finished) = outcome {
        vector["request"] = hex(request).into();
        vector["record"] = hex(finished.record).into();
        vector["export_key"] = hex(finished.export_key.expose()).into();
        vector["server_public_key"] = hex(finished.server_public_key).into();
    }
    Ok(())
}

fn vault() -> Vault {
    let mut seeded = Seeded::new("opaque");
    let setup = ServerSetup::<Suite>::new(&mut seeded);
    Vault { setup, record: None, seeded }
}

/// A vault in which `base` was registered.
fn registered() -> (Vault, Value) {
    let mut vault = vault();
    let mut base = registration_base(&mut vault);
    describe_registration(&mut base).expect("the generator's vectors are whole");
    let record = RegistrationUpload::<Suite>::deserialize(&bytes(&base, "record").expect("a record"));
    vault.record = Some(ServerRegistration::finish(record.expect("the client's own")));
    (vault, base)
}

fn registrations() -> Vec<(String, Value)> {
    let (_, base) = registered();
    let response = bytes(&base, "response").expect("a response");
    let with = |at: usize, part: [u8; 32]| {
        let mut changed = response.clone();
        changed[at..at + 32].copy_from_slice(&part);
        json!({ "response": hex(changed) })
    };
    let beyond = [&[0xed][..], &[0xff; 30], &[0x7f]].concat().try_into().expect("32 bytes");
    [
        ("plain", json!({})),
        ("another-passphrase", json!({ "passphrase": " Umbrella carpet violin meadow " })),
        ("passphrase-that-is-normalised", json!({ "passphrase": "\u{fb01}ve gru\u{308}ne wiesen" })),
        ("evaluation-is-the-identity", with(0, [0; 32])),
        ("evaluation-is-no-element", with(0, [1; 32])),
        ("evaluation-is-beyond-the-field", with(0, beyond)),
        ("evaluation-is-not-canonical", with(0, small_element(0xf1, 0xff, 0x7f))),
        ("evaluation-has-its-highest-bit-set", with(0, small_element(0x04, 0x00, 0x80))),
        ("server-key-is-the-identity", with(32, [0; 32])),
        ("server-key-is-no-element", with(32, [0xff; 32])),
    ]
    .into_iter()
    .map(|(name, changes)| {
        let mut vector = inputs(&base, &["passphrase", "blind", "envelope_nonce", "response"], &changes);
        describe_registration(&mut vector).expect("the generator's vectors are whole");
        (name.to_owned(), vector)
    })
    .collect()
}

/// The element that 4 encodes, written in another way.
fn small_element(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    (bytes[0], bytes[31]) = (first, last);
    bytes
}

fn inputs(base: &Value, names: &[&str], changes: &Value) -> Value {
    let mut vector = json!({});
    for name in names {
        vector[*name] = changes.get(name).unwrap_or(&base[*name]).clone();
    }
    vector
}

fn login_base(vault: &mut Vault, known: bool) -> Value {
    let vault_id: VaultId = VAULT_ID.to_owned().try_into().expect("a vault ID");
    let name_hash = AccountName::parse("alice").expect("a name").hash(&vault_id);
    let vector = json!({
        "passphrase": PASSPHRASE, "vault_id": VAULT_ID, "name_hash": hex(name_hash.0),
        "blind": hex(fixed_scalar(&mut vault.seeded)), "client_keyshare_seed": hex(vault.seeded.bytes::<32>()),
        "client_nonce": hex(vault.seeded.bytes::<32>()),
    });
    let ke1 = *start_login(&vector).expect("the generator's vectors are whole").ke1();
    let request = CredentialRequest::<Suite>::deserialize(&ke1).expect("the client's own");
    let context = context(SuiteId::ONE, &vault_id, &name_hash);
    let parameters = ServerLoginParameters { context: Some(&context), ..Default::default() };
    let record = vault.record.clone().filter(|_| known);
    let started = ServerLogin::start(&mut vault.seeded, &vault.setup, record, request, b"alice", parameters);
    let mut vector = vector;
    vector["ke2"] = hex(started.expect("answers").message.serialize()).into();
    vector
}

fn start_login(vector: &Value) -> Result<LoginStarted> {
    let drawn = [scalar(vector)?, bytes(vector, "client_keyshare_seed")?, bytes(vector, "client_nonce")?];
    Ok(LoginStarted::start(&passphrase(vector)?, &mut Drawn(drawn.concat())))
}

fn describe_login(vector: &mut Value) -> Result<()> {
    let vault_id: VaultId = text(vector, "vault_id")?.to_owned().try_into()?;
    let context = context(SuiteId::ONE, &vault_id, &NameHash(array(vector, "name_hash")?));
    let state = start_login(vector)?;
    let ke1 = *state.ke1();
    let ksf = Argon2id::default();
    let ke2 = array(vector, "ke2")?;
    let outcome = state.finish(&passphrase(vector)?, &ke2, &context, &ksf, &mut Drawn(Vec::new()));
    vector["result"] = result_of(&outcome).into();
    if let Ok(finished) = outcome {
        vector["ke1"] = hex(ke1).into();
        vector["ke3"] = hex(finished.ke3).into();
        vector["export_key"] = hex(finished.export_key.expose()).into();
        vector["session_key"] = hex(finished.session_key.expose()).into();
        vector["server_public_key"] = hex(finished.server_public_key).into();
    }
    Ok(())
}

fn logins() -> Vec<(String, Value)> {
    let (mut vault, _) = registered();
    let base = login_base(&mut vault, true);
    let stranger = login_base(&mut vault, false);
    let ke2 = bytes(&base, "ke2").expect("KE2");
    let flipped = |at: usize| {
        let mut changed = ke2.clone();
        changed[at] ^= 1;
        json!({ "ke2": hex(changed) })
    };
    let replaced = |at: usize| {
        let mut changed = ke2.clone();
        changed[at..at + 32].copy_from_slice(&[0; 32]);
        json!({ "ke2": hex(changed) })
    };
    let mut other_share = ke2.clone();
    // Another element: what the vault evaluated.
    other_share.copy_within(0..32, 224);
    [
        ("plain", &base, json!({})),
        ("unknown-account", &stranger, json!({})),
        ("wrong-passphrase", &base, json!({ "passphrase": "umbrella carpet violin meadows" })),
        ("another-vault-id", &base, json!({ "vault_id": "vault.example.com" })),
        ("another-name", &base, json!({ "name_hash": hex([7; 32]) })),
        ("another-blind", &base, json!({ "blind": hex([7; 32]) })),
        ("another-client-nonce", &base, json!({ "client_nonce": hex([7; 32]) })),
        ("another-client-keyshare", &base, json!({ "client_keyshare_seed": hex([7; 32]) })),
        ("changed-masking-nonce", &base, flipped(32)),
        ("changed-masked-server-key", &base, flipped(64)),
        ("changed-masked-envelope-nonce", &base, flipped(96)),
        ("changed-masked-envelope-tag", &base, flipped(128)),
        ("changed-server-nonce", &base, flipped(192)),
        ("changed-server-mac", &base, flipped(319)),
        ("another-server-keyshare", &base, json!({ "ke2": hex(other_share) })),
        ("evaluation-is-the-identity", &base, replaced(0)),
        ("server-keyshare-is-the-identity", &base, replaced(224)),
    ]
    .into_iter()
    .map(|(name, base, changes)| {
        let names =
            ["passphrase", "vault_id", "name_hash", "blind", "client_nonce", "client_keyshare_seed", "ke2"];
        let mut vector = inputs(base, &names, &changes);
        describe_login(&mut vector).expect("the generator's vectors are whole");
        (name.to_owned(), vector)
    })
    .collect()
}

fn check_registration(vector: &Value) -> Result<()> {
    let mut found = vector.clone();
    describe_registration(&mut found)?;
    let fields = ["result", "request", "record", "export_key", "server_public_key"];
    fields.into_iter().try_for_each(|field| expect(vector, field, found[field].clone()))
}

fn check_login(vector: &Value) -> Result<()> {
    let mut found = vector.clone();
    describe_login(&mut found)?;
    let fields = ["result", "ke1", "ke3", "export_key", "session_key", "server_public_key"];
    fields.into_iter().try_for_each(|field| expect(vector, field, found[field].clone()))
}
