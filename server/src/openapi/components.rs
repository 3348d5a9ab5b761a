//! Shared parts of the description: schemas, refusals, headers, and the four signature headers as
//! security schemes.

use super::problems;
use crate::middleware::REQUEST_ID;
use rootcellar_spec::labels::SIGNATURE_TAG;
use rootcellar_spec::wire::{account, devices, history, login, pairing, recovery, registration, vault};
use rootcellar_spec::{Problem, content_digest, request_signature as signature};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{Components, ComponentsBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};

pub(super) const SIGNATURE_INPUT: &str = "signatureInput";
pub(super) const SIGNATURE: &str = "signature";
pub(super) const CONTENT_DIGEST: &str = "contentDigest";
pub(super) const SESSION: &str = "session";

pub(super) fn all(routes: &[super::Route]) -> Components {
    let mut components = ComponentsBuilder::new().schemas_from_iter(schemas());
    for (name, header, description) in security() {
        let key = ApiKeyValue::with_description(header, &description);
        components = components.security_scheme(name, SecurityScheme::ApiKey(ApiKey::Header(key)));
    }
    for operation in routes.iter().map(|(_, _, described)| described()) {
        for codes in problems::by_status(&operation.codes, operation.limited).values() {
            components = components.response(problems::name(codes), problems::response(codes));
        }
    }
    components.header(REQUEST_ID.as_str(), request_id()).build()
}

type Schemas = Vec<(String, RefOr<Schema>)>;

/// The bodies of requests and responses, with all types in them.
fn schemas() -> Schemas {
    let mut all = Schemas::new();
    add::<vault::Vault>(&mut all);
    add::<login::StartRequest>(&mut all);
    add::<login::StartResponse>(&mut all);
    add::<login::FinishRequest>(&mut all);
    add::<login::LoginResponse>(&mut all);
    add::<recovery::RecoveryRequest>(&mut all);
    add::<registration::StartRequest>(&mut all);
    add::<registration::StartResponse>(&mut all);
    add::<registration::FinishRequest>(&mut all);
    add::<registration::FinishResponse>(&mut all);
    add::<registration::PassphraseStartRequest>(&mut all);
    add::<registration::PassphraseFinishRequest>(&mut all);
    add::<registration::PassphraseFinishResponse>(&mut all);
    add::<account::Account>(&mut all);
    add::<account::SnapshotResponse>(&mut all);
    add::<account::DeleteRequest>(&mut all);
    add::<account::DeleteResponse>(&mut all);
    add::<history::History>(&mut all);
    add::<devices::DeviceResponse>(&mut all);
    add::<devices::RestoreRequest>(&mut all);
    add::<devices::DevicesResponse>(&mut all);
    add::<devices::DevicesRequest>(&mut all);
    add::<pairing::OpenRequest>(&mut all);
    add::<pairing::OpenResponse>(&mut all);
    add::<pairing::ReadRequest>(&mut all);
    add::<pairing::ReadResponse>(&mut all);
    add::<pairing::ReplyRequest>(&mut all);
    add::<pairing::ReplyResponse>(&mut all);
    add::<devices::RecoveryCodeRequest>(&mut all);
    add::<devices::ChangeResponse>(&mut all);
    add::<devices::RekeyRequest>(&mut all);
    add::<devices::RekeyResponse>(&mut all);
    add::<Problem>(&mut all);
    all
}

fn add<T: ToSchema>(all: &mut Schemas) {
    all.push((T::name().into_owned(), T::schema()));
    T::schemas(all);
}

/// Name of the scheme, name of the header, and description.
fn security() -> [(&'static str, &'static str, String); 4] {
    let input = format!(
        "RFC 9421 with the profile of protocol section 14, byte for byte: label `rc`; components `@method`, \
         `@authority`, `@path`, `@query`, `content-digest`, and `rootcellar-session` if and only if that header is sent; \
         parameters `created` (at most 300 seconds from the vault's clock), `nonce` (16 random bytes), `keyid` (the \
         Ed25519 public key), `tag=\"{SIGNATURE_TAG}\"`. For example `rc=(\"@method\" \"@authority\" \"@path\" \
         \"@query\" \"content-digest\");created=1750000000;nonce=\"7u7u7u7u7u7u7u7u7u7u7g\";\
         keyid=\"6NpjpAymh8h8_OBcskp4bH51zEnHDbVXPwJvHGqGzqo\";tag=\"{SIGNATURE_TAG}\"`."
    );
    let value = "The Ed25519 signature over the signature base of RFC 9421 section 2.5: `rc=:…:` with 64 bytes in base64 \
                 with padding.";
    let digest = "RFC 9530 with only `sha-256`, also for an empty body: `sha-256=:…:` with 32 bytes in base64 with padding.";
    let session = "The session's token from the login response, or `device.` and base64url of account ID and device ID of an \
                   enrolled device. It is useless without the request key of the session or device, which signs the request.";
    [
        (SIGNATURE_INPUT, signature::INPUT_HEADER, input),
        (SIGNATURE, signature::SIGNATURE_HEADER, value.to_owned()),
        (CONTENT_DIGEST, content_digest::HEADER, digest.to_owned()),
        (SESSION, signature::SESSION_HEADER, session.to_owned()),
    ]
}

fn request_id() -> utoipa::openapi::Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .description(Some("The ID of this request in the vault's log."))
        .build()
}
